package wire

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// shortcut is one PutRecords call of a *kinesis.Client whose body we write ourselves, and whose answer we read. Everything
// else stays the SDK's: middlewares, endpoint, credentials, signature, the errors of the service.
//
// The SDK asks its protocol twice in a call, for the request and for the answer. For this call it asks ours, which hands all
// other questions on to the client's own.
type shortcut struct {
	format  Format
	entries []Entry
	shown   []types.PutRecordsRequestEntry // what middlewares see of them

	mu     sync.Mutex
	ended  bool
	bodies []*requestBody // one, unless a middleware of the client's owner makes the call twice
}

// speaksJSON says that the client's own protocol is the one whose body we can write. Without one it is not, nor with a client
// of another type around the SDK's, which might look at the records.
func speaksJSON(api API) bool {
	client, own := api.(*kinesis.Client)
	if !own || client == nil {
		return false
	}
	protocol := client.Options().Protocol
	return protocol != nil && protocol.ID() == smithy.ShapeID{Namespace: "aws.protocols", Name: "awsJson1_1"}
}

// standIn is every record of the input that the SDK and middlewares get to see. The SDK wants Data not to be nil; middlewares
// that were written when the partition key was required may follow its pointer. It tells nothing about the record, so nothing
// can be kept, logged or changed that is in a pooled buffer.
var standIn = types.PutRecordsRequestEntry{Data: []byte{}, PartitionKey: new(string)}

func newShortcut(format Format, entries []Entry) *shortcut {
	s := &shortcut{format: format, entries: entries, shown: make([]types.PutRecordsRequestEntry, len(entries))}
	for i := range s.shown {
		s.shown[i] = standIn
	}
	return s
}

// take is an option function for the one call.
func (s *shortcut) take(o *kinesis.Options) {
	o.Protocol = seam{o.Protocol, s}
	o.APIOptions = append(o.APIOptions, s.install)
}

// end ends the call: nothing of it reads the entries or a pooled buffer from here on, wherever it is.
func (s *shortcut) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	for _, body := range s.bodies {
		body.end()
	}
}

// seam is the client's protocol with the two questions of one call answered differently.
type seam struct {
	smithyhttp.ClientProtocol
	call *shortcut
}

// nothing has the SDK write an empty body: it sets method, path and headers as for any other.
type nothing struct{}

func (nothing) Serialize(smithy.ShapeSerializer)        {}
func (nothing) SerializeMembers(smithy.ShapeSerializer) {}

var errChanged = errors.New("a middleware of the client changed the records of PutRecords, which it sees without keys and data since they are " +
	"written from buffers; leave it out, or hide the client in a type of your own: then it gets whole records")

func (p seam) SerializeRequest(ctx context.Context, schema *smithy.OperationSchema, in smithy.Serializable, r *smithyhttp.Request) error {
	input, ok := in.(*kinesis.PutRecordsInput)
	if !ok || !p.call.unchanged(input.Records) {
		return errChanged
	}
	if err := p.ClientProtocol.SerializeRequest(ctx, schema, nothing{}, r); err != nil {
		return err
	}
	body, err := p.call.body(input)
	if err != nil {
		return err
	}
	withBody, err := r.SetStream(body)
	if err != nil {
		return fmt.Errorf("set the body of the request: %w", err)
	}
	*r = *withBody
	p.call.format.label(r)
	return nil
}

func (s *shortcut) unchanged(records []types.PutRecordsRequestEntry) bool {
	if len(records) != len(s.entries) {
		return false
	}
	for i := range records {
		r := &records[i]
		if r.Data == nil || len(r.Data) > 0 || r.PartitionKey != standIn.PartitionKey || r.ExplicitHashKey != nil {
			return false
		}
	}
	return *standIn.PartitionKey == ""
}

// body writes the body. It holds the mutex meanwhile, so that end waits and the entries are read before it.
func (s *shortcut) body(in *kinesis.PutRecordsInput) (*requestBody, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, errCallEnded
	}
	b := s.format.compose(in, s.entries)
	s.bodies = append(s.bodies, b)
	return b, nil
}

// written says that the call's body is ours, or was.
func (s *shortcut) written() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.bodies) > 0
}

// DeserializeResponse reads a success, and what a failure says in CBOR; any other failure is the SDK's to read.
func (p seam) DeserializeResponse(ctx context.Context, schema *smithy.OperationSchema, registry *smithy.TypeRegistry, r *smithyhttp.Response, out smithy.Deserializable) error {
	output, ok := out.(*kinesis.PutRecordsOutput)
	success := r.StatusCode >= 200 && r.StatusCode <= 299
	switch {
	case ok && !success && inCBOR(r.Response):
		return readError(r.Response)
	case !ok || !success:
		return p.ClientProtocol.DeserializeResponse(ctx, schema, registry, r, out)
	}
	format := p.call.format
	if !inCBOR(r.Response) {
		format = JSON // who knows no CBOR may still answer
	}
	if err := format.readResponse(r.Response, output, len(p.call.entries)); err != nil {
		return &smithy.DeserializationError{Err: err}
	}
	return nil
}
