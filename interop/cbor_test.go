package interop

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
)

// cborWrites is kinecastWrites in the protocol of the SDKs for Java, which AWS does not document: other people's servers read
// it, and answer in it.
func cborWrites(t *testing.T, s server, stream string) []written {
	t.Helper()
	var seen contents
	s.client = kinesis.New(s.client.Options(), func(o *kinesis.Options) { o.HTTPClient = &http.Client{Transport: &seen} })
	wrote := writes(t, s, stream, kinecast.AWSCBOR)
	if asked, answered := seen.asked.Load(), seen.answered.Load(); asked == 0 || asked != answered || seen.other.Load() > 0 {
		t.Errorf("PutRecords: %d calls in CBOR, %d answers in it, %d in something else", asked, answered, seen.other.Load())
	}
	return wrote
}

// contents is a transport that counts what PutRecords calls and their answers are written in.
type contents struct{ asked, answered, other atomic.Int64 }

// RoundTrip implements http.RoundTripper.
func (c *contents) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".PutRecords") {
		c.count(&c.asked, r.Header)
		if err == nil {
			c.count(&c.answered, answer.Header)
		}
	}
	return answer, err
}

func (c *contents) count(cbor *atomic.Int64, h http.Header) {
	if h.Get("Content-Type") != "application/x-amz-cbor-1.1" {
		cbor = &c.other
	}
	cbor.Add(1)
}
