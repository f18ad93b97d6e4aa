package wire

import (
	"io"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// hideWriterTo returns r with a body stream that has no WriteTo method. It is the one place where we work around a fault of
// the SDK (seen with smithy-go 1.22.1 to 1.28.8) that lets a few in a hundred calls over plain HTTP fail, or with retries
// run twice in silence:
//
//	net/http: the body is written, is there more? ── WriteTo ──▶ SDK's wrapper of the body
//	SDK: Do returned, so close the wrapper                          │ closed: answers io.EOF instead of nil
//	net/http: a write error! close the connection  ◀────────────────┘
//	SDK: "use of closed network connection" in the middle of reading a good 200
//
// It takes an answer that is quicker than the question after the last byte, so a fast server in a near place shows it
// first. Without WriteTo net/http asks with Read, where io.EOF is the right answer.
//
// The place is the last step before the transport: there nothing can put another body behind our back, and the hash that
// SigV4 makes has already read the body through its fast WriteTo.
func hideWriterTo(r *smithyhttp.Request) (*smithyhttp.Request, error) {
	stream := r.GetStream()
	if _, has := stream.(io.WriterTo); !has {
		return r, nil
	}
	if seeker, ok := stream.(io.ReadSeeker); ok {
		return r.SetStream(struct{ io.ReadSeeker }{seeker})
	}
	return r.SetStream(struct{ io.Reader }{stream})
}
