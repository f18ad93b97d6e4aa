package proptest_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/proptest/kcl"
	"github.com/kinecast/kinecast/shard"
)

// verdict holds the book against what a consumer reads and what the producer says of itself, when all is over.
func (m *machine) verdict(t *rapid.T) {
	m.book.check(t)
	m.weather.calm()
	time.Sleep(time.Minute) // what is applied late is there by then
	reads, copies := map[string]reading{}, map[int]int{}
	for _, stream := range []string{"s", "u"} {
		read := consume(t, m.server, stream)
		if read.dropped > 0 && (stream != "s" || !m.weather.moved.Load()) {
			t.Fatalf("%d Kinesis records are of no use to a consumer: a user record in them is in the wrong shard", read.dropped)
		}
		for where, u := range read.records {
			id, err := eventOf(u.Data)
			if err != nil || id >= len(m.book.fates) || m.book.fates[id].event.stream != stream {
				t.Fatalf("in %s at %+v: %v, number %d of %d", stream, where, err, id, len(m.book.fates))
			}
			copies[id]++
		}
		reads[stream] = read
	}
	var admitted, stored, failed int64
	places := map[string]map[place]int{"s": {}, "u": {}}
	for id, f := range m.book.fates {
		f.check(t)
		switch {
		case f.refusal != nil:
			if copies[id] > 0 {
				t.Fatalf("event %d was refused (%v) and is in the stream", id, f.refusal)
			}
			continue
		case f.err != nil:
			failed++
			if !f.result.MaybeWritten && copies[id] > 0 {
				t.Fatalf("event %d was not written, says %v, and is in the stream; its attempts: %+v", id, f.err, f.result.Attempts.Slice())
			}
		default:
			stored++
			m.checkStored(t, f, reads[f.event.stream].records, places[f.event.stream])
			if copies[id] > 1 && !m.weather.ambiguous.Load() && !m.weather.moved.Load() {
				t.Fatalf("event %d is in the stream %d times, and no answer was lost", id, copies[id])
			}
		}
		admitted++
	}
	if m.cfg.Ordering == kinecast.PerKey {
		m.order(t)
	}
	s := m.producer.Stats()
	if s.UserRecordsReceived != admitted || s.UserRecordsPut != stored || s.UserRecordsFailed != failed {
		t.Fatalf("Stats count %d received, %d put, %d failed; there were %d, %d, %d",
			s.UserRecordsReceived, s.UserRecordsPut, s.UserRecordsFailed, admitted, stored, failed)
	}
	if s.OutstandingRecords != 0 || s.OutstandingBytes != 0 {
		t.Fatalf("%d records and %d bytes are outstanding after Close", s.OutstandingRecords, s.OutstandingBytes)
	}
}

// order looks for inversions among the acknowledged events of each stream and hash key: of two of which one was put before the other,
// a consumer sees the first copies in that order.
func (m *machine) order(t *rapid.T) {
	for _, stream := range []string{"s", "u"} {
		first := map[int]int{}
		for at, r := range m.server.Consume(stream) {
			id, err := eventOf(r.Data)
			if err != nil {
				t.Fatal(err)
			}
			if _, seen := first[id]; !seen {
				first[id] = at
			}
		}
		for _, a := range m.book.fates {
			for _, b := range m.book.fates {
				if a.event.stream == stream && b.event.stream == stream && a.event.place() == b.event.place() && a.delivered() && b.delivered() &&
					a.back < b.began && first[a.event.id] > first[b.event.id] {
					t.Fatalf("event %d was put before event %d of its key, and comes behind it; their attempts: %+v, %+v",
						a.event.id, b.event.id, a.result.Attempts.Slice(), b.result.Attempts.Slice())
				}
			}
		}
	}
}

func (f *fate) delivered() bool { return f.refusal == nil && f.ends == 1 && f.err == nil }

// place is where an event lies in the key space.
func (e event) place() kinecast.HashKey {
	if e.explicit {
		return e.hash
	}
	return shard.HashKeyOf(e.key)
}

// checkStored looks for an acknowledged event at the place that its result names.
func (m *machine) checkStored(t *rapid.T, f *fate, read map[place]kcl.User, places map[place]int) {
	where := place{f.result.ShardID, f.result.SequenceNumber, f.result.Position}
	if other, twice := places[where]; twice {
		t.Fatalf("events %d and %d were both acknowledged at %+v", other, f.event.id, where)
	}
	places[where] = f.event.id
	u, found := read[where]
	hash := ""
	if f.event.explicit {
		hash = f.event.hash.String()
	}
	if !found || !slices.Equal(u.Data, f.event.data()) || u.Key != f.event.key || u.HashKey != hash ||
		u.Aggregated != f.result.Aggregated {
		t.Fatalf("event %+v was acknowledged at %+v (aggregated: %t), after %+v; there is (%t) %+v, and copies at %+v",
			f.event, where, f.result.Aggregated, f.result.Attempts.Slice(), found, u, copiesOf(f.event.id, read))
	}
}

// copiesOf are the places where an event can be read.
func copiesOf(id int, read map[place]kcl.User) (places []place) {
	for where, u := range read {
		if found, err := eventOf(u.Data); err == nil && found == id {
			places = append(places, where)
		}
	}
	return places
}

// check looks for the promises about one event: an end exactly if it was admitted, and the same one for all who hear of it.
func (f *fate) check(t *rapid.T) {
	failures, most := 0, 0
	if f.refusal == nil {
		most = 1
	}
	if f.err != nil {
		failures = 1
	}
	switch {
	case !f.returned:
		t.Fatalf("%+v: its verb (%d) has not returned", f.event, f.verb)
	case f.refusal != nil && !refusable(f.refusal):
		t.Fatalf("%+v was refused: %v", f.event, f.refusal)
	case f.ends != most || f.failures != failures:
		t.Fatalf("%+v, put by verb %d and refused with %v: OnResult was called %d times and OnFailure %d times, error %v",
			f.event, f.verb, f.refusal, f.ends, f.failures, f.err)
	case len(f.replies) > most || f.verb == putAsync && len(f.replies) != most:
		t.Fatalf("%+v, put by verb %d and refused with %v, was replied to %d times", f.event, f.verb, f.refusal, len(f.replies))
	}
	for _, r := range f.replies {
		if r.ShardID != f.result.ShardID || r.SequenceNumber != f.result.SequenceNumber || r.Position != f.result.Position {
			t.Fatalf("%+v: the reply says %+v and OnResult %+v", f.event, r, f.result)
		}
	}
	var undelivered *kinecast.DeliveryError
	if f.err != nil && (!errors.As(f.err, &undelivered) || undelivered.MaybeWritten != f.result.MaybeWritten) {
		t.Fatalf("%+v failed with %#v, result %+v", f.event, f.err, f.result)
	}
}

// refusable says that a verb may refuse a record of the machine's with this error.
func refusable(err error) bool {
	for _, reason := range []error{
		kinecast.ErrQueueFull, kinecast.ErrFailed, kinecast.ErrClosed, context.Canceled, context.DeadlineExceeded,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}
