package bench

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// sink is a socket whose other end reads all that comes.
func sink(b *testing.B) net.Conn {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if c, err := l.Accept(); err == nil {
			_, _ = io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		c.Close()
		<-done
	})
	return c
}

func BenchmarkFloor(b *testing.B) {
	f := newFloor(sink(b))
	for _, term := range []struct {
		name string
		do   func()
	}{
		{"MD5 of keys", f.keys}, {"MD5 of records", f.digests}, {"base64", f.base64}, {"SHA-256", f.sha256}, {"write", f.write},
		{"all", func() { f.keys(); f.digests(); f.base64(); f.sha256(); f.write() }},
	} {
		b.Run(term.name, func(b *testing.B) {
			for b.Loop() {
				term.do()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*userRecords), "ns/record")
		})
	}
}

// wired hands every request body to a socket, as the floor does, and lets kinesistest answer.
type wired struct {
	server *kinesistest.Server
	to     io.Writer
}

// RoundTrip implements http.RoundTripper.
func (w wired) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := `{"FailedRecordCount":0,"Records":[` // as many results as records, all of them stored
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutRecords") {
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		return kept(w.server, r), nil
	}
	if _, err := w.to.Write(body); err != nil {
		return nil, err
	}
	n := strings.Count(string(body), `"PartitionKey":`)
	const stored = `{"ShardId":"shardId-000000000000","SequenceNumber":"1"}`
	answer += strings.TrimSuffix(strings.Repeat(stored+",", n), ",") + "]}"
	return &http.Response{
		StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(answer)), ContentLength: int64(len(answer)),
	}, nil
}

// BenchmarkProducer is what the producer takes for the records of BenchmarkFloor, from Put to the answer.
func BenchmarkProducer(b *testing.B) {
	server := kinesistest.New(b, kinesistest.Stream("s", 1))
	client := kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://kinesis.invalid"),
		HTTPClient: &http.Client{Transport: wired{server, sink(b)}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})
	p, err := kinecast.New(client, kinecast.Config[[]byte]{
		DefaultStream: "s", Serializer: kinecast.Bytes(),
		Partitioner: kinecast.PartitionerFunc[[]byte](func(v []byte, at *kinecast.Placement) error {
			at.Key = append(at.Key, v[:keySize]...)
			return nil
		}),
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	if err := p.Open(ctx); err != nil {
		b.Fatal(err)
	}
	v := []byte(strings.Repeat("abcdefghij", dataSize/10))
	b.ReportAllocs()
	for b.Loop() {
		v[0]++
		v[1] += v[0] / 128
		v[0] %= 128
		v[1] %= 128
		if err := p.Put(ctx, v); err != nil {
			b.Fatal(err)
		}
	}
	if err := p.Close(ctx); err != nil {
		b.Fatal(err)
	}
	s := p.Stats()
	b.ReportMetric(float64(s.UserRecordsPut)/float64(s.KinesisRecordsPut), "user/kinesis")
	b.ReportMetric(float64(s.KinesisRecordsPut)/float64(s.Requests), "kinesis/request")
}
