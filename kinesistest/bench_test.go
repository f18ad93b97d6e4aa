//go:build unix

package kinesistest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// benchShapes are the requests that benchmarks put: small records, and full aggregates.
var benchShapes = []struct {
	name           string
	records, bytes int
}{
	{"500x100B", 500, 100},
	{"10x50KiB", 10, 50 << 10},
}

func benchInput(records, size int) *kinesis.PutRecordsInput {
	in := &kinesis.PutRecordsInput{StreamName: aws.String("bench")}
	for i := range records {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{
			Data:         bytes.Repeat([]byte{byte(i)}, size),
			PartitionKey: aws.String(fmt.Sprintf("partition-key-%06d", i)),
		})
	}
	return in
}

// benchBody is the body that the SDK's client sends.
func benchBody(b testing.TB, in *kinesis.PutRecordsInput) (body []byte) {
	client := kinesis.New(kinesis.Options{
		Region: "us-east-1", Credentials: testCredentials("AKID"), Retryer: aws.NopRetryer{},
		HTTPClient: doFunc(func(r *http.Request) (_ *http.Response, err error) {
			if body, err = io.ReadAll(r.Body); err != nil {
				b.Fatal(err)
			}
			return nil, io.EOF
		}),
	})
	_, _ = client.PutRecords(context.Background(), in) // gets no answer
	return body
}

// BenchmarkServeHTTP is what a server spends on a prepared PutRecords body.
func BenchmarkServeHTTP(b *testing.B) {
	for _, shape := range benchShapes {
		b.Run(shape.name, func(b *testing.B) {
			body := benchBody(b, benchInput(shape.records, shape.bytes))
			benchServe(b, shape.records, func() *http.Request { return benchRequest(body) }, len(body))
		})
		b.Run(shape.name+"/CBOR", func(b *testing.B) {
			body := inCBOR(b, benchBody(b, benchInput(shape.records, shape.bytes)))
			benchServe(b, shape.records, func() *http.Request {
				r := benchRequest(body)
				r.Header.Set("Content-Type", "application/x-amz-cbor-1.1")
				return r
			}, len(body))
		})
	}
}

// benchServe answers a request of so many records over and over.
func benchServe(b *testing.B, records int, request func() *http.Request, size int) {
	server := benchServers(b)
	b.SetBytes(int64(size))
	measure(b, records, func() {
		w := discard{http.Header{}, 0}
		server().ServeHTTP(&w, request())
		if w.status != http.StatusOK {
			b.Fatalf("status %d", w.status)
		}
	})
}

// discard is a ResponseWriter that keeps the status alone.
type discard struct {
	header http.Header
	status int
}

func (w *discard) Header() http.Header         { return w.header }
func (w *discard) Write(b []byte) (int, error) { return len(b), nil }
func (w *discard) WriteHeader(status int)      { w.status = status }

// benchServers returns a function that returns a server: another one from time to time, so
// that benchmarks do not measure a growing heap.
func benchServers(b *testing.B) func() *kinesistest.Server {
	const callsEach = 100
	var s *kinesistest.Server
	calls := 0
	return func() *kinesistest.Server {
		if calls%callsEach == 0 {
			var err error
			if s, err = kinesistest.Start(kinesistest.Stream("bench", 4)); err != nil {
				b.Fatal(err)
			}
		}
		calls++
		return s
	}
}

func benchRequest(body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "Kinesis_20131202.PutRecords")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/kinesis/aws4_request, "+
		"SignedHeaders=host, Signature=00")
	return r
}

// BenchmarkStockClient is what the SDK's own client spends on the same requests, with a
// transport that answers at once: the measure for BenchmarkServeHTTP.
func BenchmarkStockClient(b *testing.B) {
	for _, shape := range benchShapes {
		b.Run(shape.name, func(b *testing.B) {
			in := benchInput(shape.records, shape.bytes)
			client := kinesis.New(kinesis.Options{
				Region:      "us-east-1",
				Credentials: testCredentials("AKID"),
				HTTPClient:  preparedAnswer(b, in),
				Retryer:     aws.NopRetryer{},
			})
			measure(b, shape.records, func() {
				if _, err := client.PutRecords(context.Background(), in); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// preparedAnswer returns a transport that reads the body and gives a right answer.
func preparedAnswer(b *testing.B, in *kinesis.PutRecordsInput) kinesis.HTTPClient {
	s := kinesistest.New(b, kinesistest.Stream("bench", 4))
	var answer []byte
	return doFunc(func(r *http.Request) (*http.Response, error) {
		var body bytes.Buffer
		if _, err := body.ReadFrom(r.Body); err != nil {
			return nil, err
		}
		if answer == nil {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, benchRequest(body.Bytes()))
			answer = w.Body.Bytes()
		}
		w := httptest.NewRecorder()
		_, _ = w.Write(answer)
		return w.Result(), nil
	})
}

type doFunc func(*http.Request) (*http.Response, error)

func (f doFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// BenchmarkDirect is a PutRecords call at the direct door.
func BenchmarkDirect(b *testing.B) {
	for _, shape := range benchShapes {
		b.Run(shape.name, func(b *testing.B) {
			server, in := benchServers(b), benchInput(shape.records, shape.bytes)
			measure(b, shape.records, func() {
				if _, err := server().Client().PutRecords(context.Background(), in); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

// measure runs the loop and reports processor time, garbage collection included, which says
// more than elapsed time on a machine that others use as well.
func measure(b *testing.B, records int, f func()) {
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		f()
	}
	spent := processorTime(b) - before
	b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N*records), "cpu-ns/record")
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
