package wire

import (
	"errors"
	"io"
)

// maxAnswer bounds the bytes of an answer that the SDK may read into memory. The largest honest ones, 500 results with
// error texts or 1000 shards, stay below 1 MiB. A longer answer is CodeBadAnswer.
const maxAnswer = 8 << 20

var errLongAnswer = errors.New("it is longer than 8 MiB")

// boundedBody is the body of an answer that fails after left bytes. The SDK drains bodies before it closes them; the
// failure ends that too.
type boundedBody struct {
	io.ReadCloser
	left int64
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongAnswer
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
