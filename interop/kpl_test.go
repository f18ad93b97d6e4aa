package interop

import (
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
)

// kplWrites puts the corpus with the official KPL, whose native core speaks TLS only: a proxy takes that off.
func kplWrites(t *testing.T, s server, stream string) []written {
	t.Helper()
	s.create(t, stream, 4)
	return kplPuts(t, s, stream, corpus("kpl"))
}

// kplPuts puts records with the KPL and notes the place of each. The KPL does not tell the position in an aggregated record.
func kplPuts(t *testing.T, s server, stream string, records []written) []written {
	t.Helper()
	var in strings.Builder
	for _, w := range records {
		fmt.Fprintf(&in, "%s\t%s\t%s\n",
			base64.StdEncoding.EncodeToString([]byte(w.key)), w.hashKey, base64.StdEncoding.EncodeToString(w.data))
	}
	out, err := run(t.Context(), strings.NewReader(in.String()),
		"java", "-cp", javaClasses, "KplWriter", overTLS(t, s.url), stream, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	places := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(places) != len(records) {
		t.Fatalf("the KPL told the place of %d records, want %d", len(places), len(records))
	}
	for i, place := range places {
		shard, sequence, _ := strings.Cut(place, "\t")
		records[i].shard, records[i].sequence = shard, sequence
	}
	return records
}

// overTLS puts a reverse proxy with a certificate of its own before a server and returns its port.
func overTLS(t *testing.T, plain string) string {
	t.Helper()
	target, err := url.Parse(plain)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(httputil.NewSingleHostReverseProxy(target))
	t.Cleanup(proxy.Close)
	front, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	return front.Port()
}
