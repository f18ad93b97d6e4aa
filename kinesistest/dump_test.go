package kinesistest_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

// What a program of another language can ask of a stream: all of it, as it is stored and as consumers get it.
func TestDump(t *testing.T) {
	clock := newTicker()
	s := kinesistest.New(t, kinesistest.Stream("a", 1), kinesistest.Clock(clock.now))
	in := put("a", "plain", "outer")
	in.Records[1].Data = aggregated(t, packed{"one", "", "1"}, packed{"two", "7", "2"})
	out := must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(t.Context(), in))
	number := func(i int) string { return *out.Records[i].SequenceNumber }
	at := `"arrival":"` + clock.UTC().Format("2006-01-02T15:04:05.999999999Z07:00") + `"`

	ask := func(path string) (int, string) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		body, _ := io.ReadAll(w.Body)
		return w.Code, string(body)
	}
	first := `{"shard":"` + shard0 + `","sequenceNumber":"` + number(0) + `","partitionKey":"plain","data":"cGxhaW4=",` + at + "}\n"
	inner := func(facts string) string {
		return `{"shard":"` + shard0 + `","sequenceNumber":"` + number(1) + `",` + facts + "," + at + "}\n"
	}
	if status, got := ask("/records/a"); status != 200 || strings.Count(got, "\n") != 2 || !strings.HasPrefix(got, first) {
		t.Errorf("records: %d\n%s\nwant first\n%s", status, got, first)
	}
	if status, got := ask("/consumed/a"); status != 200 || got != first+
		inner(`"position":0,"partitionKey":"one","data":"MQ=="`)+inner(`"position":1,"partitionKey":"two","explicitHashKey":"7","data":"Mg=="`) {
		t.Errorf("consumed: %d\n%s", status, got)
	}
	if status, got := ask("/counts/a"); status != 200 || !strings.HasPrefix(got, `{"`+shard0+`":{"records":2,"bytes":`) {
		t.Errorf("counts: %d %s", status, got)
	}
	for _, path := range []string{"/records/b", "/consumed/", "/counts/b"} {
		if status, got := ask(path); status != 404 || !strings.Contains(got, "there is no stream") {
			t.Errorf("%s: %d %s", path, status, got)
		}
	}
}
