//go:build unix

package wire

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/schemas"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/kinecast/kinecast/aggregate"
)

// load is what a benchmark sends.
type load struct {
	name    string
	entries []Entry
	bytes   int // of data
}

func loads() []load {
	random := rand.NewChaCha8([32]byte{7})
	data := func(n int) []byte {
		p := make([]byte, n)
		random.Read(p)
		return p
	}
	plain := func(n, size int) []Entry {
		entries := make([]Entry, n)
		for i := range entries {
			entries[i] = Entry{PartitionKey: []byte("a key of twenty char"), Data: data(size)}
		}
		return entries
	}
	full := make([]Entry, 10)
	for i := range full {
		b := new(aggregate.Builder)
		for b.Size() < 50<<10-128 {
			e := aggregate.Entry{Key: []byte("a key of twenty char"), Data: data(100)}
			b.Append(&e, b.Fit(&e))
		}
		full[i] = Entry{PartitionKey: []byte("a key of twenty char"), HashKey: []byte("170141183460469231731687303715884105728"), Aggregate: b}
	}
	all := []load{{name: "10x50KiB", entries: plain(10, 50<<10)}, {name: "500x100B", entries: plain(500, 100)}, {name: "10aggregates", entries: full}}
	for i := range all {
		for _, e := range all[i].entries {
			all[i].bytes += e.size()
		}
	}
	return all
}

// perByte runs f and reports its CPU time, that of the garbage collector included, for each byte of data.
func perByte(b *testing.B, l load, f func()) {
	b.ReportAllocs()
	f()
	start := cpuTime()
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N)/float64(l.bytes), "cpu-ns/byte")
	b.ReportMetric(0, "ns/op")
}

func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// BenchmarkBody is the way from the records' bytes to a body with its SHA-256, and once through the 32 KiB of a reader as
// net/http does: ours in both formats, the SDK's, and base64, SHA-256 and that copy alone (with MD5 where there are aggregates).
func BenchmarkBody(b *testing.B) {
	chunk := make([]byte, 32<<10)
	drain := func(r io.Reader) {
		for {
			if _, err := r.Read(chunk); err != nil {
				return
			}
		}
	}
	for _, l := range loads() {
		in := &kinesis.PutRecordsInput{StreamName: &events.Name}
		for name, format := range map[string]Format{"ours": JSON, "cbor": CBOR} {
			b.Run(l.name+"/"+name, func(b *testing.B) {
				perByte(b, l, func() {
					body := format.compose(in, l.entries)
					drain(body)
					body.end()
				})
			})
		}
		b.Run(l.name+"/sdk", func(b *testing.B) {
			client := newClient(b, "http://kinesis.invalid")
			protocol := client.Options().Protocol
			operation := smithy.NewOperationSchema(schemas.PutRecords, schemas.PutRecordsInput, schemas.PutRecordsOutput)
			perByte(b, l, func() {
				in.Records = wholeRecords(client, l.entries)
				r := smithyhttp.NewStackRequest().(*smithyhttp.Request)
				if err := protocol.SerializeRequest(b.Context(), operation, in, r); err != nil {
					b.Fatal(err)
				}
				hash := sha256.New()
				io.Copy(hash, r.GetStream())
				hash.Sum(nil)
				r.RewindStream()
				drain(r.GetStream())
			})
		})
		b.Run(l.name+"/floor", func(b *testing.B) {
			var data []byte
			for _, e := range l.entries {
				if e.Aggregate != nil {
					data = e.Aggregate.AppendTo(data)
				}
				data = append(data, e.Data...)
			}
			text := make([]byte, base64.StdEncoding.EncodedLen(len(data)))
			perByte(b, l, func() {
				if l.entries[0].Aggregate != nil {
					md5.Sum(data)
				}
				base64.StdEncoding.Encode(text, data)
				sha256.Sum256(text)
				drain(bytes.NewReader(text))
			})
		})
	}
}

// BenchmarkPutRecords is a whole call of a *kinesis.Client on an HTTP client that reads the body and answers from memory:
// with the body written by us, and by the SDK.
func BenchmarkPutRecords(b *testing.B) {
	for _, l := range loads() {
		result := `,{"SequenceNumber":"49590338271490256608559692538361571095921575989136588898","ShardId":"shardId-000000000000"}`
		answer := `{"FailedRecordCount":0,"Records":[` + strings.Repeat(result, len(l.entries))[1:] + `]}`
		chunk := make([]byte, 32<<10)
		memory := func(o *kinesis.Options) {
			o.HTTPClient = transportFunc(func(r *http.Request) (*http.Response, error) {
				for {
					if _, err := r.Body.Read(chunk); err != nil {
						break
					}
				}
				return canned(200, amzJSON, answer)(r)
			})
		}
		for name, client := range map[string]*kinesis.Client{
			"ours": newClient(b, "http://kinesis.invalid", memory),
			"sdk":  newClient(b, "http://kinesis.invalid", memory, func(o *kinesis.Options) { o.Protocol = renamed{o.Protocol} }),
		} {
			b.Run(l.name+"/"+name, func(b *testing.B) {
				perByte(b, l, func() {
					if _, f := PutRecords(b.Context(), client, events, l.entries); f != nil {
						b.Fatal(f)
					}
				})
			})
		}
	}
}
