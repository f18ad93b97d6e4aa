package kinecast

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The first trouble of a kind is logged at once, later ones are counted and told every ten seconds, or at the end.
func TestTroublesDrownNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		log := slog.New(slog.NewTextHandler(&text, nil))
		var all troubles
		for second := range 25 {
			for range 100 {
				all.tell(log, slog.LevelWarn, "it hurts", "s", "Head", "aspirin")
			}
			if second == 0 {
				all.tell(log, slog.LevelWarn, "it hurts", "s", "Foot", "boots")
				all.tell(log, slog.LevelWarn, "it hurts", "other", "Head", "aspirin")
			}
			time.Sleep(time.Second)
		}
		all.sum(log)
		lines := strings.Split(strings.TrimSpace(text.String()), "\n")
		if len(lines) != 6 {
			t.Fatalf("%d lines:\n%s", len(lines), &text)
		}
		told := 0
		for _, line := range lines {
			var n int
			for _, key := range []string{"before=", "more="} {
				if _, after, ok := strings.Cut(line, key); ok {
					if _, err := fmt.Sscan(after, &n); err != nil {
						t.Error(err)
					}
					told += n
				}
			}
		}
		if told += 5; told != 2502 { // five lines tell of themselves too, the sum only of others
			t.Errorf("%d troubles are told of, want 2502:\n%s", told, &text)
		}
	})
}

// A server may invent codes; the table does not grow for it.
func TestTroublesAreBounded(t *testing.T) {
	var all troubles
	for i := range 2 * maxKinds {
		all.tell(slog.New(slog.DiscardHandler), slog.LevelWarn, "w", "s", fmt.Sprint(i), "")
	}
	if len(all.kinds) != maxKinds {
		t.Errorf("%d kinds are kept", len(all.kinds))
	}
}
