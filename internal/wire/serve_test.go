package wire

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

const (
	accessKey = "AKIASENTINELACCESSKEY"
	secretKey = "sentinel/secret+key"
	session   = "sentinel-session-token"
)

var (
	events = Stream{Name: "events"}
	one    = []Entry{{PartitionKey: []byte("key"), Data: []byte("data")}}
	stored = `{"FailedRecordCount":0,"Records":[{"ShardId":"shardId-000000000000","SequenceNumber":"49590338271490256608559692538361571095921575989136588898"}]}`
)

var credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey, SessionToken: session}, nil
})

// newClient is a *kinesis.Client for a server of our own. Each has its own connections and leaves none behind.
func newClient(t testing.TB, endpoint string, change ...func(*kinesis.Options)) *kinesis.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return kinesis.New(kinesis.Options{
		Region:       "eu-west-1",
		BaseEndpoint: &endpoint,
		Credentials:  credentials,
		HTTPClient:   &http.Client{Transport: transport},
	}, change...)
}

func serve(t testing.TB, handler http.HandlerFunc) (endpoint string) {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// says is a handler that reads the request and answers always the same.
func says(status int, contentType, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", contentType)
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

const amzJSON = "application/x-amz-json-1.1"

// refuses is a handler that answers with an error of the service.
func refuses(status int, code string) http.HandlerFunc {
	return says(status, amzJSON, `{"__type":"`+code+`","message":"the reason"}`, "X-Amzn-RequestId", "request-1")
}

// breaks is a handler that reads the request, writes raw bytes, and then ends the connection.
func breaks(raw string, end func(*net.TCPConn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		io.WriteString(conn, raw)
		end(conn.(*net.TCPConn))
	}
}

func closes(c *net.TCPConn) { c.Close() }

func resets(c *net.TCPConn) {
	c.SetLinger(0)
	c.Close()
}

// transportFunc stands in for the network below the SDK. It reports nothing to httptrace.
type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

func canned(status int, contentType, body string) transportFunc {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status,
			Header:     http.Header{"Content-Type": {contentType}},
			Body:       io.NopCloser(strings.NewReader(body)),
			Request:    r,
		}, nil
	}
}

// foreign is a client that is not the SDK's.
type foreign struct {
	API
	put func(*kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error)
}

func (f foreign) PutRecords(_ context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	return f.put(in)
}

func failing(err error) foreign {
	return foreign{put: func(*kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) { return nil, err }}
}
