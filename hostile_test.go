package kinecast_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// A server that means harm, or is out of its mind. It answers PutRecords, or what the producer asks about the stream, by a script of
// raw bytes; the rest is answered by kinesistest. Promised: no panic, no success that is none, memory within bounds, and every record
// ends.

// script writes an answer, to its end or until the client has gone.
type script func(w io.Writer)

// head is the head of an answer whose body ends with the connection.
func head(status int) string {
	return fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: application/x-amz-json-1.1\r\nConnection: close\r\n\r\n", status)
}

func text(parts ...string) script {
	return func(w io.Writer) { _, _ = io.WriteString(w, strings.Join(parts, "")) }
}

// forever writes a beginning, and then the same for as long as anybody reads.
func forever(beginning, filling string) script {
	block := []byte(strings.Repeat(filling, 1+(64<<10)/len(filling)))
	return func(w io.Writer) {
		if _, err := io.WriteString(w, beginning); err != nil {
			return
		}
		for {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
}

// loris writes a byte now and then.
func loris(beginning string) script {
	return func(w io.Writer) {
		_, err := io.WriteString(w, beginning)
		for ; err == nil; _, err = io.WriteString(w, " ") {
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// badPuts are answers to PutRecords, none of which is one.
var badPuts = map[string]script{
	"endless spaces":        forever(head(200), " "),
	"endless nulls":         forever(head(200)+`{"Records":[null`, ",null"),
	"endless results":       forever(head(200)+`{"Records":[{}`, `,{"ShardId":"s","SequenceNumber":"1"}`),
	"endless string":        forever(head(200)+`{"Records":[{"ShardId":"`, "x"),
	"endless nesting":       forever(head(200), `{"a":[`),
	"endless number":        forever(head(200)+`{"FailedRecordCount":`, "9"),
	"endless error":         forever(head(500), "x"),
	"endless error in JSON": forever(head(400)+`{"__type":"`, "x"),
	"endless head":          forever("HTTP/1.1 200 OK\r\n", "X-Header: y\r\n"),
	"endless status line":   forever("HTTP/1.1 200 ", "O"),
	"endless chunks":        forever("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
	"endless continues":     forever("", "HTTP/1.1 100 Continue\r\n\r\n"),
	"a great length":        text("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n{}"),
	"a negative length":     text("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
	"slow loris":            loris(head(200)),
	"slow loris in a head":  loris("HTTP/1.1 200 OK\r\nX: "),
	"no results":            text(head(200), `{"Records":[]}`),
	"null results":          text(head(200), `{"FailedRecordCount":0,"Records":null}`),
	"null":                  text(head(200), `null`),
	"a list":                text(head(200), `[{"ShardId":"shardId-000000000000","SequenceNumber":"1"}]`),
	"numbers for texts":     text(head(200), `{"Records":[{"ShardId":0,"SequenceNumber":1}]}`),
	"texts for numbers":     text(head(200), `{"FailedRecordCount":"0","Records":{"0":{}}}`),
	"a sentence for a code": text(head(200), `{"Records":[{"ErrorCode":"all is well"}]}`),
	"neither nor":           text(head(200), `{"Records":[{"ShardId":"shardId-000000000000","SequenceNumber":""}]}`),
	"half a line":           text("HTTP/1.1 2"),
	"nothing":               text(),
}

// hostile is a client of a server that answers some operations by a script, and all others well.
func hostile(t *testing.T, s script, operations ...string) *kinesis.Client {
	t.Helper()
	srv := kinesistest.New(t, kinesistest.Stream("s", 2))
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, op := range operations {
			if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+op) {
				continue
			}
			_, _ = io.Copy(io.Discard, r.Body)
			conn, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			s(conn)
			_ = conn.Close()
			return
		}
		srv.ServeHTTP(w, r)
	}))
	front.Start()
	t.Cleanup(front.Close)
	transport := &http.Transport{MaxIdleConnsPerHost: 4}
	t.Cleanup(transport.CloseIdleConnections)
	return kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(front.URL), HTTPClient: &http.Client{Transport: transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}, nil
		}),
	})
}

