package shard

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// excerpt returns the first limit bytes of s or, to end between two characters, a few fewer. What it cuts it copies, so
// that a short excerpt does not keep a long text alive.
func excerpt(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > limit-utf8.UTFMax && end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.Clone(s[:end])
}

// quoted makes text that somebody else wrote fit for an error: quoted, without control characters, and short.
func quoted(s string) string {
	const enough = 64
	if len(s) <= enough {
		return strconv.Quote(s)
	}
	return strconv.Quote(excerpt(s, enough)) + "… (" + strconv.Itoa(len(s)) + " bytes)"
}
