package kinesistest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/kinecast/kinecast/kinesistest"
)

// impatient is the default retryer without its pauses.
func impatient() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

// became says what the SDK made of a call, with the Go type that a caller can ask for.
func became(out *kinesis.PutRecordsOutput, err error) string {
	var canceled *smithy.CanceledError
	var generic *smithy.GenericAPIError
	var api smithy.APIError
	var undecoded *smithy.DeserializationError
	var send *smithyhttp.RequestSendError
	var response *awshttp.ResponseError
	is := ""
	switch {
	case err == nil && out.FailedRecordCount == nil:
		return fmt.Sprintf("%d results, no count", len(out.Records))
	case err == nil:
		return fmt.Sprintf("%d results", len(out.Records))
	case errors.As(err, &canceled):
		is = "canceled"
	case errors.As(err, &generic):
		is = "generic " + generic.Code
	case errors.As(err, &api):
		is = strings.TrimPrefix(fmt.Sprintf("%T", api), "*types.")
	case errors.As(err, &undecoded):
		is = "not decoded"
	case errors.As(err, &send):
		is = "not sent"
	}
	if errors.As(err, &response) && response.HTTPStatusCode() > 0 {
		is += fmt.Sprint(", HTTP ", response.HTTPStatusCode())
	}
	if errors.Is(err, context.DeadlineExceeded) {
		is += ", deadline exceeded"
	}
	return is
}

// What the SDK for Go makes of each fault, and whether its default retryer, of three attempts, tries again. It was measured
// against servers that we did not write, and every line has to be true of this one.
func TestWhatTheSDKMakesOfFaults(t *testing.T) {
	refusal := func(status int, code string) kinesistest.Fault { return kinesistest.CallError(status, code, "m") }
	const answer = `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s","ErrorCode":null,"New":{"x":[1]}}],"EncryptionType":null}`
	for _, tc := range []struct {
		do       kinesistest.Fault
		became   string
		attempts int
	}{
		{refusal(400, "ProvisionedThroughputExceededException"), "ProvisionedThroughputExceededException, HTTP 400", 3},
		{refusal(400, "LimitExceededException"), "LimitExceededException, HTTP 400", 3},
		{refusal(400, "ThrottlingException"), "generic ThrottlingException, HTTP 400", 3},
		{refusal(429, "TooManyRequestsException"), "generic TooManyRequestsException, HTTP 429", 3},
		{refusal(400, "KMSThrottlingException"), "KMSThrottlingException, HTTP 400", 1},
		{kinesistest.ExpiredCredentials(), "generic ExpiredTokenException, HTTP 400", 1},
		{refusal(400, "InvalidSignatureException"), "generic InvalidSignatureException, HTTP 400", 1},
		{refusal(400, "UnrecognizedClientException"), "generic UnrecognizedClientException, HTTP 400", 1},
		{refusal(400, "ResourceNotFoundException"), "ResourceNotFoundException, HTTP 400", 1},
		{refusal(400, "DryRunOperationException"), "DryRunOperationException, HTTP 400", 1},

		{refusal(500, "InternalFailureException"), "InternalFailureException, HTTP 500", 3},
		{refusal(500, "InternalFailure"), "generic InternalFailure, HTTP 500", 3},
		{refusal(503, "ServiceUnavailable"), "generic ServiceUnavailable, HTTP 503", 3},
		{kinesistest.Answer(500, ""), "generic UnknownError, HTTP 500", 3},
		{kinesistest.Answer(504, ""), "generic UnknownError, HTTP 504", 3},
		{kinesistest.HTML(502), "not decoded, HTTP 502", 3},
		{kinesistest.HTML(503), "not decoded, HTTP 503", 3},
		{kinesistest.Answer(413, ""), "generic UnknownError, HTTP 413", 1},
		{kinesistest.Answer(400, ""), "generic UnknownError, HTTP 400", 1},
		{kinesistest.HTML(404), "not decoded, HTTP 404", 1},

		{kinesistest.EmptyOK(), "0 results, no count", 1},
		{kinesistest.Answer(200, "{}"), "0 results, no count", 1},
		{kinesistest.Answer(200, answer), "1 results", 1},
		{kinesistest.Answer(200, answer[:30]), "not decoded, HTTP 200", 1},
		{kinesistest.HTML(200), "not decoded, HTTP 200", 1},
		{kinesistest.TooFew(0), "0 results", 1},
		{kinesistest.TooMany(1), "2 results", 1},

		{kinesistest.Lose(kinesistest.HalfBody), "not decoded, HTTP 200", 1},
		{kinesistest.Lose(kinesistest.HalfBodyReset), "not decoded, HTTP 200", 3},
		{kinesistest.Lose(kinesistest.Close), "not sent", 3},
		{kinesistest.Lose(kinesistest.Reset), "not sent", 3},
		{kinesistest.Refuse(), "not sent", 3},
		{kinesistest.Lose(kinesistest.Hang), "canceled, deadline exceeded", 1},
	} {
		t.Run(tc.do.String(), func(t *testing.T) {
			attempts := 0
			ctx, expire := newOverdue()
			s := kinesistest.New(t, kinesistest.Stream("a", 1))
			c := sdkClient(s, "AKID", func(o *kinesis.Options) {
				inner := o.HTTPClient
				o.Retryer = impatient()
				o.HTTPClient = doFunc(func(r *http.Request) (*http.Response, error) {
					attempts++
					if strings.HasPrefix(tc.became, "canceled") {
						time.AfterFunc(50*time.Millisecond, expire)
					}
					return inner.Do(r)
				})
			})
			s.Inject(kinesistest.Rule{Do: tc.do})
			if got := became(c.PutRecords(ctx, put("a", "k"))); got != tc.became || attempts != tc.attempts {
				t.Errorf("%s, %d attempts; want %s, %d", got, attempts, tc.became, tc.attempts)
			}
		})
	}
}

// A timeout of the caller's http.Client is tried again, unlike the end of his context; and who leaves retries to the SDK puts
// twice what was stored before the answer was lost, without a word.
func TestRetriesOfTheSDK(t *testing.T) {
	for _, tc := range []struct {
		how    kinesistest.Loss
		became string
		stored int
	}{
		{kinesistest.Close, "1 results", 2},
		{kinesistest.Reset, "1 results", 2},
		{kinesistest.HalfBodyReset, "1 results", 2},
		{kinesistest.HalfBody, "not decoded, HTTP 200", 1},
		{kinesistest.Hang, "1 results", 2},
	} {
		s := kinesistest.New(t, kinesistest.Stream("a", 1))
		s.Inject(kinesistest.Rule{Nth: 1, Do: kinesistest.Store().Then(kinesistest.Lose(tc.how))})
		transport := &http.Transport{}
		timeout := time.Duration(0)
		if tc.how == kinesistest.Hang {
			timeout = 2 * time.Second // also of the attempt that is to succeed
		}
		c := sdkClient(s, "AKID", func(o *kinesis.Options) {
			o.Retryer, o.HTTPClient = impatient(), &http.Client{Transport: transport, Timeout: timeout}
		})
		if got, n := became(c.PutRecords(context.Background(), put("a", "k"))), stored(s, "a"); got != tc.became || n != tc.stored {
			t.Errorf("%s: %s, %d stored; want %s, %d", tc.how, got, n, tc.became, tc.stored)
		}
		for i, call := range s.Calls() {
			if call.Attempt != i+1 {
				t.Errorf("%s: call %d is attempt %d in the log", tc.how, i+1, call.Attempt)
			}
		}
		transport.CloseIdleConnections()
	}
	s := kinesistest.New(t, kinesistest.Stream("a", 1))
	s.Inject(kinesistest.Rule{Do: kinesistest.Refuse()})
	if _, err := s.Client().PutRecords(context.Background(), put("a", "k")); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("error %v", err)
	}
}
