package kinesistest

import "fmt"

// Rule says when a [Fault] strikes. The zero value of a condition means any, or always; all
// conditions must hold. Several rules may stand: for each call they are asked in the order
// in which they were injected, the first whole-call fault that strikes decides, and rules
// behind it neither see nor count that call. Record errors are asked for each record of the
// calls that are carried out, likewise.
//
// Nth, Every and Times count what the fault strikes: records for [RecordError], calls for
// all others. Only what meets the other conditions is counted.
type Rule struct {
	// On is the operation. Faults about records concern PutRecords (RecordError and TooFew)
	// and PutRecord (RecordError) alone.
	On Operation
	// Stream is the stream's name, also for callers who use its ARN.
	Stream string
	// Shard is a shard id: the shard where a record goes, or the one that GetShardIterator or
	// GetRecords reads. For a whole-call fault, one record of the call suffices.
	Shard string
	// Key is a record's partition key. For a whole-call fault, one record of the call suffices.
	Key string
	// Nth strikes the nth time only, counted from 1; with Every, from the nth time on.
	Nth int
	// Every strikes every so many times: 3 strikes the 3rd, the 6th … or, with Nth, the nth,
	// the one 3 later ….
	Every int
	// Times ends the rule after it has struck so often; it then stands without effect.
	Times int
	// Do is what happens. It must be given.
	Do Fault
}

// standingRule is a rule in force, with its counts.
type standingRule struct {
	Rule
	seen, struck int
}

// unconditional reports that the rule strikes always and everywhere.
func (r *Rule) unconditional() bool {
	return *r == Rule{Do: r.Do}
}

func (r *Rule) validate() error {
	onPuts := r.On == "" || r.On == PutRecords || r.On == PutRecord && r.Do.kind == faultRecord
	switch {
	case r.Do.kind == faultNone:
		return fmt.Errorf("kinesistest: Rule.Do is empty; use RecordError, CallError, EmptyOK, HTML, Refuse or TooFew")
	case r.Nth < 0 || r.Every < 0 || r.Times < 0:
		return fmt.Errorf("kinesistest: Rule has Nth %d, Every %d, Times %d; none may be negative", r.Nth, r.Every, r.Times)
	case r.On != "" && !r.On.known():
		return fmt.Errorf("kinesistest: Rule.On is %q, which is no operation of this server", r.On)
	case (r.Do.kind == faultRecord || r.Do.kind == faultTooFew) && !onPuts:
		return fmt.Errorf("kinesistest: Rule.On is %s, which %s cannot strike", r.On, r.Do)
	case r.Do.kind == faultTooFew && r.Do.results < 0:
		return fmt.Errorf("kinesistest: TooFew(%d): a call cannot have fewer than 0 results", r.Do.results)
	case (r.Do.kind == faultCall || r.Do.kind == faultHTML) && (r.Do.status < 200 || r.Do.status > 599):
		return fmt.Errorf("kinesistest: %s: the status must be an HTTP status, 200 to 599", r.Do)
	}
	return nil
}

// matches reports whether a condition holds for a value.
func matches[T comparable](condition, value T) bool {
	var whatever T
	return condition == whatever || condition == value
}

// due counts one more of what the rule is about, and says whether it strikes.
func (r *standingRule) due() bool {
	if r.Times > 0 && r.struck >= r.Times {
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
	if hit {
		r.struck++
	}
	return hit
}

// strikeCall returns the whole-call fault that strikes this call, or nil.
func (s *service) strikeCall(op Operation, req request) *Fault {
	if len(s.rules) == 0 {
		return nil
	}
	name := s.nameOf(req.address())
	for _, r := range s.rules {
		if r.Do.kind == faultRecord || !matches(r.On, op) || !matches(r.Stream, name) {
			continue
		}
		if r.Do.kind == faultTooFew && op != PutRecords {
			continue
		}
		if (r.Shard != "" || r.Key != "") && !s.touches(req, name, r) {
			continue
		}
		if r.due() {
			return &r.Do
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
func strikeRecord(rules []*standingRule, shard, key string) *Fault {
	for _, r := range rules {
		if matches(r.Shard, shard) && matches(r.Key, key) && r.due() {
			return &r.Do
		}
	}
	return nil
}
