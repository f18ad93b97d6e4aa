package wire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// fixedSigner signs as the SDK does, but at a fixed time and without what is random in a request.
type fixedSigner struct {
	*v4.Signer
	payload *string // hash that it was given
}

func (s fixedSigner) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, payload, service, region string, _ time.Time, o ...func(*v4.SignerOptions)) error {
	r.Header.Set("Amz-Sdk-Invocation-Id", "fixed")
	*s.payload = payload
	return s.Signer.SignHTTP(ctx, c, r, payload, service, region, time.Unix(1.7e9, 0), o...)
}

// signed makes a call, by us or by the SDK alone, and returns what was sent beside the body.
func signed(t *testing.T, ours bool, change ...func(*kinesis.Options)) (header http.Header, payload, body string) {
	keep := func(o *kinesis.Options) {
		o.HTTPSignerV4 = fixedSigner{v4.NewSigner(), &payload}
		sending(&body)(o)
		inner := o.HTTPClient
		o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
			header = r.Header
			return inner.Do(r)
		})
	}
	client := newClient(t, "http://kinesis.invalid", append(change, keep)...)
	var err error
	if ours {
		err = putCured(t.Context(), client)
	} else {
		err = putBare(t.Context(), client)
	}
	if err != nil {
		t.Fatal(err)
	}
	return header, payload, body
}

// finalize adds a step of the client's owner before the signature.
func finalize(change func(context.Context, *smithyhttp.Request) (context.Context, *smithyhttp.Request)) func(*kinesis.Options) {
	return func(o *kinesis.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("owner", func(
				ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
			) (middleware.FinalizeOutput, middleware.Metadata, error) {
				ctx, in.Request = change(ctx, in.Request.(*smithyhttp.Request))
				return next.HandleFinalize(ctx, in)
			}), middleware.Before)
		})
	}
}

// Signature, headers and body are the SDK's own, whatever the owner has set.
func TestSignatureIsTheSDKs(t *testing.T) {
	for name, change := range map[string]func(*kinesis.Options){
		"plain": func(*kinesis.Options) {},
		"unsigned": func(o *kinesis.Options) {
			o.APIOptions = append(o.APIOptions, v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware)
		},
		"with the hash in a header": func(o *kinesis.Options) { o.APIOptions = append(o.APIOptions, v4.AddContentSHA256HeaderMiddleware) },
		"a hash of the owner's": finalize(func(ctx context.Context, r *smithyhttp.Request) (context.Context, *smithyhttp.Request) {
			return v4.SetPayloadHash(ctx, "chosen"), r
		}),
		"another body": finalize(func(ctx context.Context, r *smithyhttp.Request) (context.Context, *smithyhttp.Request) {
			content, _ := io.ReadAll(r.GetStream())
			r, err := r.SetStream(bytes.NewReader(append(content, ' ')))
			if err != nil {
				t.Error(err)
			}
			return ctx, r
		}),
		"logged": func(o *kinesis.Options) { o.ClientLogMode = aws.LogRequestWithBody | aws.LogResponseWithBody },
	} {
		t.Run(name, func(t *testing.T) {
			header, payload, body := signed(t, true, change)
			wantHeader, wantPayload, wantBody := signed(t, false, change)
			if !reflect.DeepEqual(header, wantHeader) || payload != wantPayload || body != wantBody {
				t.Errorf("got  %v\n%s\nSDK  %v\n%s", header, payload, wantHeader, wantPayload)
			}
		})
	}
}
