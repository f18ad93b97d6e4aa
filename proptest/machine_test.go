package proptest_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// machine is a producer, what is around it, and what is known of it. Its methods are the actions; an action of the service's
// own, a reshard say, belongs to the weather.
type machine struct {
	server   *kinesistest.Server
	weather  *weather
	book     *book
	cfg      kinecast.Config[event]
	producer *kinecast.Producer[event]
	forgiven bool // a sticky failure was cleared
	opened   bool // the stream's map was there before the first record

	ctx     context.Context // of the callers
	cancel  context.CancelFunc
	callers sync.WaitGroup
}

func newMachine(t *rapid.T) *machine {
	m := &machine{book: &book{}, cfg: drawConfig(t)}
	m.server = kinesistest.New(t, kinesistest.Stream("s", rapid.IntRange(1, 5).Draw(t, "shards")), kinesistest.Stream("u", 2))
	m.weather = &weather{Client: m.server.Client(), server: m.server, seen: m.watch}
	m.cfg.OnResult, m.cfg.OnFailure = m.book.ended, m.book.failed
	p, err := kinecast.New(m.weather, m.cfg)
	if err != nil {
		t.Fatal(err)
	}
	m.producer = p
	m.ctx, m.cancel = context.WithCancel(context.Background())
	t.Cleanup(func() { // else a failure would leave goroutines, and the bubble would tell of them alone
		m.cancel()
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = p.Close(ended)
		m.callers.Wait()
	})
	if m.opened = rapid.Bool().Draw(t, "opened"); m.opened {
		if err := p.Open(m.ctx, "s", "u"); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// watch looks at the bounds. It may be called from anywhere.
func (m *machine) watch() {
	s := m.producer.Stats()
	records, bytes := int64(m.cfg.QueueLimit), m.cfg.QueueBytes
	if records == 0 {
		records = kinecast.DefaultQueueLimit
	}
	if bytes == 0 {
		bytes = kinecast.DefaultQueueBytes
	}
	if !m.opened || m.weather.moved.Load() {
		// Records that were aggregated before there was a map, or for a shard that has closed, are taken apart, and each may
		// then take the room of a record alone: Config.QueueBytes says so.
		bytes += 2 << 10 * s.OutstandingRecords
	}
	if s.OutstandingRecords < 0 || s.OutstandingRecords > records || s.OutstandingBytes < 0 || s.OutstandingBytes > bytes {
		m.book.faultf("%d records and %d bytes are outstanding; the bounds are %d and %d",
			s.OutstandingRecords, s.OutstandingBytes, records, bytes)
	}
}

// check is the invariant between actions.
func (m *machine) check(t *rapid.T) {
	m.watch()
	m.book.check(t)
}

// put starts callers and leaves them to it: while the queue is full or the service is down they wait.
func (m *machine) put(t *rapid.T) {
	for range rapid.IntRange(1, 3).Draw(t, "callers") {
		first := len(m.book.fates)
		for range rapid.IntRange(1, 15).Draw(t, "events") {
			m.book.enter(drawEvent(t, len(m.book.fates)), verb(rapid.IntRange(0, int(verbs)-1).Draw(t, "verb")))
		}
		last := len(m.book.fates)
		impatient := rapid.IntRange(0, 5).Draw(t, "impatient") == 0
		m.callers.Go(func() {
			ctx, cancel := m.ctx, context.CancelFunc(func() {})
			if impatient {
				ctx, cancel = context.WithTimeout(m.ctx, 50*time.Millisecond)
			}
			defer cancel()
			for id := first; id < last; id++ {
				m.book.put(ctx, m.producer, id)
			}
		})
	}
}

// flushPatience is how long a flush is waited for: longer than one fault lasts, shorter than a storm.
const flushPatience = 10 * time.Second

func (m *machine) flush(t *rapid.T) {
	ctx, cancel := context.WithTimeout(m.ctx, flushPatience)
	defer cancel()
	before := m.book.admitted()
	switch err := m.producer.Flush(ctx); {
	case err == nil:
		if f := m.book.allEnded(before); f != nil {
			t.Fatalf("Flush returned, and the end of %+v has not been told", f.event)
		}
	case !errors.Is(err, context.DeadlineExceeded):
		t.Fatalf("Flush: %v", err)
	}
}

func (m *machine) checkpoint(t *rapid.T) {
	ctx, cancel := context.WithTimeout(m.ctx, flushPatience)
	defer cancel()
	before := m.book.admitted()
	err := m.producer.Checkpoint(ctx)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return
	case err != nil && (m.cfg.ErrorMode == kinecast.LogAndContinue || !errors.As(err, new(*kinecast.DeliveryError))):
		t.Fatalf("Checkpoint: %v", err)
	case err != nil:
		return
	}
	if f := m.book.allEnded(before); f != nil {
		t.Fatalf("Checkpoint returned nil, and the end of %+v has not been told", f.event)
	}
	m.book.mu.Lock()
	defer m.book.mu.Unlock()
	for _, f := range before {
		if f.err != nil && !f.verb.asked() && m.cfg.ErrorMode == kinecast.FailOnError && !m.forgiven {
			t.Fatalf("Checkpoint returned nil, and %+v was not delivered: %v", f.event, f.err)
		}
	}
}

// forgive clears the sticky failure.
func (m *machine) forgive(*rapid.T) {
	if err := m.producer.Err(); err != nil {
		m.forgiven = m.producer.ClearErr(err) || m.forgiven
	}
}

// end closes the producer, with or without time, while callers may still put.
func (m *machine) end(t *rapid.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	abrupt := rapid.IntRange(0, 2).Draw(t, "abrupt") == 0
	if abrupt {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(t, "time to close")))
		defer cancel()
	} else {
		m.weather.calm()
	}
	err := m.producer.Close(ctx)
	if again := m.producer.Close(context.Background()); !errors.Is(again, err) {
		t.Fatalf("Close: %v, and the second time: %v", err, again)
	}
	m.cancel()
	m.callers.Wait()
	var undelivered *kinecast.UndeliveredError
	unfinished := int64(0)
	for _, f := range m.book.fates {
		if errors.Is(f.err, kinecast.ErrShutdown) {
			unfinished++
		}
	}
	if told := errors.As(err, &undelivered); told != (unfinished > 0) || told && (undelivered.Records != unfinished || !abrupt) {
		t.Fatalf("Close: %v; %d records ended with ErrShutdown; abrupt: %t", err, unfinished, abrupt)
	}
	if sticky := m.producer.Err(); !errors.Is(err, sticky) && sticky != nil {
		t.Fatalf("Close: %v, and Err: %v", err, sticky)
	}
}
