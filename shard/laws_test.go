package shard

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever comes in which order: every user record is in exactly one place until it ends, once, with a true report.
func TestEveryRecordEndsOnceAndTruly(t *testing.T) {
	whole := []*Failure{down, internal, invalid, invalid, denied, {Code: "KMSThrottlingException", Status: 400}, {Code: CodeTimeout, Sent: true}}
	single := []*Failure{nil, nil, nil, throttled, throttled, internal}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		one := func(t *rapid.T, n int) int {
			if n == 0 {
				t.Skip("nothing there")
			}
			return rapid.IntRange(0, n-1).Draw(t, "which")
		}
		bells := func() (ls []*Lane) {
			for _, l := range w.lanes {
				if w.rung[l.Port()] {
					ls = append(ls, l)
				}
			}
			return ls
		}
		put := func(t *rapid.T) {
			for range rapid.IntRange(1, 5).Draw(t, "records") {
				w.put(t)
			}
		}
		step := func(t *rapid.T) {
			ls := bells()
			w.step(ls[one(t, len(ls))])
		}
		next := func(t *rapid.T) { w.next(rapid.IntRange(1, 3000).Draw(t, "budget")) }
		answer := func(t *rapid.T) {
			fl := w.flights[one(t, len(w.flights))]
			w.answer(fl, nil, func(*Record) *Failure { return rapid.SampledFrom(single).Draw(t, "answer") })
		}
		load := func(t *rapid.T) { w.load(rapid.Bool().Draw(t, "history")) }
		t.Repeat(map[string]func(*rapid.T){
			"put": put, "put more": put, "step": step, "step more": step, "next": next, "next more": next, "answer": answer, "answer more": answer,
			"fail": func(t *rapid.T) {
				w.answer(w.flights[one(t, len(w.flights))], rapid.SampledFrom(whole).Draw(t, "failure"), nil)
			},
			"ghost": func(t *rapid.T) {
				i := one(t, len(w.ghosts))
				w.store(w.ghosts[i])
				w.ghosts = slices.Delete(w.ghosts, i, i+1)
			},
			"wait":    func(t *rapid.T) { w.now = w.now.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "ms")) * ms) },
			"hurry":   func(t *rapid.T) { w.collector.Hurry(w.now, rapid.Bool().Draw(t, "on")) },
			"flush":   func(*rapid.T) { w.epoch++ },
			"reshard": w.reshard, "load": load,
			"capture": func(*rapid.T) { w.capture() }, "read": w.read,
			"put second": w.putSecond, "join": func(t *rapid.T) { w.join(t) },
			"no map": func(*rapid.T) { w.turn(w.table.Unmapped()) },
			"tidy":   func(*rapid.T) { w.tidy() },
			"sweep": func(*rapid.T) {
				for _, p := range w.table.Routes().Ports() {
					p.Expire(w.now)
				}
			},
			"drop": func(t *rapid.T) {
				ps := w.table.Routes().Ports()
				if w.second != nil {
					ps = append(slices.Clone(ps), w.second.Routes().Ports()...)
				}
				ps[one(t, len(ps))].Drop(denied)
			},
			"another collector": func(*rapid.T) {
				w.collector = NewCollector(&w.bounds, w.collector.breaker)
				for _, p := range w.table.Routes().Ports() {
					p.Nudge()
				}
			},
			"": w.check,
		})

		if w.closing = rapid.Bool().Draw(t, "close"); w.closing {
			for _, fl := range slices.Clone(w.flights) {
				w.answer(fl, &Failure{Code: CodeShutdown, Sent: true}, nil)
			}
			for _, l := range slices.Clone(w.lanes) {
				l.Port().Shut(&Failure{Code: CodeShutdown})
			}
			w.put(t)
			w.check(t)
		}
		w.settle()
		w.check(t)
		for name, u := range w.users {
			if !u.ended {
				t.Fatalf("%q has not ended", name)
			}
		}
		if w.ledger != 0 || len(w.collector.slots) != 0 {
			t.Fatalf("in the end %d bytes are charged and %d ports on offer", w.ledger, len(w.collector.slots))
		}
		for _, l := range w.lanes {
			if w.table.Lanes()[l.Shard().ID] != l && (w.second == nil || w.second.Lanes()[""] != l) {
				t.Fatalf("retired lane %q is not at rest", l.Shard().ID)
			}
		}
	})
}

// Without failures the records of a port come out as they went in, however they are cut.
func TestOrderIsKeptWithoutFailures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		w.cut(t)
		if rapid.Bool().Draw(t, "map") {
			w.load(false)
		}
		arrived := map[string][]string{}           // by key
		*w.policy = RetryPolicy{Backoff: doubling} // the lanes have it already
		sent := func() {
			for _, r := range w.flights[0].q.Records {
				for _, e := range r.contents.All() {
					name := strings.TrimRight(string(e.Data), "x")
					key := string(w.user(e.Data).entry.Key)
					arrived[key] = append(arrived[key], name)
				}
			}
			w.answer(w.flights[0], nil, func(*Record) *Failure { return nil })
		}
		var order []string
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				u := &user{entry: entry(fmt.Sprintf("%d.%d ", w.epoch, len(order)) + strings.Repeat("x", rapid.IntRange(0, 150).Draw(t, "size")))}
				u.entry.Key = []byte{byte('a' + rapid.IntRange(0, 5).Draw(t, "key"))}
				u.entry.Hash, u.entry.Epoch = HashKeyOfBytes(u.entry.Key), w.epoch
				name := strings.TrimRight(string(u.entry.Data), "x")
				w.users[name] = u
				order = append(order, name)
				w.ledger += put(t, w.table.Routes().Find(u.entry.Hash), u.entry)
			},
			"step": func(*rapid.T) {
				for _, l := range slices.Clone(w.lanes) {
					w.step(l)
				}
			},
			"wait":  func(*rapid.T) { w.now = w.now.Add(60 * ms) },
			"flush": func(*rapid.T) { w.epoch++ },
			"send": func(t *rapid.T) {
				for w.next(rapid.IntRange(1, 3000).Draw(t, "budget")) {
					sent()
				}
			},
			"reshard": func(t *rapid.T) {
				w.cut(t)
				w.load(false)
			},
			"": w.check,
		})
		w.load(false)
		w.collector.Hurry(w.now, true)
		for range 3 + len(order) { // one by one, if they are ordered
			for _, l := range slices.Clone(w.lanes) {
				w.step(l)
			}
			for w.now = w.now.Add(time.Hour); w.next(1 << 20); {
				sent()
			}
		}
		put := map[string][]string{}
		for _, name := range order {
			key := string(w.users[name].entry.Key)
			put[key] = append(put[key], name)
		}
		for key, names := range put {
			if !slices.Equal(arrived[key], names) {
				t.Fatalf("key %s arrived as %q, put as %q", key, arrived[key], names)
			}
		}
	})
}
