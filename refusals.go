package kinecast

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"
)

// refusals are the actors that were refused with ErrQueueFull and have not had their Ready.
//
// An actor knows of a refusal only when it has come to it: what lay in its mailbox before may make it send further records,
// and if they were admitted they would overtake the one that it has to send again. So when there is room again it is
// touched first. protoactor answers a Touch when the actor has come to it, hence after the refusal, which was sent before;
// only then it gets its Ready and is free.
//
//	(free) ──refused──▶ waiting ──room──▶ touched ──answered, and there is room──▶ Ready (free)
//	                       ▲                 │
//	                       └─────────────────┴─ refused again, or answered and no room any more: it keeps its turn
type refusals struct {
	crowd   atomic.Int64 // how many are not free; this and the next are to be read without the mutex
	waiting atomic.Int64 // how many of them are not touched

	mu    sync.Mutex
	turns int64
	all   map[actorID]*refusal
}

// actorID is what two PIDs of the same actor have in common.
type actorID struct{ address, id string }

func idOf(pid *actor.PID) actorID { return actorID{address: pid.Address, id: pid.Id} }

// refusal is an actor that is not free.
type refusal struct {
	pid     *actor.PID
	turn    int64       // of its first refusal
	need    int64       // the bytes that its newest refused record asks for
	eased   func() bool // says that the share of a shard or a stream has room, if it was that which had none; else nil
	touched bool
}

// fits says whether there is room for what was refused.
func (one *refusal) fits(room func(need int64) bool) bool {
	return room(one.need) && (one.eased == nil || one.eased())
}

// has says that an actor is not free.
func (r *refusals) has(pid *actor.PID) bool {
	if r.crowd.Load() == 0 {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all[idOf(pid)] != nil
}

// add makes an actor wait. One that waits already keeps its turn, and will be touched again: its newest refusal may lie
// behind the Touch that it has got. It says whether the actor was free before.
func (r *refusals) add(pid *actor.PID, need int64, eased func() bool) (first bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[actorID]*refusal{}
	}
	one := r.all[idOf(pid)]
	if first = one == nil; first {
		r.turns++
		one = &refusal{pid: pid, turn: r.turns, touched: true}
		r.all[idOf(pid)] = one
		r.crowd.Add(1)
	}
	one.need = max(one.need, need)
	if eased != nil {
		one.eased = eased
	}
	r.wait(one)
	return first
}

// wait makes one wait that was touched. REQUIRES: the mutex.
func (r *refusals) wait(one *refusal) {
	if one.touched {
		one.touched = false
		r.waiting.Add(1)
	}
}

// touch returns those who wait and for whom there is room, first refused first, and counts them as touched. It ends at the
// first one for whom the queue has none: a large record is not to starve behind small ones. Whom only a slow shard or stream
// keeps waiting is passed over.
func (r *refusals) touch(room func(need int64) bool) []*actor.PID {
	r.mu.Lock()
	defer r.mu.Unlock()
	var waiting []*refusal
	for _, one := range r.all {
		if !one.touched {
			waiting = append(waiting, one)
		}
	}
	slices.SortFunc(waiting, func(a, b *refusal) int { return cmp.Compare(a.turn, b.turn) })
	var pids []*actor.PID
	for _, one := range waiting {
		if !room(one.need) {
			break
		}
		if !one.fits(room) {
			continue
		}
		one.touched = true
		r.waiting.Add(-1)
		pids = append(pids, one.pid)
	}
	return pids
}

// answered is told that an actor has answered its Touch. It is free if there is room; else it waits on.
func (r *refusals) answered(pid *actor.PID, room func(need int64) bool) (free bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.all[idOf(pid)]
	switch {
	case one == nil:
		return false // it has been freed by the answer to an earlier Touch
	case !one.fits(room):
		r.wait(one)
		return false
	}
	r.drop(one)
	return true
}

// forget drops an actor that is gone.
func (r *refusals) forget(pid *actor.PID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if one := r.all[idOf(pid)]; one != nil {
		r.drop(one)
	}
}

// drop frees an actor. REQUIRES: the mutex.
func (r *refusals) drop(one *refusal) {
	if !one.touched {
		r.waiting.Add(-1)
	}
	delete(r.all, idOf(one.pid))
	r.crowd.Add(-1)
}
