package conformance_test

import (
	"flag"
	"os"
	"testing"

	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/kinesistest/conformance"
)

var update = flag.Bool("update", false, "write docs/conformance.md anew")

// kinesistest answers every probe as the service does. The foreign servers are asked by interop/.
func TestKinesistest(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Transition(0))
	for _, v := range conformance.Run(t.Context(), conformance.Kinesistest, conformance.Dial(server.URL())) {
		if v.Answer != v.Want {
			t.Errorf("%s: %s, want %s", v.Probe.Name, v.Answer, v.Want)
		}
	}
}

// A server that is broken on purpose is found out: the suite is no rubber stamp.
func TestBrokenServer(t *testing.T) {
	server := kinesistest.New(t, kinesistest.Transition(0))
	server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.TooFew(1)})
	server.Inject(kinesistest.Rule{On: kinesistest.ListShards, Do: kinesistest.EmptyOK()})
	differ := map[string]bool{}
	for _, v := range conformance.Run(t.Context(), conformance.Kinesistest, conformance.Dial(server.URL())) {
		differ[v.Probe.Name] = v.Answer != v.Want
	}
	for _, name := range []string{"put-500-records", "place-by-hash-key", "ranges-of-3", "pages"} {
		if !differ[name] {
			t.Errorf("%s did not notice that its answer was cut short", name)
		}
	}
}

// Every difference is about a probe that exists, says something else than the service, and has a reason.
func TestKnownDifferences(t *testing.T) {
	service := map[string]string{}
	for _, p := range conformance.Probes() {
		if _, twice := service[p.Name]; twice {
			t.Errorf("two probes are named %s", p.Name)
		}
		service[p.Name] = p.Service
	}
	for server, differences := range conformance.Known {
		for name, d := range differences {
			want, exists := service[name]
			switch {
			case !exists:
				t.Errorf("%s: there is no probe %s", server, name)
			case d.Answer == want:
				t.Errorf("%s: %s is no difference: the service answers %s, too", server, name, want)
			case d.Reason == "":
				t.Errorf("%s: %s has no reason", server, name)
			}
		}
	}
	if n := len(conformance.Known[conformance.Kinesistest]); n > 0 {
		t.Errorf("kinesistest has %d differences from the service: cure them", n)
	}
}

// docs/conformance.md is the table of the code.
func TestDocument(t *testing.T) {
	const file = "../../docs/conformance.md"
	if *update {
		if err := os.WriteFile(file, []byte(conformance.Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != conformance.Markdown() {
		t.Errorf("%s is not the table of the code: go test ./kinesistest/conformance -run TestDocument -update", file)
	}
}
