package wire

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// judge turns the error of a call into a failure. The first of these that holds names it: the service's code, the end of
// time, an answer that is not Kinesis', the station where the call got stuck, the kind of network error.
func (t *transit) judge(ctx context.Context, err error) *Failure {
	resp := response(err)
	f := &Failure{Status: resp.status, RequestID: resp.requestID, Sent: t.sent(err), Err: withoutExchange(err)}
	var service smithy.APIError
	if errors.As(err, &service) && hasCode(service) {
		f.Code, f.Message = service.ErrorCode(), clean(cmp.Or(service.ErrorMessage(), "the service gave no reason"))
		if refusal(service, f.Status) {
			f.Sent = false
		}
		return f
	}
	switch code := timeCode(ctx, err); {
	case code != "":
		f.Code = code
	case f.Status != 0:
		f.Code, f.Message = CodeBadAnswer, clean(resp.complaint(service, f.Err))
		return f
	case t.inside.Load() && !t.departed.Load():
		f.Code = t.stuckAt()
	default:
		f.Code = kind(err)
	}
	f.Message = clean(meaning[f.Code] + ": " + f.Err.Error())
	return f
}

// stuckAt is the code of a call that failed inside the SDK before it used the network.
func (t *transit) stuckAt() string {
	if code := t.step.Load(); code != nil {
		return *code
	}
	return CodeClient
}

// refusal says that the service looked at the call and declined it. Clients that speak no HTTP have no status; there the
// error's own verdict on whose fault it is counts.
func refusal(service smithy.APIError, status int) bool {
	if status == 0 {
		return service.ErrorFault() == smithy.FaultClient
	}
	return 400 <= status && status < 500
}

// unknownCode is the SDK's stand-in for an answer without a code. As evidence it is worth nothing.
const unknownCode = "UnknownError"

var codeForm = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,128}$`)

func wellFormedCode(code string) bool { return codeForm.MatchString(code) }

func hasCode(service smithy.APIError) bool {
	return service.ErrorCode() != unknownCode && wellFormedCode(service.ErrorCode())
}

// answer is what we look at of an HTTP response that came with an error.
type answer struct {
	status    int
	requestID string
	mediaType string // "" if the header is missing or malformed
}

func response(err error) answer {
	var exchange *smithyhttp.ResponseError
	if !errors.As(err, &exchange) || exchange.Response == nil || exchange.Response.Response == nil {
		return answer{}
	}
	a := answer{status: exchange.HTTPStatusCode()}
	a.mediaType, _, _ = mime.ParseMediaType(exchange.Response.Header.Get("Content-Type"))
	var aws *awshttp.ResponseError
	if errors.As(err, &aws) && wellFormedCode(aws.RequestID) {
		a.requestID = aws.RequestID
	}
	return a
}

// complaint says what is wrong with an answer that has a status but neither a result nor a code.
func (a answer) complaint(service smithy.APIError, cause error) string {
	text := fmt.Sprintf("HTTP %d %s", a.status, http.StatusText(a.status))
	switch {
	case a.mediaType == "text/html":
		return text + " with an HTML page instead of Kinesis' JSON; is a proxy or another server answering?"
	case service == nil:
		return text + ", but the body is not a complete answer of Kinesis: " + cause.Error()
	case service.ErrorMessage() == unknownCode || service.ErrorMessage() == "":
		return text + " without the name of an error"
	}
	return text + " without the name of an error: " + service.ErrorMessage()
}

// withoutExchange cuts the layers off that hold the HTTP request and response: the one has the signed headers, the other's
// text may be a web page, and neither should live as long as the error.
func withoutExchange(err error) error {
	var exchange *smithyhttp.ResponseError
	if errors.As(err, &exchange) && exchange.Err != nil {
		err = exchange.Err
	}
	var broken *smithy.DeserializationError
	if errors.As(err, &broken) && broken.Err != nil {
		err = broken.Err
	}
	if unnamed, ok := errors.AsType[*smithy.GenericAPIError](err); ok {
		return &smithy.GenericAPIError{Code: unnamed.Code, Message: clean(unnamed.Message), Fault: unnamed.Fault}
	}
	return err
}
