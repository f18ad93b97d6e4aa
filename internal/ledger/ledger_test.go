package ledger

import (
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// roomModel is what a room ought to do, without concurrency: an amount and a line of those who wait for some.
type roomModel struct {
	limit, used int64
	line        []*Waiter
}

func (m *roomModel) fits(need int64) bool { return m.used+need <= m.limit || m.used == 0 }

func (m *roomModel) pass() {
	for len(m.line) > 0 && m.fits(m.line[0].need) {
		m.used += m.line[0].need
		m.line = m.line[1:]
	}
}

// TestRoomIsFirstComeFirstServed compares a room with its model over any sequence of what callers may do.
func TestRoomIsFirstComeFirstServed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.Int64Range(1, 20).Draw(t, "limit")
		r, m := &Room{limit: limit}, &roomModel{limit: limit}
		var all []*Waiter
		var held []int64 // amounts to give back
		needs := rapid.Int64Range(1, 25)
		t.Repeat(map[string]func(*rapid.T){
			"try": func(t *rapid.T) {
				need := needs.Draw(t, "need")
				want := len(m.line) == 0 && m.fits(need)
				if got := r.Try(need); got != want {
					t.Fatalf("try(%d) is %v with %d of %d used and %d waiting", need, got, m.used, limit, len(m.line))
				}
				if want {
					m.used += need
					held = append(held, need)
				}
			},
			"join": func(t *rapid.T) {
				w := r.Join(needs.Draw(t, "need"))
				all, m.line = append(all, w), append(m.line, w)
				m.pass()
			},
			"give": func(t *rapid.T) {
				for _, w := range all {
					if !slices.Contains(m.line, w) {
						held = append(held, w.need)
					}
				}
				all = slices.Clone(m.line)
				if len(held) == 0 {
					t.Skip("nobody holds anything")
				}
				i := rapid.IntRange(0, len(held)-1).Draw(t, "i")
				m.used -= held[i]
				m.pass()
				r.Give(held[i])
				held = slices.Delete(held, i, i+1)
			},
			"quit": func(t *rapid.T) {
				if len(all) == 0 {
					t.Skip("nobody has come")
				}
				w := all[rapid.IntRange(0, len(all)-1).Draw(t, "i")]
				i := slices.Index(m.line, w)
				if got := r.Quit(w); got != (i >= 0) {
					t.Fatalf("quit is %v for number %d in the line", got, i)
				}
				if i >= 0 {
					m.line = slices.Delete(m.line, i, i+1)
					all = slices.DeleteFunc(all, func(o *Waiter) bool { return o == w })
					m.pass()
				}
			},
			"": func(t *rapid.T) {
				if r.used.Load() != m.used || r.queue.Load() != int64(len(m.line)) {
					t.Fatalf("%d used by %d waiting, want %d and %d", r.used.Load(), r.queue.Load(), m.used, len(m.line))
				}
				for _, w := range all {
					granted := false
					select {
					case <-w.granted:
						granted = true
					default:
					}
					if granted == slices.Contains(m.line, w) {
						t.Fatalf("granted is %v for one that needs %d", granted, w.need)
					}
				}
			},
		})
	})
}

// TestEpochsEndInOrder compares the epochs with counters: an epoch has ended when it was turned and nothing is left of
// it and of those before it.
func TestEpochsEndInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := New(1<<40, 1<<40)
		left := []int64{0} // by epoch number
		all := []*Epoch{l.current.Load()}
		t.Repeat(map[string]func(*rapid.T){
			"enter": func(t *rapid.T) {
				e := l.Enter()
				if e.number != uint64(len(left)-1) {
					t.Fatalf("entered epoch %d, want %d", e.number, len(left)-1)
				}
				left[e.number]++
				l.Records.Try(1)
				l.Bytes.Try(7)
			},
			"settle": func(t *rapid.T) {
				n := rapid.IntRange(0, len(left)-1).Draw(t, "epoch")
				if left[n] == 0 {
					t.Skip("nothing to settle")
				}
				records := rapid.Int64Range(1, left[n]).Draw(t, "records")
				left[n] -= records
				l.Settle(uint64(n), records, 7*records)
			},
			"turn": func(t *rapid.T) {
				if old := l.Turn(); old != all[len(all)-1] {
					t.Fatal("turn returned another epoch than the one before")
				}
				left = append(left, 0)
				all = append(all, l.current.Load())
			},
			"": func(t *rapid.T) {
				before, sum := int64(0), int64(0)
				for n, e := range all {
					before += left[n]
					ended := false
					select {
					case <-e.ended:
						ended = true
					default:
					}
					if want := before == 0 && n < len(all)-1; ended != want {
						t.Fatalf("epoch %d of %d: ended is %v with %d left up to it", n, len(all), ended, before)
					}
				}
				for _, n := range left {
					sum += n
				}
				if l.Records.used.Load() != sum || l.Bytes.used.Load() != 7*sum {
					t.Fatalf("%d records and %d bytes used, want %d and %d", l.Records.used.Load(), l.Bytes.used.Load(), sum, 7*sum)
				}
			},
		})
	})
}

// Whoever is in an epoch has not left it, so it has not ended, though it be turned while he enters.
func TestNobodyEntersAnEpochThatHasEnded(t *testing.T) {
	l := New(1<<20, 1<<20)
	done := make(chan struct{})
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			for {
				e := l.Enter()
				select {
				case <-e.Ended():
					t.Error("it has entered an epoch that had ended")
					return
				default:
				}
				l.Leave(e, 1)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for range 3_000 {
		<-l.Turn().Ended()
	}
	close(done)
	callers.Wait()
}
