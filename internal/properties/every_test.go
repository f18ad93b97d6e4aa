package properties

import (
	"testing"
)

// samples are values; each setting takes one of them.
var samples = []string{"true", "100", "5000", "60000", "100000", "1048576", "none", "shard", "info", "POOLED", "AUTO", "HTTP2", "per-key", "random", "|",
	"s", "http://localhost:4567"}

// Every name of every setting: it takes a value, and tells what the table says it does.
func TestEverySetting(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Settings() {
		for _, name := range s.Names {
			key := name
			if s.Prefix {
				name, key = name+"*", name+".basic.secretkey"
			}
			if seen[name] {
				t.Errorf("%s stands twice in the table", name)
			}
			seen[name] = true
			t.Run(name, func(t *testing.T) { everySetting(t, key, s) })
		}
	}
}

func everySetting(t *testing.T, key string, s Setting) {
	t.Helper()
	if (s.Target == "") != (s.set == nil) || (s.Target == "") != (s.Why != "") || s.Refused && s.set != nil {
		t.Errorf("a setting sets its target or says why it has none: %+v", s)
	}
	for _, sample := range append([]string{s.Default}, samples...) {
		v, err := s.Kind.read(sample)
		if sample == "" || err != nil || s.refuses != nil && s.refuses(v) != "" {
			continue
		}
		_, notes, faults := Resolve([]Entry{{Key: key, Value: sample}}, nil, Options{})
		if s.Refused {
			wantFault(t, faults, 0, key, s.Why)
			_, notes, faults = Resolve([]Entry{{Key: key, Value: sample}}, nil, Options{Lenient: true})
		}
		switch {
		case s.Refused && len(faults) == 0:
			wantNote(t, notes, key, Ignored, s.Why)
		case s.Target == "":
			wantNote(t, notes, key, Unneeded, s.Why)
		case len(faults) > 0: // it wants others beside it, which is told
			if len(faults[0].Text) < 20 {
				t.Error(faults)
			}
		case notes[0].Outcome != Set && notes[0].Outcome != Unneeded || notes[0].Target != s.Target:
			t.Errorf("got %+v", notes)
		}
		return
	}
	t.Errorf("no sample fits: %s", s.Kind.Wants)
}