// heap is the size of all objects.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// watchHeap returns the largest heap seen until stop is called. The answers above would fill gigabytes in the same time.
func watchHeap() (stop func() uint64) {
	var most atomic.Uint64
	done, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		for tick := time.NewTicker(2 * time.Millisecond); ; {
			select {
			case <-tick.C:
				most.Store(max(most.Load(), heap()))
			case <-done:
				tick.Stop()
				return
			}
		}
	}()
	return func() uint64 { close(done); <-gone; return most.Load() }
}

// mostHeap is what the producer may hold above what there was before: two answers at most 8 MiB long each in buffers that double,
// and what the collector has not come to yet.
const mostHeap = 256 << 20

func impatient(c *config) {
	c.MaxAttempts, c.RequestTimeout, c.MaxConnections, c.ErrorMode = 2, 150*time.Millisecond, 2, kinecast.LogAndContinue
	c.RecordMaxBufferedTime = kinecast.NoLinger
}

func TestHostileAnswersToPuts(t *testing.T) {
	before := heap()
	stop := watchHeap()
	for name, s := range badPuts {
		t.Run(name, func(t *testing.T) {
			ends := 0
			p := newProducer(t, hostile(t, s, "PutRecords"), impatient, func(c *config) {
				c.OnResult = func(d kinecast.Delivery[string]) {
					if ends++; d.Err == nil {
						t.Errorf("%s counts as delivered: %+v", d.Value, d.Result)
					}
				}
			})
			puts(t, p, 20)
			must(t, p.Close(t.Context()))
			if ends != 20 {
				t.Errorf("%d of 20 records have ended", ends)
			}
		})
	}
	if most := stop(); most > before+mostHeap {
		t.Errorf("the heap grew from %d to %d bytes", before, most)
	}
}

// badShards are answers to ListShards and DescribeStreamSummary. A producer without a map keeps its records; closed without time it
// tells of them.
var badShards = map[string]script{
	"endless shards":      forever(head(200)+`{"Shards":[{}`, `,{"ShardId":"a","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"1"}}`),
	"endless text":        forever(head(200)+`{"StreamDescriptionSummary":{"StreamARN":"`, "x"),
	"pages without end":   text(head(200), `{"Shards":[],"NextToken":"again"}`),
	"a page that returns": text(head(200), `{"Shards":[{"ShardId":"a","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"1"}}],"NextToken":"again"}`),
	"no shards":           text(head(200), `{"Shards":[]}`),
	"half of the keys":    text(head(200), `{"Shards":[{"ShardId":"a","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"1"}}]}`),
	"no numbers":          text(head(200), `{"Shards":[{"ShardId":"a","HashKeyRange":{"StartingHashKey":"zero","EndingHashKey":"-1"}}]}`),
	"backwards":           text(head(200), `{"Shards":[{"ShardId":"a","HashKeyRange":{"StartingHashKey":"9","EndingHashKey":"1"}}]}`),
	"an id of markup":     text(head(200), `{"Shards":[{"ShardId":"<a>","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"340282366920938463463374607431768211455"}}]}`),
	"wrong types":         text(head(200), `{"Shards":{"ShardId":[]},"StreamDescriptionSummary":[7]}`),
	"slow loris":          loris(head(200)),
	"nothing":             text(),
}

func TestHostileAnswersAboutTheStream(t *testing.T) {
	t.Parallel()
	for name, s := range badShards {
		for _, op := range []string{"ListShards", "DescribeStreamSummary"} {
			t.Run(name+" to "+op, func(t *testing.T) {
				t.Parallel()
				delivered, told := 0, 0
				p := newProducer(t, hostile(t, s, op), impatient, func(c *config) {
					c.OnResult = func(d kinecast.Delivery[string]) {
						if d.Err == nil {
							delivered++
						} else {
							told++
						}
					}
				})
				ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
				defer cancel()
				_ = p.Open(ctx)
				for i := range 20 {
					_ = p.TryPut(fmt.Sprint("v", i))
				}
				_ = p.Close(ctx)
				if delivered+told != int(p.Stats().UserRecordsReceived) || delivered > 0 && op == "ListShards" {
					t.Errorf("%d delivered and %d told of %d", delivered, told, p.Stats().UserRecordsReceived)
				}
			})
		}
	}
}
