package shard

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func drawRange(t *rapid.T, label string) Range {
	a, b := drawHashKey(t, label+".a"), drawHashKey(t, label+".b")
	if b.Less(a) {
		a, b = b, a
	}
	return Range{First: a, Last: b}
}

func TestRangeAgreesWithBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, o, h := drawRange(t, "r"), drawRange(t, "o"), drawHashKey(t, "h")
		first, last, x := bigOf(r.First), bigOf(r.Last), bigOf(h)

		if got, want := r.Contains(h), first.Cmp(x) <= 0 && x.Cmp(last) <= 0; got != want {
			t.Fatalf("%v.Contains(%v) = %v", r, h, got)
		}
		// Two intervals meet if and only if the end of one lies in the other.
		if got, want := r.Overlaps(o), r.Contains(o.First) || o.Contains(r.First); got != want || got != o.Overlaps(r) {
			t.Fatalf("%v.Overlaps(%v) = %v", r, o, got)
		}
		middle := new(big.Int).Add(first, last)
		if middle.Rsh(middle, 1); bigOf(r.Middle()).Cmp(middle) != 0 {
			t.Fatalf("%v.Middle() = %v, want %v", r, r.Middle(), middle)
		}
		if !Whole().Contains(h) || !Whole().Overlaps(r) {
			t.Fatalf("Whole lacks %v or %v", h, r)
		}
		if b := r.Bytes(); b.First != r.First.Bytes() || b.Last != r.Last.Bytes() {
			t.Fatalf("%v.Bytes() = %x", r, b)
		}
	})
}

func TestParseRange(t *testing.T) {
	const last = "340282366920938463463374607431768211455"
	r, err := ParseRange("0", last)
	if err != nil || r != Whole() || r.String() != "0.."+last {
		t.Errorf("the whole key space became %v, %v", r, err)
	}
	if r, err := ParseRange("7", "7"); err != nil || !r.Contains(mustParse(t, "7")) {
		t.Errorf("a range of one key became %v, %v", r, err)
	}
	for _, bad := range []struct{ first, last, reason string }{
		{"x", "1", "first hash key"},
		{"1", "", "last hash key"},
		{"2", "1", "2..1 is reversed"},
	} {
		if _, err := ParseRange(bad.first, bad.last); !errors.Is(err, ErrHashKey) || !strings.Contains(err.Error(), bad.reason) {
			t.Errorf("ParseRange(%q, %q): %v; want ErrHashKey with %q", bad.first, bad.last, err, bad.reason)
		}
	}
}
