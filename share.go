package kinecast

import (
	"sync/atomic"

	"github.com/kinecast/kinecast/shard"
)

// What is slow must not stop what is fast. A shard that refuses, or takes less than callers put, may hold an eighth of the
// queue, and a stream half of it, as soon as the producer writes to a second one. Whoever puts more to it waits in its
// line, holding nothing, so the rest of the queue stays open to those who put elsewhere.
const (
	laneShare   = 8
	streamShare = 2
	// laneLeast is how many full aggregated records a slow shard may hold, however small the queue is.
	laneLeast = 4
)

// laneBounds are the shares of a shard of the queue.
func laneBounds(records, bytes int64, aggregate int) (heldRecords, heldBytes int64) {
	least := min(laneLeast*int64(aggregate), bytes)
	return max(records/laneShare, min(laneLeast, records)), max(bytes/laneShare, least)
}

// held is what a stream has of the queue, and the line of those who wait for a part.
type held struct {
	received, ended, bytes atomic.Int64
	line                   shard.Line

	// joined is what was taken in under another name, before both were known to be one. What is left of it ends here.
	joined atomic.Pointer[held]
}

func (h *held) enter(bytes int64) {
	h.received.Add(1)
	if bytes > 0 {
		h.bytes.Add(bytes)
	}
}

func (h *held) leave(records, bytes int64) {
	h.ended.Add(records)
	h.bytes.Add(-bytes)
	if h.line.Waiting() {
		h.line.Call()
	}
}

// taken is how many records have been taken in.
func (h *held) taken() int64 {
	n := h.received.Load()
	if j := h.joined.Load(); j != nil {
		n += j.received.Load()
	}
	return n
}

// outstanding is how many records the stream has of the queue.
func (h *held) outstanding() int64 {
	ended := h.ended.Load()
	if j := h.joined.Load(); j != nil {
		ended += j.ended.Load()
	}
	return max(h.taken()-ended, 0)
}

// charged is how many bytes of the queue they take.
func (h *held) charged() int64 {
	n := h.bytes.Load()
	if j := h.joined.Load(); j != nil {
		n += j.bytes.Load()
	}
	return n
}

// fills says whether the stream has a part of its share, in quarters.
func (h *held) fills(quarters int64, s *settings) bool {
	return h.outstanding() >= max(s.queueLimit/streamShare*quarters/4, 1) ||
		h.charged() >= s.queueBytes/streamShare*quarters/4
}

// scarce says that there are other streams, and this one has its share or callers who wait for it.
func (h *held) scarce(s *supervisor) bool {
	return len(s.streams.Load().all) > 1 && (h.fills(4, &s.cfg) || h.line.Waiting())
}

// share waits until the stream has less than its share.
func (a *admission) share() error {
	h, cfg := &a.stream.held, &a.cfg
	if !h.scarce(a.supervisor) {
		return nil
	}
	if a.how == tries {
		full := a.full()
		gone := &a.stream.gone
		full.Stream, full.eased = a.stream.name, func() bool { return gone.Load() || !h.fills(3, cfg) }
		return full
	}
	defer a.blocks()()
	turn := h.line.Join()
	defer turn.Leave()
	a.tree.Look() // as in room: what the stream holds is not to linger
	for !a.stream.gone.Load() && (!turn.First() || h.fills(4, cfg)) {
		if err := a.await(turn.Called()); err != nil {
			return err
		}
	}
	return nil
}

// queue gives back all that has been taken, waits in the line of the shard, and takes a place in the queue again. After an
// error it holds nothing.
func (a *admission) queue(routes *shard.Routes) error {
	st, port := a.stream, routes.Find(a.entry.Hash)
	a.giveBack()
	if err := st.refusal(); err != nil {
		a.leave()
		return err
	}
	if a.how == tries {
		full := a.full()
		full.Stream, full.ShardID = st.name, routes.ShardID(a.entry.Hash)
		full.eased = func() bool { return port.Eased() || st.refusal() != nil }
		return full
	}
	defer a.blocks()()
	err := a.come(port.Line())
	if err == nil {
		err = a.room(&a.ledger.Records, 1)
	}
	if err != nil {
		a.leave()
	}
	return err
}

// come waits until this one is the head of a line and has a reason to look for room: it was called, or it has just come and
// the call may have been before.
func (a *admission) come(line *shard.Line) error {
	if a.line != line {
		a.leave() // the shard has closed meanwhile, and its successor is crowded, too
		a.line, a.turn = line, line.Join()
		a.tree.Look() // as in room
	} else if err := a.await(a.turn.Called()); err != nil {
		return err
	}
	for !a.turn.First() {
		if err := a.await(a.turn.Called()); err != nil {
			return err
		}
	}
	a.entry.First = true
	return nil
}

// leave leaves the line of a shard, if this one is in one.
func (a *admission) leave() {
	if a.turn != nil {
		a.turn.Leave()
		a.line, a.turn, a.entry.First = nil, nil, false
	}
}

// full says that the queue is.
func (a *admission) full() *QueueFullError {
	return &QueueFullError{
		Records: a.ledger.Records.Used(), QueueLimit: a.ledger.Records.Limit(),
		Bytes: a.ledger.Bytes.Used(), QueueBytes: a.ledger.Bytes.Limit(),
	}
}
