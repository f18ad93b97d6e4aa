package simulation_test

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"
)

// story is the log of a run: a digest of every event always, and words when somebody is to read them.
type story struct {
	telling bool
	digest  uint64
	lines   []chapter
}

// chapter is a line of a story: about some records, or about all.
type chapter struct {
	at    time.Duration
	users []int
	text  string
}

// seed makes digests of two runs comparable.
var seed = maphash.MakeSeed()

func (s *sim) notef(format string, args ...any) { s.noteOf(nil, format, args...) }

// noteOf notes something about records.
func (s *sim) noteOf(users []int, format string, args ...any) {
	s.mix(uint64(s.now), maphash.String(seed, format))
	for _, id := range users {
		s.mix(uint64(id))
	}
	if s.story.telling {
		s.story.lines = append(s.story.lines, chapter{s.now, slices.Clone(users), fmt.Sprintf(format, args...)})
	}
}

// mix adds numbers to the digest (FNV-1a, by words).
func (s *sim) mix(words ...uint64) {
	for _, w := range words {
		s.story.digest = (s.story.digest ^ w) * 1099511628211
	}
}

// mark is something that is counted over all runs, to see that it happens at all.
type mark uint8

const (
	markNone mark = iota
	markAdmitted
	markAcknowledged
	markFailed
	markRefused
	markWaited
	markCrowded
	markDuplicated
	markDropped
	markRequest
	markTimeout
	markPoison
	markFlush
	markSplit
	markMerge
	markScale
	markRecreate
	markLaneDies
	markPanic
	markCollectorDies
	markFrontDies
	markHurried
	markReleased
	markReopened
	markBegunAnew
	ownMarks
)

// marks counts them all: behind the others come those of the faults.
const marks = ownMarks + mark(faultKinds)

func markOf(k faultKind) mark { return ownMarks + mark(k) }

func (s *sim) hit(m mark) {
	s.count[m]++
	s.mix(uint64(s.now), uint64(m))
}

func (m mark) String() string {
	if m >= ownMarks {
		return faultKind(m - ownMarks).String()
	}
	return [...]string{
		"", "user records admitted", "acknowledged", "reported failed", "refused", "puts that waited", "puts that met a crowded shard", "in the stream more than once",
		"Kinesis records that readers drop", "requests", "requests timed out", "requests with poison", "flushes", "splits", "merges",
		"scalings", "streams recreated", "lanes that died", "panics in a judgement", "collectors that died", "fronts that died",
		"closed without time", "streams released", "and come back", "puts that met one that was being released",
	}[m]
}

type faultKind uint8

const (
	faultThrottled faultKind = iota
	faultHotShard
	faultInternal
	faultStrange
	faultDead
	faultExpiredToken
	faultDenied
	faultInvalid
	faultCallThrottled
	faultUnavailable
	faultLost
	faultPart
	faultHang
	faultLate
	faultWrongCount
	faultSlowLoad
	faultLoadFails
	faultLoadDenied
	faultShortList
	faultKinds
)

func (k faultKind) String() string {
	return [...]string{
		"records throttled", "a shard that throttles", "records that fail, stored or not", "answers that name an unknown shard",
		"connections refused", "expired tokens", "rights denied", "requests called invalid", "calls throttled", "503",
		"stored, and the answer lost", "stored in part, and 500", "calls that hang", "calls that are applied late",
		"answers of a wrong count", "slow loads of the map", "loads that fail", "maps that may not be read", "maps without history",
	}[k]
}

// tell runs a plan once more and writes down what happened: to all, and to the records that the breach names.
func tell(p *plan, err error) string {
	s := &story{telling: true}
	newSim(p, s, new([marks]int)).run()
	var b strings.Builder
	fmt.Fprintf(&b, "%v\nseed %d, %+v\n", err, p.seed, p.cfg)
	for _, a := range p.acts {
		if a.kind == actPut {
			fmt.Fprintf(&b, "%14v  planned: %+v\n", a.at, a.put)
		}
	}
	named := func(c chapter) bool {
		return c.users == nil || slices.ContainsFunc(c.users, func(id int) bool { return strings.Contains(err.Error(), fmt.Sprintf("record %d ", id)) })
	}
	all := len(s.lines) < 150 || !strings.Contains(err.Error(), "record ")
	for _, c := range s.lines {
		if all || named(c) {
			fmt.Fprintf(&b, "%14v  %v %s\n", c.at, c.users, c.text)
		}
	}
	return b.String()
}
