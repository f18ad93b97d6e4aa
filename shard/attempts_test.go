package shard

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestAttemptsKeepsBothEnds(t *testing.T) {
	var a Attempts
	if _, ok := a.Last(); ok || a.Len() != 0 || a.MaybeWritten() || a.Slice() != nil {
		t.Fatalf("the zero history is %+v", a)
	}
	for i := range 1000 {
		a.Add(Attempt{Code: strconv.Itoa(i + 1), Class: Throttled})
	}
	var numbers []int
	for number, attempt := range a.All() {
		numbers = append(numbers, number)
		if attempt.Code != strconv.Itoa(number) {
			t.Errorf("attempt %s is numbered %d", attempt.Code, number)
		}
	}
	if want := []int{1, 2, 3, 4, 5, 6, 7, 8, 993, 994, 995, 996, 997, 998, 999, 1000}; !slices.Equal(numbers, want) {
		t.Errorf("kept %v, want %v", numbers, want)
	}
	if first, _ := a.First(); first.Code != "1" {
		t.Errorf("the first attempt is %q", first.Code)
	}
	if last, _ := a.Last(); last.Code != "1000" || a.Len() != 1000 {
		t.Errorf("the last of %d attempts is %q", a.Len(), last.Code)
	}
	for range a.All() {
		break // a caller may stop
	}
}

// The model keeps every attempt. Copies are taken on the way and grow on their own: none may see another's attempts.
func TestAttemptsAgreeWithFullHistory(t *testing.T) {
	type pair struct {
		short Attempts
		full  []Attempt
	}
	rapid.Check(t, func(t *rapid.T) {
		histories := []pair{{}}
		for step := range rapid.IntRange(1, 80).Draw(t, "steps") {
			h := &histories[rapid.IntRange(0, len(histories)-1).Draw(t, "history")]
			if len(histories) < 4 && rapid.IntRange(0, 9).Draw(t, "copy") == 0 {
				histories = append(histories, pair{h.short, slices.Clip(h.full)})
				continue
			}
			attempt := Attempt{Code: strconv.Itoa(step), Class: Throttled}
			if rapid.IntRange(0, 19).Draw(t, "lost answer") == 0 {
				attempt.Class = Ambiguous
			}
			h.short.Add(attempt)
			h.full = append(h.full, attempt)
		}
		for _, h := range histories {
			maybeWritten := false
			for _, attempt := range h.full {
				maybeWritten = maybeWritten || attempt.Class == Ambiguous
			}
			want := h.full
			if n := len(want); n > 2*KeptAttempts {
				want = append(want[:KeptAttempts:KeptAttempts], want[n-KeptAttempts:]...)
			}
			got := h.short.Slice()
			if h.short.Len() != len(h.full) || h.short.MaybeWritten() != maybeWritten || len(got) != len(want) {
				t.Fatalf("%d attempts, %d kept, may be written %v; full history: %v", h.short.Len(), len(got), h.short.MaybeWritten(), h.full)
			}
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("kept attempt %d is %v, want %v", i, got[i], want[i])
				}
			}
		}
	})
}

func TestAttemptsBoundWhatServersSay(t *testing.T) {
	long := strings.Repeat("é", 10_000) // two bytes each
	var a Attempts
	a.Add(Attempt{Code: long, Message: "x" + long, ShardID: long})
	got, _ := a.Last()
	if len(got.Code) != maxCodeBytes || len(got.ShardID) != MaxShardIDBytes {
		t.Errorf("code of %d bytes, shard id of %d", len(got.Code), len(got.ShardID))
	}
	if len(got.Message) != MaxMessageBytes-1 || !utf8.ValidString(got.Message) {
		t.Errorf("message of %d bytes, valid %v; want it cut between two characters", len(got.Message), utf8.ValidString(got.Message))
	}

	slice := a.Slice()
	slice[0].Code = "changed"
	if got, _ := a.Last(); got.Code == "changed" {
		t.Error("a caller's slice reaches into the history")
	}
}
