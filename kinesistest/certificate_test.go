package kinesistest_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

// Over TLS the client chooses HTTP/2 or HTTP/1.1, and trusts the server's own certificate.
func TestTLS(t *testing.T) {
	s := kinesistest.New(t, kinesistest.TLS(), kinesistest.Stream("a", 1))
	if !strings.HasPrefix(s.URL(), "https://127.0.0.1:") {
		t.Errorf("URL %s", s.URL())
	}
	for _, http2 := range []bool{true, false} {
		plain := trusting(t, s, http2)
		answer, err := plain.Get(s.URL() + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if want := map[bool]int{true: 2, false: 1}[http2]; answer.ProtoMajor != want || answer.StatusCode != http.StatusOK {
			t.Errorf("HTTP/%d, status %d, want HTTP/%d and 200", answer.ProtoMajor, answer.StatusCode, want)
		}
		c := sdkClient(s, "AKID", func(o *kinesis.Options) { o.HTTPClient = plain })
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k")))
	}
	answer, err := http.Get(s.URL())
	if err == nil {
		answer.Body.Close()
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		t.Errorf("error %v, want one about the certificate", err)
	}
	if without := kinesistest.New(t); without.Certificates() != nil || without.CertificatePEM() != nil {
		t.Error("a server without TLS has a certificate")
	}
}

// What the SDK makes of lost answers over HTTP/2, where a stream ends and not the connection.
func TestFaultsOverHTTP2(t *testing.T) {
	for _, how := range []kinesistest.Loss{kinesistest.Close, kinesistest.Reset, kinesistest.HalfBody} {
		t.Run(how.String(), func(t *testing.T) {
			s := kinesistest.New(t, kinesistest.TLS(), kinesistest.Stream("a", 1))
			c := sdkClient(s, "AKID", func(o *kinesis.Options) { o.HTTPClient = trusting(t, s, true) })
			s.Inject(kinesistest.Rule{Times: 1, Do: kinesistest.Store().Then(kinesistest.Lose(how))})
			want := "not sent"
			if how == kinesistest.HalfBody {
				want = "not decoded"
			}
			if got := what(c.PutRecords(context.Background(), put("a", "k"))); !strings.HasPrefix(got, want) {
				t.Errorf("the SDK sees %q, want %s", got, want)
			}
			must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k")))
			if n := stored(s, "a"); n != 2 {
				t.Errorf("%d records stored, want 2", n)
			}
		})
	}
}

// GoAway answers, and has the connection end behind it: the next call needs a new one.
func TestGoAwayEndsTheConnection(t *testing.T) {
	for _, http2 := range []bool{true, false} {
		t.Run(fmt.Sprint("http2 ", http2), func(t *testing.T) {
			s := kinesistest.New(t, kinesistest.TLS(), kinesistest.Stream("a", 1))
			c := sdkClient(s, "AKID", func(o *kinesis.Options) { o.HTTPClient = trusting(t, s, http2) })
			call := func() (reused bool) {
				ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
					GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }})
				must[*kinesis.PutRecordsOutput](t)(c.PutRecords(ctx, put("a", "k")))
				return reused
			}
			call()
			if !call() {
				t.Fatal("connections are not used again anyhow")
			}
			s.Inject(kinesistest.Rule{Times: 1, Do: kinesistest.GoAway()})
			call()
			for call() { // until the frame has arrived; without one, for ever
			}
		})
	}
}

// HTTP/2 is understood also where nothing but its first bytes says so: without TLS, as the SDK for JavaScript speaks it, and
// behind a handshake that did not mention it, as the SDK for Java does.
func TestHTTP2WithoutNegotiation(t *testing.T) {
	for name, opts := range map[string][]kinesistest.Option{"plain": nil, "TLS": {kinesistest.TLS()}} {
		t.Run(name, func(t *testing.T) {
			s := kinesistest.New(t, append(opts, kinesistest.Stream("a", 1))...)
			scheme, address, _ := strings.Cut(s.URL(), "://")
			transport := &http.Transport{Protocols: new(http.Protocols), DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				if scheme == "https" {
					return (&tls.Dialer{Config: &tls.Config{RootCAs: s.Certificates()}}).DialContext(ctx, "tcp", address)
				}
				return new(net.Dialer).DialContext(ctx, "tcp", address)
			}}
			transport.Protocols.SetUnencryptedHTTP2(true)
			t.Cleanup(transport.CloseIdleConnections)
			c := sdkClient(s, "AKID", func(o *kinesis.Options) {
				o.BaseEndpoint, o.HTTPClient = aws.String("http://"+address), &http.Client{Transport: transport}
			})
			must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), put("a", "k")))
			if via := s.Calls()[0].Via; via != "HTTP/2.0 JSON" {
				t.Errorf("the call came by %s", via)
			}
		})
	}
}
