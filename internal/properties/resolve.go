package properties

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Note says what became of an entry.
type Note struct {
	// Line is where the entry stands; 0 in a map.
	Line int
	// Key is its name.
	Key string
	// Outcome is what became of it.
	Outcome Outcome
	// Target is what it sets, if it does.
	Target string
	// Text is the rest of the sentence.
	Text string
}

// Outcome is what became of an entry.
type Outcome uint8

// The outcomes.
const (
	Set       Outcome = iota // it sets its target
	Unneeded                 // nothing has to be set
	Overruled                // another entry sets its target
	Ignored                  // it is unknown or refused, and was to be passed over
)

// Options say how strict to be.
type Options struct {
	// Lenient passes over what is unknown or refused, instead of finding fault with it.
	Lenient bool
	// Ignore are names to pass over; one that ends with * stands for all that begin so.
	Ignore []string
}

// ignores says whether a name is to be passed over.
func (o Options) ignores(name string) bool {
	return slices.ContainsFunc(o.Ignore, func(pattern string) bool {
		start, prefix := strings.CutSuffix(pattern, "*")
		return name == pattern || prefix && strings.HasPrefix(name, start)
	})
}

// Resolve says what entries mean. Faults that were found before, when they were read, are among those that it returns.
func Resolve(entries []Entry, before []Fault, o Options) (Values, []Note, []Fault) {
	r := resolution{options: o, winners: map[string]candidate{}, faults: slices.Clone(before)}
	for _, e := range r.last(entries) {
		r.entry(e)
	}
	r.apply()
	r.contradictions()
	slices.SortStableFunc(r.notes, func(a, b Note) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Key, b.Key)) })
	slices.SortStableFunc(r.faults, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return r.values, r.notes, r.faults
}

// resolution is a Resolve under way.
type resolution struct {
	options Options
	values  Values
	notes   []Note
	faults  []Fault
	order   []string             // targets, as they came
	winners map[string]candidate // by target
}

// candidate is an entry that may set a target.
type candidate struct {
	entry   Entry
	setting *Setting
	rank    int
	value   value
}

// last keeps the last entry of each name.
func (r *resolution) last(entries []Entry) []Entry {
	final := make(map[string]int, len(entries))
	for i, e := range entries {
		final[e.Key] = i
	}
	var kept []Entry
	for i, e := range entries {
		if at := final[e.Key]; at != i {
			r.note(e, Overruled, "", fmt.Sprintf("is written again on line %d, which counts", entries[at].Line))
			continue
		}
		kept = append(kept, e)
	}
	return kept
}

// entry looks at one entry by itself.
func (r *resolution) entry(e Entry) {
	s, rank := find(e.Key)
	switch {
	case r.options.ignores(e.Key):
		r.note(e, Ignored, "", "is passed over, as asked")
		return
	case s == nil:
		r.refuse(e, unknown(e.Key))
		return
	}
	v, err := s.Kind.read(e.Value)
	if err != nil {
		r.fault(e, err.Error())
		return
	}
	if s.Refused {
		r.refuse(e, "has no counterpart: "+s.Why)
		return
	}
	if s.refuses != nil {
		if why := s.refuses(v); why != "" {
			r.refuse(e, why)
			return
		}
	}
	switch {
	case s.set == nil:
		r.note(e, Unneeded, "", "is not needed: "+s.Why)
	case strings.TrimSpace(e.Value) == "":
		r.note(e, Unneeded, "", "is empty, and changes nothing")
	default:
		r.compete(candidate{e, s, rank, v})
	}
}

// unknown says what is wrong with a name, and which one may have been meant.
func unknown(name string) string {
	if meant := near(name); meant != "" {
		return "is not a setting; did you mean " + meant + "?"
	}
	return "is not a setting of Flink's producers, of the KPL or of kinecast; correct it, or have it ignored"
}

// compete lets the stronger of two candidates for a target win.
func (r *resolution) compete(c candidate) {
	target := c.setting.Target
	other, taken := r.winners[target]
	if !taken {
		r.order = append(r.order, target)
		r.winners[target] = c
		return
	}
	winner, loser := other, c
	if c.rank < other.rank {
		winner, loser = c, other
	}
	r.winners[target] = winner
	r.note(loser.entry, Overruled, target, fmt.Sprintf("is overruled by %s%s", winner.entry.Key, onLine(winner.entry.Line)))
}

func onLine(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf(" on line %d", line)
}

// apply sets what has won.
func (r *resolution) apply() {
	for _, target := range r.order {
		c := r.winners[target]
		became, remark := c.setting.set(&r.values, c.value)
		text := "sets " + target + " to " + became
		if remark != "" {
			text += " (" + remark + ")"
		}
		r.note(c.entry, Set, target, text)
	}
}

func (r *resolution) note(e Entry, o Outcome, target, text string) {
	r.notes = append(r.notes, Note{Line: e.Line, Key: name(e.Key), Outcome: o, Target: target, Text: text})
}

func (r *resolution) fault(e Entry, text string) {
	r.faults = append(r.faults, Fault{Line: e.Line, Key: name(e.Key), Text: text})
}

// refuse is a fault, unless it is to be passed over.
func (r *resolution) refuse(e Entry, why string) {
	if r.options.Lenient {
		r.note(e, Ignored, "", why+" (passed over)")
		return
	}
	r.fault(e, why)
}

// name is a key as it may be shown.
func name(key string) string {
	if s, _ := find(key); s != nil && !s.Prefix || presentable(key) {
		return key
	}
	return "a name that is not shown, because it may be part of a secret,"
}
