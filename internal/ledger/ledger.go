// Package ledger is the account of outstanding records: admission at one end, settlement at the other. Records and bytes are
// bounded each on its own; epochs count what a flush has to wait for.
//
//	Enter ──▶ Records.Try ──▶ Bytes.Try (only when a buffer grows) ──▶ … ──▶ Settle: bytes, records, epoch
//
// It is pure like the cores of package shard: it starts no goroutine, reads no clock and never blocks. Who has to wait gets a
// [Waiter] whose channel is closed when the room is his, and selects on it himself. Other than those cores it is shared by all
// callers of a producer, so everything in it is safe for concurrent use.
package ledger

import (
	"sync"
	"sync/atomic"
)

// Ledger is the account of one producer.
type Ledger struct {
	// Records and Bytes are what may be outstanding.
	Records Room
	Bytes   Room

	current atomic.Pointer[Epoch]

	mu     sync.Mutex
	epochs []*Epoch // all that have not ended, oldest first; the last one is current
}

// Epoch is the time between two flushes.
type Epoch struct {
	number uint64
	left   atomic.Int64  // records admitted, or waiting to be, and not settled
	sealed atomic.Bool   // no longer current
	ended  chan struct{} // closed when it is sealed and nothing is left of it and of all before it
}

// New returns an empty ledger with these bounds.
func New(records, bytes int64) *Ledger {
	l := &Ledger{Records: Room{limit: records}, Bytes: Room{limit: bytes}}
	first := &Epoch{ended: make(chan struct{})}
	l.epochs = []*Epoch{first}
	l.current.Store(first)
	return l
}

// Number is the epoch's: each one's is one more than that of the one before.
func (e *Epoch) Number() uint64 { return e.number }

// Ended is closed when the epoch is over and nothing is left of it and of all before it.
func (e *Epoch) Ended() <-chan struct{} { return e.ended }

// Enter counts a record that is about to wait for room. Whoever enters must settle or leave.
func (l *Ledger) Enter() *Epoch {
	for {
		e := l.current.Load()
		e.left.Add(1)
		if l.current.Load() == e {
			return e
		}
		l.Leave(e, 1) // a flush came between: it may not have seen us
	}
}

// Leave takes back records that entered an epoch.
func (l *Ledger) Leave(e *Epoch, n int64) {
	if e.left.Add(-n) == 0 && e.sealed.Load() {
		l.sweep()
	}
}

// Eased says that a sender who was refused may come again: at most three quarters of both bounds are used, and there are
// the bytes that its record needs.
func (l *Ledger) Eased(need int64) bool {
	used := l.Bytes.used.Load()
	return l.Records.eased() && l.Bytes.eased() && (used == 0 || used+need <= l.Bytes.limit)
}

// Settle ends records: their room is free, their epoch has fewer left. What is to be seen of the end must have been
// done before.
func (l *Ledger) Settle(number uint64, records, bytes int64) {
	l.Bytes.Give(bytes)
	l.Records.Give(records)
	l.Leave(l.epoch(number), records)
}

// epoch finds an epoch that has not ended.
func (l *Ledger) epoch(number uint64) *Epoch {
	if e := l.current.Load(); e.number == number {
		return e
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.epochs[number-l.epochs[0].number]
}

// Turn begins a new epoch and returns the one before.
func (l *Ledger) Turn() *Epoch {
	l.mu.Lock()
	old := l.current.Load()
	next := &Epoch{number: old.number + 1, ended: make(chan struct{})}
	l.epochs = append(l.epochs, next)
	l.current.Store(next)
	old.sealed.Store(true)
	l.mu.Unlock()
	l.sweep()
	return old
}

// sweep ends the epochs of which nothing is left, in order.
func (l *Ledger) sweep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.epochs) > 1 && l.epochs[0].left.Load() == 0 {
		close(l.epochs[0].ended)
		l.epochs = l.epochs[1:]
	}
}
