package shard

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestExcerpt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "s")
		limit := rapid.IntRange(0, 20).Draw(t, "limit")
		cut := excerpt(s, limit)
		if !strings.HasPrefix(s, cut) || len(cut) > limit || len(s) <= limit && cut != s || len(s) > limit && len(cut) < limit-utf8.UTFMax {
			t.Fatalf("excerpt(%q, %d) = %q", s, limit, cut)
		}
		if utf8.ValidString(s) && !utf8.ValidString(cut) {
			t.Fatalf("excerpt(%q, %d) = %q breaks a character", s, limit, cut)
		}
	})
}
