package simulation_test

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/kinecast/kinecast/proptest/kcl"
)

// plan is what is decided before a run begins: who puts what, and what befalls him. A run follows from its plan alone, and a plan
// with fewer acts is a plan again: so a run that fails can be made smaller.
type plan struct {
	seed uint64 // of what is decided on the way: how long things take, which of several calls is hit
	cfg  config
	acts []act
}

// config is the producer, and the stream that it starts with.
type config struct {
	shards    int
	opened    bool // the map is there before the first record
	ordered   bool // per key
	halts     bool // what waits behind a record that failed ends with it
	aggregate bool
	maxCount  int64
	maxSize   int
	linger    time.Duration

	requestRecords, requestBytes, shardBytes int

	connections   int
	queueLimit    int64
	queueBytes    int64
	heldRecords   int64 // by a slow lane
	heldBytes     int64
	rateLimit     int64 // in percent of a shard
	failThrottled bool
	maxAttempts   int
	retryDuration time.Duration
	ttl           time.Duration
	timeout       time.Duration
	latency       time.Duration // the most that a call takes each way when all is well
	stalls        bool          // actors are kept from working at times
}

// apart is Limits.Apart, as a producer sets it.
func (c *config) apart() time.Duration {
	if c.linger > 0 {
		return 0
	}
	return 2500 * time.Microsecond
}

// act is one thing that happens from outside.
type act struct {
	at    time.Duration
	kind  actKind
	put   put
	fault fault
	n     uint64 // whatever else the act has to choose
}

type actKind uint8

const (
	actPut actKind = iota
	actFlush
	actFault
	actSplit
	actMerge
	actScale
	actRecreate
	actLaneDies
	actJudgePanics
	actCollectorDies
	actFrontDies
	actRelease
	actClose   // the last act: with all faults over, and all the time it takes
	actHurried // the last act: with little time or none
	actKinds
)

// put is a user record on its way in.
type put struct {
	id       int
	caller   int
	key      int
	explicit bool
	shared   bool
	hash     kcl.Point
	size     int
	verb     verb
	urgent   bool
	told     bool
	poison   bool // the service refuses every request with it
}

type verb uint8

const (
	waits verb = iota
	tries
	impatient // waits, and gives up
	verbs
)

// fault is a trouble of the service's that lasts a while and hits one of so many calls.
type fault struct {
	kind faultKind
	ends time.Duration
	one  int // of so many
	n    uint64
}

// draw makes a plan.
func draw(seed uint64) *plan {
	r := rand.New(rand.NewPCG(seed, 0x6b696e6563617374))
	p := &plan{seed: seed, cfg: drawConfig(r)}
	span := pick(r, 200*time.Millisecond, 2*time.Second, 20*time.Second)
	for id := range 5 + r.IntN(pick(r, 20, 60, 150)) {
		put := drawPut(r, id)
		put.shared = put.shared && !p.cfg.ordered // keys that are drawn have no order
		p.acts = append(p.acts, act{at: within(r, span), kind: actPut, put: put})
	}
	if r.IntN(10) == 0 {
		span = 4 * time.Minute // long enough to live through a stream that is deleted and made again
		p.acts = append(p.acts, act{at: within(r, span), kind: actRecreate, n: r.Uint64()})
		for id := range len(p.acts) {
			p.acts[id].at = within(r, span)
		}
	}
	for range r.IntN(8) {
		p.acts = append(p.acts, act{at: within(r, span), kind: actFault, fault: drawFault(r, span)})
	}
	for range r.IntN(10) {
		kind := actKind(1 + r.IntN(int(actClose)-1))
		if kind == actFault || kind == actRecreate && r.IntN(4) > 0 {
			kind = actFlush
		}
		p.acts = append(p.acts, act{at: within(r, span), kind: kind, n: r.Uint64()})
	}
	if r.IntN(3) == 0 {
		for range 1 + r.IntN(12) {
			at := within(r, 2*span)
			if r.IntN(2) == 0 { // just when somebody comes
				at = p.acts[r.IntN(len(p.acts))].at + within(r, 200*time.Microsecond)
			}
			p.acts = append(p.acts, act{at: at, kind: actRelease})
		}
	}
	end := act{at: span + within(r, span), kind: actClose}
	if r.IntN(3) == 0 {
		end = act{at: within(r, 2*span), kind: actHurried, n: uint64(within(r, pick(r, 1, time.Second, 10*time.Second)))}
	}
	p.acts = append(p.acts, end)
	slices.SortStableFunc(p.acts, func(a, b act) int { return int(a.at - b.at) })
	return p
}

func drawConfig(r *rand.Rand) config {
	cfg := config{
		shards: 1 + r.IntN(5), opened: r.IntN(2) == 0, aggregate: r.IntN(4) > 0,
		maxCount: int64(pick(r, 1, 2+r.IntN(8), 1000)), maxSize: pick(r, 64+r.IntN(500), 5000, 51200),
		linger:         pick(r, 0, within(r, time.Second), 100*time.Millisecond),
		requestRecords: pick(r, 1+r.IntN(9), 500), requestBytes: pick(r, 100+r.IntN(3000), 5<<20), shardBytes: pick(r, 400, 256<<10),
		connections: pick(r, 1, 1+r.IntN(4), 24),
		queueLimit:  int64(pick(r, 1+r.IntN(20), 40, 100_000)), queueBytes: int64(pick(r, 8<<10+r.IntN(16<<10), 64<<20)),
		timeout: pick(r, 100*time.Millisecond+within(r, time.Second), 6*time.Second),
		latency: pick(r, 0, within(r, 20*time.Millisecond), within(r, 300*time.Millisecond)),
		stalls:  r.IntN(2) == 0,
		ordered: r.IntN(2) == 0,
	}
	cfg.halts = cfg.ordered && r.IntN(2) == 0
	if r.IntN(2) == 0 {
		cfg.heldRecords, cfg.heldBytes = 1+r.Int64N(cfg.queueLimit), 1+r.Int64N(cfg.queueBytes)
	}
	if r.IntN(5) == 0 {
		cfg.rateLimit = 1 + r.Int64N(5)
	}
	cfg.failThrottled = r.IntN(8) == 0
	if r.IntN(3) == 0 {
		cfg.maxAttempts = 1 + r.IntN(6)
	}
	if r.IntN(4) == 0 {
		cfg.retryDuration = time.Second + within(r, 10*time.Second)
	}
	if r.IntN(4) == 0 {
		cfg.ttl = 300*time.Millisecond + within(r, 10*time.Second)
	}
	return cfg
}

func drawPut(r *rand.Rand, id int) put {
	p := put{
		id: id, caller: r.IntN(4), key: r.IntN(6), size: pick(r, r.IntN(40), r.IntN(300), r.IntN(3000)),
		verb: verb(r.IntN(int(verbs))), urgent: r.IntN(5) == 0, told: r.IntN(2) == 0, poison: r.IntN(150) == 0,
	}
	if p.explicit = r.IntN(3) == 0; p.explicit {
		p.shared = r.IntN(3) == 0
		for i := range p.hash {
			p.hash[i] = byte(r.IntN(256))
		}
	}
	return p
}

func drawFault(r *rand.Rand, span time.Duration) fault {
	f := fault{kind: faultKind(r.IntN(int(faultKinds))), one: pick(r, 1, 1+r.IntN(5)), n: r.Uint64()}
	f.ends = within(r, pick(r, span, 2*span, 30*time.Second))
	return f
}

// within draws a time from 0 to less than most, or 0.
func within(r *rand.Rand, most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	return time.Duration(r.Int64N(int64(most)))
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }
