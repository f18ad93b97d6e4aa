package wire

import (
	"io"
	"net/http"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// firstRead is the room for an answer of unknown length, or of a length that is not to be believed.
const firstRead = longPage

// values are taken from an answer, in the order in which they come: a scanner of JSON or of CBOR.
type values interface {
	object(member func(name []byte) error) error
	list(element func() error) error
	null() bool
	str() ([]byte, error)
	integer() (int64, error)
	skip() error
}

func (f Format) values(text []byte) values {
	if f == CBOR {
		return &cborScanner{text: text}
	}
	return &scanner{text: text}
}

// readResponse reads the answer of a PutRecords call into out, as the SDK would: an empty one has no results, nulls and
// unknown members count for nothing, and of a member that comes twice the last counts. want results are expected.
func (f Format) readResponse(r *http.Response, out *kinesis.PutRecordsOutput, want int) error {
	text, err := readBody(r)
	defer func() { giveBuffer(text) }()
	if err != nil || len(text) == 0 {
		return err
	}
	results := resultReader{values: f.values(text), want: want, longest: len(text)}
	return results.read(out)
}

// readBody reads a body into a pooled buffer, which it returns in any case.
func readBody(r *http.Response) ([]byte, error) {
	size := firstRead
	if 0 <= r.ContentLength && r.ContentLength < firstRead {
		size = int(r.ContentLength) + 1 // room to see the end
	}
	return readAll(r.Body, takeBuffer(size))
}

// readAll is io.ReadAll into a pooled buffer, which it returns, longer ones included.
func readAll(from io.Reader, into []byte) ([]byte, error) {
	for {
		if len(into) == cap(into) {
			longer := append(takeBuffer(2*cap(into)), into...)
			giveBuffer(into)
			into = longer
		}
		n, err := from.Read(into[len(into):cap(into)])
		into = into[:len(into)+n]
		switch err {
		case nil:
		case io.EOF:
			return into, nil
		default:
			return into, err
		}
	}
}

// resultReader reads the results out of an answer. Strings share blocks, so that 500 results make a few allocations and not
// two thousand; a string that the caller keeps keeps blockBytes at most.
type resultReader struct {
	values

	want    int
	longest int      // all strings together have no more bytes
	block   []byte   // that has the bytes of strings
	headers []string // that pointers in the results point to
}

const blockBytes = 4 << 10

func (r *resultReader) read(out *kinesis.PutRecordsOutput) error {
	return r.object(func(name []byte) (err error) {
		switch {
		case r.null():
		case string(name) == "Records":
			out.Records, err = r.records()
		case string(name) == "FailedRecordCount":
			var count int64
			if count, err = r.integer(); err == nil {
				failed := int32(count)
				out.FailedRecordCount = &failed
			}
		case string(name) == "EncryptionType":
			var text []byte
			text, err = r.str()
			out.EncryptionType = types.EncryptionType(text)
		default:
			err = r.skip()
		}
		return err
	})
}

func (r *resultReader) records() ([]types.PutRecordsResultEntry, error) {
	records := make([]types.PutRecordsResultEntry, 0, r.want)
	member := func(name []byte) error { return r.member(&records[len(records)-1], name) }
	err := r.list(func() error {
		records = append(records, types.PutRecordsResultEntry{})
		if r.null() {
			return nil
		}
		return r.object(member)
	})
	return records, err
}

func (r *resultReader) member(record *types.PutRecordsResultEntry, name []byte) (err error) {
	switch {
	case r.null():
	case string(name) == "ShardId":
		record.ShardId, err = r.pointer()
	case string(name) == "SequenceNumber":
		record.SequenceNumber, err = r.pointer()
	case string(name) == "ErrorCode":
		record.ErrorCode, err = r.pointer()
	case string(name) == "ErrorMessage":
		record.ErrorMessage, err = r.pointer()
	default:
		err = r.skip()
	}
	return err
}

// pointer takes a string and points to where it is kept.
func (r *resultReader) pointer() (*string, error) {
	text, err := r.str()
	if err != nil {
		return nil, err
	}
	if len(r.headers) == cap(r.headers) {
		r.headers = make([]string, 0, min(2*r.want, 128)+2)
	}
	r.headers = append(r.headers, r.keep(text))
	return &r.headers[len(r.headers)-1], nil
}

func (r *resultReader) keep(text []byte) string {
	if len(text) > cap(r.block)-len(r.block) {
		if len(text) > blockBytes/8 {
			return string(text)
		}
		r.block = make([]byte, 0, min(blockBytes, r.longest))
	}
	start := len(r.block)
	r.block = append(r.block, text...)
	if len(text) == 0 {
		return ""
	}
	return unsafe.String(&r.block[start], len(text)) //nolint:gosec // nothing writes to these bytes again
}
