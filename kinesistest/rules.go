package kinesistest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Rule says when a [Fault] strikes. The zero value of a condition means any, or always; all
// conditions must hold. Several rules may stand: for each call they are asked in the order
// in which they were injected, the first whole-call fault that strikes decides, and rules
// behind it neither see nor count that call. Record errors are asked for each record of the
// calls that are carried out, likewise.
//
// Nth, Every, P and Times are about what the fault strikes: records for [RecordError], calls
// for all others. Only what meets the other conditions is counted.
type Rule struct {
	// On is the operation. Faults about records and results concern PutRecords alone, or
	// PutRecord as well.
	On Operation
	// Stream is the stream's name, also for callers who use its ARN.
	Stream string
	// Shard is a shard id: the shard where a record goes, or the one that is read, split or
	// merged. For a whole-call fault, one record of the call suffices.
	Shard string
	// Key is a record's partition key. For a whole-call fault, one record of the call suffices.
	Key string
	// Nth strikes the nth time only, counted from 1; with Every, from the nth time on.
	Nth int
	// Every strikes every so many times: 3 strikes the 3rd, the 6th … or, with Nth, the nth,
	// the one 3 later ….
	Every int
	// P is the probability, 0 to 1, with which it strikes where it would otherwise strike
	// always. 0 means 1.
	P float64
	// Seed fixes what P and [DelayBetween] draw: the same seed draws the same, call by call.
	Seed uint64
	// Times ends the rule after it has struck so often; it then stands without effect.
	Times int
	// For ends the rule when so much time has passed since Inject, by the server's clock.
	For time.Duration
	// Do is what happens. It must be given.
	Do Fault
}

// String says in words when what happens, as "store, then answer lost: reset, on PutRecords,
// shard shardId-000000000001, every 3".
func (r Rule) String() string {
	words := []string{r.Do.String()}
	add := func(given bool, format string, args ...any) {
		if given {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(r.On != "", "on %s", r.On)
	add(r.Stream != "", "stream %s", r.Stream)
	add(r.Shard != "", "shard %s", r.Shard)
	add(r.Key != "", "key %q", r.Key)
	add(r.Nth > 0 && r.Every > 0, "from number %d on", r.Nth)
	add(r.Nth > 0 && r.Every == 0, "number %d", r.Nth)
	add(r.Every > 0, "every %d", r.Every)
	add(r.P > 0, "with probability %v of seed %d", r.P, r.Seed)
	add(r.Times > 0, "%d times", r.Times)
	add(r.For > 0, "for %v", r.For)
	return strings.Join(words, ", ")
}

// standingRule is a rule in force, with its counts.
type standingRule struct {
	Rule
	seen, struck int
	chance       *rand.Rand
	over         time.Time // zero: it lasts
}

func stand(r Rule, now time.Time) *standingRule {
	s := &standingRule{Rule: r, chance: rand.New(rand.NewPCG(r.Seed, 0))}
	if r.For > 0 {
		s.over = now.Add(r.For)
	}
	return s
}

// unconditional reports that the rule strikes always and everywhere.
func (r *Rule) unconditional() bool {
	return r.On == "" && r.Stream == "" && r.Shard == "" && r.Key == "" &&
		r.Nth == 0 && r.Every == 0 && r.P == 0 && r.Times == 0 && r.For == 0
}

func (r *Rule) validate() error {
	onPuts := r.On == "" || r.On == PutRecords || r.On == PutRecord && !r.Do.any((*Fault).onPutRecords)
	switch {
	case r.Do.kind == faultNone:
		return errors.New("kinesistest: Rule.Do is empty; use RecordError, CallError, Lose, Delay or another fault")
	case r.Nth < 0 || r.Every < 0 || r.Times < 0 || r.For < 0:
		return fmt.Errorf("kinesistest: Rule has Nth %d, Every %d, Times %d, For %v; none may be negative", r.Nth, r.Every, r.Times, r.For)
	case !(r.P >= 0 && r.P <= 1):
		return fmt.Errorf("kinesistest: Rule.P is %v; a probability is from 0 to 1", r.P)
	case r.On != "" && !r.On.known():
		return fmt.Errorf("kinesistest: Rule.On is %q, which is no operation of this server", r.On)
	case r.Do.any((*Fault).onPuts) && !onPuts:
		return fmt.Errorf("kinesistest: Rule.On is %s, which %s cannot strike", r.On, r.Do)
	}
	if err := r.Do.validate(); err != nil {
		return fmt.Errorf("kinesistest: Rule.Do: %w", err)
	}
	return nil
}

// concerns reports whether the rule is about an operation at all.
func (r *standingRule) concerns(op Operation) bool {
	switch op {
	case PutRecords:
		return true
	case PutRecord:
		return !r.Do.any((*Fault).onPutRecords)
	}
	return !r.Do.any((*Fault).onPuts)
}

// matches reports whether a condition holds for a value.
func matches[T comparable](condition, value T) bool {
	var whatever T
	return condition == whatever || condition == value
}

// due counts one more of what the rule is about, and says whether it strikes.
func (r *standingRule) due(now time.Time) bool {
	if r.Times > 0 && r.struck >= r.Times || !r.over.IsZero() && !now.Before(r.over) {
		return false
	}
	r.seen++
	hit := true
	switch {
	case r.Every > 0 && r.Nth > 0:
		hit = r.seen >= r.Nth && (r.seen-r.Nth)%r.Every == 0
	case r.Every > 0:
		hit = r.seen%r.Every == 0
	case r.Nth > 0:
		hit = r.seen == r.Nth
	}
	if hit && r.P > 0 {
		hit = r.chance.Float64() < r.P
	}
	if hit {
		r.struck++
	}
	return hit
}

// strikeCall returns the rule whose whole-call fault strikes this call, or nil.
func (s *service) strikeCall(op Operation, req request) *standingRule {
	if len(s.rules) == 0 {
		return nil
	}
	name := s.nameOf(req.address())
	for _, r := range s.rules {
		if r.Do.kind == faultRecord || !matches(r.On, op) || !matches(r.Stream, name) || !r.concerns(op) {
			continue
		}
		if (r.Shard != "" || r.Key != "") && !s.touches(req, name, r) {
			continue
		}
		if r.due(s.clock()) {
			return r
		}
	}
	return nil
}

func (s *service) touches(req request, name string, r *standingRule) bool {
	st := s.find(name)
	return st != nil && req.touches(st, r.Shard, r.Key)
}

// recordRules returns the rules that may strike records of a call.
func (s *service) recordRules(op Operation, stream string) []*standingRule {
	var found []*standingRule
	for _, r := range s.rules {
		if r.Do.kind == faultRecord && matches(r.On, op) && matches(r.Stream, stream) {
			found = append(found, r)
		}
	}
	return found
}

// strikeRecord returns the fault that strikes a record with this key for this shard, or nil.
func strikeRecord(rules []*standingRule, shard, key string, now time.Time) *Fault {
	for _, r := range rules {
		if matches(r.Shard, shard) && matches(r.Key, key) && r.due(now) {
			return &r.Do
		}
	}
	return nil
}
