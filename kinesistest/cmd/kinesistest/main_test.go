package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// serving runs the command until the test ends, and returns its endpoint.
func serving(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"-listen", "127.0.0.1:0"}, args...), in, io.Discard)
		in.CloseWithError(io.ErrClosedPipe)
		ended <- err
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the command ended with %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	url, found := strings.CutPrefix(strings.TrimSpace(line), "kinesistest ready at ")
	if err != nil || !found {
		t.Fatalf("ready line %q, %v", line, err)
	}
	return url
}

// file writes a file for the test.
func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "rules.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The whole of it: https, a stream, a rule, a limit, health.
func TestCommand(t *testing.T) {
	rules := file(t, `[{"on": "PutRecords", "times": 1, "do": [{"store": {}}, {"callError": {"status": 500, "code": "InternalFailureException"}}]}]`)
	certificate := filepath.Join(t.TempDir(), "cert.pem")
	url := serving(t, "-stream", "events:2", "-stream", "others:1", "-rules", rules, "-records", "3", "-tls", "-tls-cert", certificate,
		"-keep", "100", "-call-limits", "-reshard-after", "1s")
	pem, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
	defer transport.CloseIdleConnections()
	web := &http.Client{Transport: transport}
	health, err := web.Get(url + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer health.Body.Close()
	if text, err := io.ReadAll(health.Body); err != nil || string(text) != "ok\n" || health.StatusCode != http.StatusOK {
		t.Errorf("/healthz: %d %q %v", health.StatusCode, text, err)
	}
	client := kinesis.New(kinesis.Options{
		Region: "us-east-1", BaseEndpoint: &url, HTTPClient: web, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "any", SecretAccessKey: "any"}, nil
		}),
	})
	in := &kinesis.PutRecordsInput{StreamName: aws.String("events")}
	for range 2 {
		in.Records = append(in.Records, types.PutRecordsRequestEntry{PartitionKey: aws.String("k"), Data: []byte("x")})
	}
	if _, err := client.PutRecords(context.Background(), in); err == nil {
		t.Error("the rule did not strike")
	}
	out, err := client.PutRecords(context.Background(), in)
	if err != nil || len(out.Records) != 2 {
		t.Errorf("%+v, %v", out, err)
	}
}

// Every step of a fault has its word.
func TestRules(t *testing.T) {
	rules, err := readRules([]byte(`[
		{"on": "PutRecords", "stream": "a", "shard": "s", "key": "k", "nth": 1, "every": 2, "p": 0.5, "seed": 3, "times": 4, "for": "1m",
		 "do": [{"delay": "1s"}, {"delayBetween": ["1s", "2s"]}, {"store": {}}, {"storePart": 1}, {"storeAfterCalls": 2}, {"storeAfter": "3s"},
		        {"tooFew": 1}, {"tooMany": 2}, {"wrongCount": 3}, {"goAway": {}}, {"lose": "reset"}]},
		{"do": [{"recordError": {"code": "InternalFailure"}}]}, {"do": [{"callError": {"status": 400, "code": "X"}}]},
		{"do": [{"answer": {"status": 200, "body": "{}"}}]}, {"do": [{"html": 502}]}, {"do": [{"refuse": {}}]}, {"do": [{"expiredCredentials": {}}]}
	]`))
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, r := range rules {
		words = append(words, r.String())
	}
	want := `delay 1s, then delay 1s to 2s, then store, then store the first 1, then store 2 calls later, then store 3s later, ` +
		`then no more than 1 results, then 2 results too many, then failed count 3, then go away, then answer lost: reset, ` +
		`on PutRecords, stream a, shard s, key "k", from number 1 on, every 2, with probability 0.5 of seed 3, 4 times, for 1m0s; ` +
		`record error InternalFailure; call error 400 X; answer 200 with 2 bytes; HTML 502; connection refused; call error 400 ExpiredTokenException`
	if got := strings.Join(words, "; "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestMistakes(t *testing.T) {
	for want, args := range map[string][]string{
		"NAME:SHARDS":                {"-stream", "a"},
		"must be 1 to 10000":         {"-stream", "a:0"},
		"is no flag":                 {"extra"},
		"not defined":                {"-unknown"},
		"without -tls":               {"-tls-cert", "x"},
		"no such file":               {"-rules", filepath.Join(t.TempDir(), "none")},
		"unknown field":              {"-rules", file(t, `[{"when": 1}]`)},
		"more behind":                {"-rules", file(t, `[] []`)},
		"no steps":                   {"-rules", file(t, `[{}]`)},
		"says 2 things":              {"-rules", file(t, `[{"do": [{"html": 502, "store": {}}]}]`)},
		"says 0 things":              {"-rules", file(t, `[{"do": [{}]}]`)},
		"must be close, reset, half": {"-rules", file(t, `[{"do": [{"lose": "it"}]}]`)},
		"invalid duration":           {"-rules", file(t, `[{"do": [{"delay": "long"}]}]`)},
		"no operation of this":       {"-rules", file(t, `[{"on": "Put", "do": [{"html": 502}]}]`)},
		"cannot open the HTTP door":  {"-listen", "256.0.0.1:1"},
		"MaxRecordSize(1)":           {"-stream", "a:1", "-record-kib", "1"},
	} {
		err := run(context.Background(), args, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", args, err, want)
		}
	}
}

// The rules that docs/kinesistest.md shows are right.
func TestDocumentedRules(t *testing.T) {
	page, err := os.ReadFile("../../../docs/kinesistest.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```json\n")
	text, _, found := strings.Cut(rest, "```")
	if rules, err := readRules([]byte(text)); !found || err != nil || len(rules) != 3 {
		t.Errorf("%d rules, %v", len(rules), err)
	}
}
