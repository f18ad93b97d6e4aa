package proptest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
)

// book is what callers and callbacks have seen of each event.
type book struct {
	mu     sync.Mutex
	fates  []*fate // by the event's number
	clock  int     // counts calls and returns of verbs
	faults []string
}

// fate is what became of one event.
type fate struct {
	event    event
	verb     verb
	returned bool              // the verb has
	began    int               // when it was called,
	back     int               // and when it returned, by the book's clock
	refusal  error             // what it returned, if that means that the event was not admitted
	ends     int               // calls of OnResult
	failures int               // calls of OnFailure
	replies  []kinecast.Result // what PutSync returned, or done was given
	result   kinecast.Result
	err      error
}

// enter notes an event before it is put.
func (b *book) enter(e event, v verb) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fates = append(b.fates, &fate{event: e, verb: v})
}

// fault notes something that must not be, where no test can be failed.
func (b *book) faultf(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

// ended is OnResult.
func (b *book) ended(d kinecast.Delivery[event]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.fates[d.Value.id]
	f.ends++
	f.result, f.err = d.Result, d.Err
}

// failed is OnFailure.
func (b *book) failed(d kinecast.Delivery[event]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fates[d.Value.id].failures++
}

// put puts an event by its verb and notes what came of it. It is what a caller does who believes what the documentation says.
func (b *book) put(ctx context.Context, p *kinecast.Producer[event], id int) {
	b.mu.Lock()
	f := b.fates[id]
	b.clock++
	f.began = b.clock
	b.mu.Unlock()
	reply := func(r kinecast.Result, _ error) {
		b.mu.Lock()
		f.replies = append(f.replies, r)
		b.mu.Unlock()
	}
	var err error
	switch f.verb {
	case put:
		err = p.Put(ctx, f.event)
	case tryPut:
		err = p.TryPut(f.event)
	case putAsync:
		err = p.PutAsync(ctx, f.event, reply)
	case putSync:
		var r kinecast.Result
		r, err = p.PutSync(ctx, f.event)
		var undelivered *kinecast.DeliveryError
		switch {
		case errors.Is(err, kinecast.ErrUnresolved):
			err = nil // admitted, and the result is for the callbacks alone
		case err == nil, errors.As(err, &undelivered) && !errors.Is(err, kinecast.ErrFailed):
			reply(r, err)
			err = nil
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clock++
	f.returned, f.refusal, f.back = true, err, b.clock
}

// admitted are the events whose verb has returned and has not refused them.
func (b *book) admitted() (list []*fate) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.fates {
		if f.returned && f.refusal == nil {
			list = append(list, f)
		}
	}
	return list
}

// check ends the property if something was noted that must not be.
func (b *book) check(t *rapid.T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.faults) > 0 {
		t.Fatalf("%d faults, the first: %s", len(b.faults), b.faults[0])
	}
}

// allEnded says of which event of the list the end has not been told.
func (b *book) allEnded(list []*fate) (missing *fate) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range list {
		if f.ends == 0 {
			return f
		}
	}
	return nil
}
