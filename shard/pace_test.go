package shard

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestUnpacedIsAlwaysOpen(t *testing.T) {
	p := unpaced
	for range 1000 {
		p.fill(noon)
		p.pay(10 << 20)
	}
	if !p.open() || !p.ready().IsZero() {
		t.Error("a shard of which nothing is known is paced")
	}
}

// A record of 10 MiB passes at once, and is paid for by what follows.
func TestPaceLetsLargeRecordsPass(t *testing.T) {
	p := unpaced
	p.turn(noon, 1)
	if !p.open() {
		t.Fatal("a new limit begins with a debt")
	}
	p.pay(10 << 20)
	want := noon.Add(10 * time.Second)
	if got := p.ready(); got.Before(want) || got.After(want.Add(ms)) {
		t.Errorf("ready at %v, want %v", got, want)
	}
	if p.fill(p.ready()); !p.open() {
		t.Error("not open when it said that it would be")
	}
}

func TestPaceCountsRecordsToo(t *testing.T) {
	p := unpaced
	p.turn(noon, 0.5)
	for range 100 {
		p.pay(1)
	}
	if got, want := p.ready(), noon.Add(200*ms); got.Before(want) || got.After(want.Add(ms)) {
		t.Errorf("ready at %v, want %v", got, want)
	}
}

// Over any time no more passes than the share of it, the depth and one record; and whoever waits until ready may pass.
func TestPaceHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		share := rapid.Float64Range(least, 10).Draw(t, "share")
		p := unpaced
		p.turn(noon, share)
		now, records, bytes := noon, 0.0, 0.0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(500*ms)).Draw(t, "pause")))
			p.fill(now)
			if !p.open() {
				if p.ready().Before(now) || p.ready().Equal(now) {
					t.Fatal("closed, and ready in the past: whoever waits would not wait")
				}
				if rapid.Bool().Draw(t, "wait") {
					now = p.ready()
					if p.fill(now); !p.open() {
						t.Fatalf("closed at the time at which it is ready: %+v", p)
					}
				}
			}
			for p.open() && rapid.Bool().Draw(t, "send") {
				size := rapid.IntRange(1, 2<<20).Draw(t, "size")
				p.pay(size)
				records, bytes = records+1, bytes+float64(size)
			}
			most := share*(now.Sub(noon)+depth).Seconds() + 0.001
			if records-1 > most*shardRecords || bytes-2<<20 > most*shardBytes {
				t.Fatalf("%v records, %v bytes in %v at share %v", records, bytes, now.Sub(noon), share)
			}
		}
	})
}

func TestPaceTurns(t *testing.T) {
	p := unpaced
	p.turn(noon, 0.1)
	p.pay(1 << 20) // ten seconds
	p.turn(noon, 1)
	if got, want := p.ready(), noon.Add(time.Second); got.Before(want) || got.After(want.Add(ms)) {
		t.Errorf("ready at %v after a faster turn, want %v", got, want)
	}
	if p.turn(noon, math.Inf(+1)); !p.open() {
		t.Error("paced without a limit")
	}
	p.turn(noon.Add(-time.Hour), 1)
	p.fill(noon.Add(-2 * time.Hour)) // a clock that steps back
	if p.records != 0 || !p.open() {
		t.Errorf("%+v", p)
	}
}
