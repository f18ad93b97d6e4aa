package figures

import (
	"fmt"
	"strings"
)

// Level says which figures are kept. The zero value is Detailed, as in the KPL.
type Level uint8

const (
	// Detailed keeps all.
	Detailed Level = iota
	// Summary keeps what tells whether all is well: records put and expired, errors, buffering time.
	Summary
	// None keeps nothing.
	None
)

var levels = [...]string{Detailed: "detailed", Summary: "summary", None: "none"}

// String is the KPL's word for the level.
func (l Level) String() string { return word(levels[:], int(l), "Level") }

// ParseLevel reads "none", "summary" or "detailed" in any case.
func ParseLevel(s string) (Level, error) {
	i, err := parse(levels[:], s, "metrics level")
	return Level(i), err
}

// Granularity says how finely figures are told apart. The zero value is PerShard, as in the KPL.
type Granularity uint8

const (
	// PerShard tells shards apart, and streams.
	PerShard Granularity = iota
	// PerStream tells streams apart.
	PerStream
	// Global has one figure for all.
	Global
)

var granularities = [...]string{PerShard: "shard", PerStream: "stream", Global: "global"}

// String is the KPL's word for the granularity.
func (g Granularity) String() string { return word(granularities[:], int(g), "Granularity") }

// ParseGranularity reads "global", "stream" or "shard" in any case.
func ParseGranularity(s string) (Granularity, error) {
	i, err := parse(granularities[:], s, "metrics granularity")
	return Granularity(i), err
}

func word(words []string, i int, kind string) string {
	if i < len(words) {
		return words[i]
	}
	return fmt.Sprintf("%s(%d)", kind, i)
}

func parse(words []string, s, kind string) (int, error) {
	for i, w := range words {
		if strings.EqualFold(s, w) {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s %q; want one of %s", kind, s, strings.Join(words, ", "))
}
