package proptest_test

import (
	"context"
	"errors"
	"slices"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/proptest/kcl"
)

// verdict holds the book against what a consumer reads and what the producer says of itself, when all is over.
func (m *machine) verdict(t *rapid.T) {
	m.book.check(t)
	m.weather.calm()
	read := consume(t, m.server, "s")
	if read.dropped > 0 && !m.weather.moved.Load() {
		t.Fatalf("%d Kinesis records are of no use to a consumer: a user record in them is in the wrong shard", read.dropped)
	}
	copies := map[int]int{}
	for where, u := range read.records {
		id, err := eventOf(u.Data)
		if err != nil || id >= len(m.book.fates) {
			t.Fatalf("at %+v: %v, number %d of %d", where, err, id, len(m.book.fates))
		}
		copies[id]++
	}
	var admitted, stored, failed int64
	places := map[place]int{}
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
			m.checkStored(t, f, read.records, places)
			if copies[id] > 1 && !m.weather.ambiguous.Load() && !m.weather.moved.Load() {
				t.Fatalf("event %d is in the stream %d times, and no answer was lost", id, copies[id])
			}
		}
		admitted++
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
