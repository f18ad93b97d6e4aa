package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// callTimeout ends a call of ours, its retries included, so that a server which accepts connections and says nothing
// does not hang the run.
const callTimeout = 20 * time.Second

// call makes one SDK call within callTimeout.
func call[In, Out any](
	ctx context.Context, f func(context.Context, *In, ...func(*kinesis.Options)) (*Out, error), in *In,
) (*Out, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return f(ctx, in)
}

// errNotKinesis is a well-formed answer that Kinesis would not give.
type errNotKinesis string

func (e errNotKinesis) Error() string { return string(e) }

// explain puts into words what to do about an error of a call to the server, which it names as where. Errors that
// speak for themselves stay as they are.
func explain(err error, where string, o options) error {
	var (
		api      smithy.APIError
		notFound *types.ResourceNotFoundException
		decode   *smithy.DeserializationError
		answer   *smithyhttp.ResponseError
		dial     *net.OpError
		odd      errNotKinesis
	)
	switch {
	case errors.Is(err, context.Canceled): // only before the first Put is a signal an error
		return errors.New("interrupted: nothing was sent")
	case errors.As(err, &notFound):
		return fmt.Errorf("stream %s does not exist on %s: -create makes it, with -shards N\n(%w)", o.stream, where, err)
	case errors.As(err, &api) && credentialCodes[api.ErrorCode()]:
		return fmt.Errorf("%s refused the credentials: %s\n(%w)", where, o.credentialsHint(), err)
	case errors.As(err, &dial) && dial.Op == "dial":
		return fmt.Errorf("nobody answers at %s: is the server running, and is that its address?\n(%w)", where, err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s did not answer in time\n(%w)", where, err)
	case errors.As(err, &odd), errors.As(err, &decode), errors.As(err, &answer) && noKinesisError(err):
		return fmt.Errorf("%s answered, but not as Kinesis does: is that the right address?\n(%w)", where, err)
	}
	return err
}

// noKinesisError reports whether an answer carried no error of the service: its code is what the SDK puts where it found
// none.
func noKinesisError(err error) bool {
	var api smithy.APIError
	return !errors.As(err, &api) || api.ErrorCode() == "UnknownError"
}

// credentialCodes are the service's codes for who you are and what you may do: Common Errors of the Kinesis API
// reference.
var credentialCodes = map[string]bool{
	"AccessDeniedException":       true,
	"ExpiredTokenException":       true,
	"IncompleteSignature":         true,
	"InvalidClientTokenId":        true,
	"InvalidSignatureException":   true,
	"MissingAuthenticationToken":  true,
	"NotAuthorized":               true,
	"OptInRequired":               true,
	"UnrecognizedClientException": true,
}

func (o options) credentialsHint() string {
	if o.aws {
		return "look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; " + exportHint
	}
	return "with -endpoint the dummy access key " + dummyKey + " is sent, which the server has to accept"
}
