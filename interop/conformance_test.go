package interop

import (
	"testing"

	"github.com/kinecast/kinecast/kinesistest/conformance"
)

// TestConformance asks every server every probe. docs/conformance.md is the table of what they must answer.
func TestConformance(t *testing.T) {
	installed(t)
	t.Parallel() // after the others: a loaded machine makes kinesis-local slow
	for _, name := range conformance.Servers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, name)
			for _, v := range conformance.Run(t.Context(), s.name, s.client) {
				if v.Answer != v.Want {
					t.Errorf("%s: %s\nthe table in kinesistest/conformance says %s", v.Probe.Name, v.Answer, v.Want)
				}
			}
		})
	}
}
