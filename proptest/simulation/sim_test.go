package simulation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/kinecast/kinecast/internal/ledger"
	"github.com/kinecast/kinecast/shard"
)

// sim is one run of a plan: the pure cores, the shells around them in a few lines each, and the service.
type sim struct {
	plan  *plan
	rng   *rand.Rand
	queue queue
	now   time.Duration
	steps int
	story *story
	count *[marks]int

	// The producer: what is shared, and its actors.
	ledger    *ledger.Ledger
	policy    shard.RetryPolicy
	table     *shard.Table
	routes    *shard.Routes
	cells     []*cell
	byPort    map[*shard.Port]*cell
	homing    []*shard.Record
	front     box
	collector *collector
	breaker   *shard.Breaker
	ends      []end // of requests that the breaker has not heard of
	refresher *refresher
	gone      bool // the stream has been released, and has not come back
	adopted   bool // by this incarnation of the front
	courier   courier
	pool      pool

	callers  [4]caller
	lines    []*line
	queued   []*queued
	flushes  []*flush
	hurries  int
	waiters  int // callers whose put did not come in at the first try
	received int // user records that came in,
	settled  int // and that were settled
	closing  bool
	broken   bool  // a failure is sticky: puts are refused until somebody clears it
	breaks   []int // the events at which one was told
	draining bool  // Close waits for what is outstanding
	stopped  bool  // no actor runs any more
	over     bool  // Close has returned

	laneDies, judgePanics int // what is to die, how often

	service *service
	faults  []fault
	flights []*flight
	book    book
	watch   watch
	forced  int64 // bytes that moved records have grown by
}

// noon is when runs begin.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func newSim(p *plan, story *story, count *[marks]int) *sim {
	s := &sim{
		plan: p, rng: rand.New(rand.NewPCG(p.seed, 1)), story: story, count: count,
		ledger: ledger.New(p.cfg.queueLimit, p.cfg.queueBytes),
		byPort: map[*shard.Port]*cell{}, service: newService(p.cfg.shards),
		policy: shard.RetryPolicy{MaxAttempts: p.cfg.maxAttempts, RetryDuration: p.cfg.retryDuration, RecordTTL: p.cfg.ttl, FailIfThrottled: p.cfg.failThrottled},
		pool:   pool{free: p.cfg.connections, room: 8 << 20},
	}
	s.policy.Backoff = s.backoff
	s.watch.s = s
	s.front = box{name: "the front", started: s.startFront}
	s.prepare()
	s.startFront()
	if p.cfg.opened {
		s.put(s.listed())
	}
	for _, a := range p.acts {
		s.at(a.at, func() { s.do(a) })
	}
	if p.cfg.ttl > 0 || p.cfg.retryDuration > 0 {
		s.at(sweepEvery, s.sweep)
	}
	return s
}

// backoff is the pause after a failure: without jitter, so that an attempt that comes too early is seen to.
func (s *sim) backoff(c shard.Class, failures int) time.Duration {
	if s.judgePanics > 0 {
		s.judgePanics--
		s.hit(markPanic)
		panic(injected{})
	}
	first, most := pauses(c)
	return min(first<<min(failures-1, 16), most)
}

func pauses(c shard.Class) (first, most time.Duration) {
	if c == shard.Throttled {
		return 25 * time.Millisecond, time.Second
	}
	return 50 * time.Millisecond, 5 * time.Second
}

func (s *sim) at(when time.Duration, do func()) { s.queue.push(max(when, s.now), do) }

func (s *sim) clock() time.Time { return noon.Add(s.now) }

// hop is how long a message lies in a mailbox.
func (s *sim) hop() time.Duration {
	switch n := s.rng.IntN(20); {
	case n < 14:
		return time.Duration(s.rng.IntN(50_000))
	case n < 19 || !s.plan.cfg.stalls:
		return time.Duration(s.rng.IntN(2_000_000))
	}
	return time.Duration(s.rng.IntN(150_000_000))
}

// later does something at once, as a rule, or after others have had a chance to run: between any two lines of a caller's
// goroutine there may be a while.
func (s *sim) later(do func()) {
	if s.rng.IntN(4) > 0 {
		do()
		return
	}
	s.at(s.now+s.hop(), do)
}

// Bounds of a run: far beyond what any plan needs, so reaching one means that it never comes to rest.
const (
	mostSteps = 200_000
	mostTime  = 4 * time.Hour
)

// run runs the plan to its end and judges it.
func (s *sim) run() (err error) {
	defer func() {
		if v := recover(); v != nil {
			broken, ok := v.(breach)
			if !ok {
				panic(v)
			}
			err = broken
		}
	}()
	for !s.queue.empty() {
		e := s.queue.pop()
		s.now = e.at
		if s.steps++; s.steps > mostSteps || s.now > mostTime {
			s.breachf("rest", "after %d events and %v it has not come to rest", s.steps, s.now)
		}
		e.do()
		s.poll()
		s.watch.bounds()
	}
	s.judge()
	return nil
}

// breach is an invariant that does not hold.
type breach struct {
	law  string // which one
	text string
}

func (b breach) Error() string { return b.law + ": " + b.text }

func (s *sim) breachf(law, format string, args ...any) {
	panic(breach{law, fmt.Sprintf(format, args...)})
}

// do does what the plan says.
func (s *sim) do(a act) {
	if s.closing && a.kind != actPut {
		return
	}
	switch a.kind {
	case actPut:
		s.give(a.put)
	case actFlush:
		s.hit(markFlush)
		s.flush(nil)
	case actFault:
		s.notef("from now to %v: %v", a.at+a.fault.ends, a.fault.kind)
		f := a.fault
		f.ends += s.now
		if s.service.gone > 0 && f.kind >= faultSlowLoad {
			return // see goneFor
		}
		s.faults = append(s.faults, f)
	case actSplit:
		s.reshard(markSplit, s.service.split(a.n))
	case actMerge:
		s.reshard(markMerge, s.service.merge(a.n))
	case actScale:
		s.service.scale(a.n)
		s.reshard(markScale, true)
	case actRecreate:
		s.service.recreate(s.now+goneFor, a.n)
		s.reshard(markRecreate, true)
		s.faults = slices.DeleteFunc(s.faults, func(f fault) bool { return f.kind >= faultSlowLoad })
	case actLaneDies:
		s.laneDies = 1 + int(a.n%3)
	case actJudgePanics:
		s.judgePanics = 1 + int(a.n%4)
	case actCollectorDies:
		s.hit(markCollectorDies)
		s.tell(&s.collector.box, func() { panic(injected{}) })
	case actRelease:
		s.tell(&s.front, s.release)
	case actFrontDies:
		s.hit(markFrontDies)
		s.tell(&s.front, func() { panic(injected{}) })
	case actClose:
		s.faults = nil
		s.shut(-1)
	case actHurried:
		s.hit(markHurried)
		s.shut(time.Duration(a.n))
	}
}

// goneFor is how long a stream is away that is deleted and made again: longer than a map is believed without being confirmed. When
// it is back its shards can be listed: a producer that cannot list them for longer than it waits for that goes on with the old map, in
// which the same ids may stand for other ranges. That is a known limit, and not simulated.
const goneFor = 150 * time.Second

func (s *sim) reshard(m mark, done bool) {
	if !done {
		return
	}
	s.hit(m)
	if s.story.telling {
		for _, p := range s.service.open() {
			s.notef("%v: %s holds %v to %v", m, p.id, p.keys.First, p.keys.Last)
		}
	}
}
