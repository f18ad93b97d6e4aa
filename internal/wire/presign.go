package wire

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

var errBypassed = errors.New("a middleware of the client replaced the SDK's serializer: it would send the stand-ins that it sees instead of the " +
	"records; leave it out, or hide the client in a type of your own: then it gets whole records")

// install puts our step into the stack of the call.
//
// It tells the signer the hash of a body that was hashed while it was written: the SDK reads a body for that only if the
// context has no hash yet. So it stands right before the SDK's own step, behind whatever may change the request. A client that
// signs without a hash (its owner may have swapped the SDK's step for UNSIGNED-PAYLOAD) keeps its way.
func (s *shortcut) install(stack *middleware.Stack) error {
	sdks := (*v4.ComputePayloadSHA256)(nil).ID()
	there, found := stack.Finalize.Get(sdks)
	_, hashes := there.(*v4.ComputePayloadSHA256)
	step := middleware.FinalizeMiddlewareFunc("kinecast.presign", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if !s.written() {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, errBypassed
		}
		if hash := hashOf(in.Request); hashes && hash != "" && v4.GetPayloadHash(ctx) == "" {
			ctx = v4.SetPayloadHash(ctx, hash)
		}
		return next.HandleFinalize(ctx, in)
	})
	if !found {
		return stack.Finalize.Add(step, middleware.Before)
	}
	return stack.Finalize.Insert(step, sdks, middleware.Before)
}

// hashOf is the hash of a body of ours that nobody has put another in the place of; "" if there is none.
func hashOf(request any) string {
	if r, ok := request.(*smithyhttp.Request); ok {
		if body, ours := r.GetStream().(*requestBody); ours {
			return body.payloadHash()
		}
	}
	return ""
}
