package wire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// endless is a body that begins in some way and goes on for ever. It counts what was read of it.
type endless struct {
	beginning io.Reader
	filling   string
	read      int64
}

func (e *endless) Read(p []byte) (int, error) {
	n, err := e.beginning.Read(p)
	if err != nil {
		for n = 0; n < len(p); {
			n += copy(p[n:], e.filling)
		}
	}
	e.read += int64(n)
	return n, nil
}

func (e *endless) Close() error { return nil }

// An answer without end is read up to a bound and then failed, whatever operation it is for and whatever it begins with.
func TestEndlessAnswers(t *testing.T) {
	ask := map[string]func(context.Context, API) *Failure{
		"PutRecords": func(ctx context.Context, api API) *Failure { _, f := PutRecords(ctx, api, events, one); return f },
		"ListShards": func(ctx context.Context, api API) *Failure { _, f := ListShards(ctx, api, events); return f },
		"Describe":   func(ctx context.Context, api API) *Failure { _, f := Describe(ctx, api, events); return f },
		"as a client": func(ctx context.Context, api API) *Failure {
			_, f := PutRecords(ctx, foreignOf(api), events, one)
			return f
		},
	}
	for name, call := range ask {
		for _, body := range []struct{ beginning, filling string }{
			{"", " "}, {"", "x"}, {`{"Records":[`, "null,"}, {`{"Records":[{"ShardId":"`, "x"}, {`{"Shards":[`, `{},`}, {`{"a":`, "["},
			{`{"StreamDescriptionSummary":{"StreamARN":"`, "x"}, {`{"FailedRecordCount":`, "9"}, {`{"__type":"`, "x"}, {"", `{"a":`},
		} {
			for _, status := range []int{200, 500} {
				longest := int64(0)
				client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
					o.RetryMaxAttempts = 1
					o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
						e := &endless{beginning: strings.NewReader(body.beginning), filling: strings.Repeat(body.filling, 4<<10)}
						return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {amzJSON}}, Body: counted{e, &longest}, Request: r}, nil
					})
				})
				if f := call(t.Context(), client); f == nil {
					t.Errorf("%s: %d %s%s… is taken for a success", name, status, body.beginning, body.filling)
				}
				if longest > maxAnswer+1<<20 {
					t.Errorf("%s: %d bytes of %d %s%s… were read", name, longest, status, body.beginning, body.filling)
				}
			}
		}
	}
}

// counted tells how much was read.
type counted struct {
	*endless
	most *int64
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.endless.Read(p)
	*c.most = max(*c.most, c.read)
	return n, err
}

// foreignOf hides a client in another type: then the SDK itself reads the answer.
func foreignOf(api API) API { return struct{ API }{api} }

// Whatever a server tells of its shards: no panic, no list without end, and nothing incomplete is believed.
func FuzzHostileShards(f *testing.F) {
	for _, body := range []string{
		`{"Shards":[{"ShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"9"},"SequenceNumberRange":{"StartingSequenceNumber":"1"}}]}`,
		`{"Shards":null,"NextToken":"x"}`, `{"Shards":[null]}`, `{"Shards":[{}]}`, `{"Shards":{"a":1}}`, `{"Shards":[{"ShardId":7}]}`, `[]`, ``, `{"NextToken":""}`,
		`{"Shards":[{"ShardId":"a","HashKeyRange":{"StartingHashKey":"-1","EndingHashKey":"x"}},{"ShardId":"a","HashKeyRange":{"StartingHashKey":"-1","EndingHashKey":"x"}}]}`,
	} {
		f.Add(200, body)
		f.Add(400, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		pages := 0
		client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
			o.RetryMaxAttempts = 1
			o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
				pages++
				return canned(status, amzJSON, body)(r)
			})
		})
		shards, failure := ListShards(t.Context(), client, events)
		if pages > 2*maxPages || len(shards) > MaxShards {
			t.Fatalf("%d pages, %d shards", pages, len(shards))
		}
		if failure != nil {
			checkLine(t, failure.Message)
			return
		}
		seen := map[string]bool{}
		for _, s := range shards {
			if s.ID == "" || s.First == "" || s.Last == "" || seen[s.ID] {
				t.Fatalf("believed: %+v", shards)
			}
			seen[s.ID] = true
		}
	})
}

// Whatever a server tells of a stream: no panic, and nothing incomplete is believed.
func FuzzHostileSummary(f *testing.F) {
	for _, body := range []string{
		`{"StreamDescriptionSummary":{"StreamName":"events","StreamARN":"arn:aws:kinesis:eu-west-1:1:stream/events","StreamStatus":"ACTIVE","OpenShardCount":1}}`,
		`{"StreamDescriptionSummary":null}`, `{"StreamDescriptionSummary":{"StreamStatus":7}}`, `{"StreamDescriptionSummary":{"MaxRecordSizeInKiB":-1,"StreamARN":"a","StreamStatus":"b"}}`,
		`{"StreamDescriptionSummary":{"StreamCreationTimestamp":1e300,"StreamARN":"a","StreamStatus":"b"}}`, `{}`, `null`, ``,
	} {
		f.Add(200, body)
		f.Add(500, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
			o.RetryMaxAttempts, o.HTTPClient = 1, canned(status, amzJSON, body)
		})
		sum, failure := Describe(t.Context(), client, events)
		switch {
		case failure != nil:
			checkLine(t, failure.Message)
		case sum.ARN == "" || sum.Status == "" || sum.MaxRecordSizeKiB <= 0:
			t.Fatalf("believed: %+v", sum)
		}
	})
}

// Results for records that were never sent are not believed, however many there are.
func TestResultsForNobody(t *testing.T) {
	body := `{"Records":[` + strings.Repeat(`{"ErrorCode":"x"},`, 200_000) + `{}]}`
	client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
		o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {amzJSON}}, Body: io.NopCloser(bytes.NewReader([]byte(body))), Request: r,
			}, nil
		})
	})
	_, f := PutRecords(t.Context(), client, events, one)
	check(t, f, verdict{CodeWrongCount, 200, true})
}
