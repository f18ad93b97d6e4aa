package properties

import (
	"slices"
	"strings"
)

// find returns the setting that has this name, and the name's place in the order of precedence.
func find(name string) (s *Setting, rank int) {
	for i := range settings {
		for _, n := range settings[i].Names {
			if n == name || settings[i].Prefix && strings.HasPrefix(name, n) {
				return &settings[i], rank
			}
			rank++
		}
	}
	return nil, 0
}

// near returns the name that was probably meant, or "". Case and separators do not count, so recordTtl, record-ttl and
// RECORD_TTL are RecordTtl; of what is left, a quarter may be wrong.
func near(name string) string {
	wanted := plain(name)
	best, least := "", max(len(wanted)/4, 1)+1
	for _, s := range settings {
		if s.Prefix {
			continue
		}
		for _, n := range s.Names {
			if d := distance(wanted, plain(n), least); d < least || d == least && best != "" && closer(name, n, best) {
				best, least = n, d
			}
		}
	}
	return best
}

// closer says which of two names that are as far away is written more like what was meant.
func closer(name, n, best string) bool {
	return distance(name, n, len(name)+len(n)) < distance(name, best, len(name)+len(best))
}

// plain is a name without case and separators, and without what a setter is called for.
func plain(name string) string {
	name = strings.TrimPrefix(name, "set")
	return strings.ToLower(strings.NewReplacer(".", "", "-", "", "_", "", " ", "").Replace(name))
}

// distance is how many letters have to be put in, left out, changed or swapped with their neighbour (the restricted
// distance of Damerau and Levenshtein); above most it is most+1.
func distance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(last[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		if slices.Min(row) > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// presentable says that an unknown name looks like one. What does not may be a piece of a secret that was broken over two
// lines, or an access key in the wrong place: it has digits or other characters than names have, is a longer word than any
// name has, or a long one in capitals.
func presentable(name string) bool {
	if len(name) > 64 {
		return false
	}
	for word := range strings.FieldsFuncSeq(name, func(c rune) bool { return c == '.' || c == '-' || c == '_' }) {
		if len(word) > 37 || len(word) > 15 && word == strings.ToUpper(word) || strings.ContainsFunc(word, notLetter) {
			return false
		}
	}
	return true
}

func notLetter(c rune) bool { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') }
