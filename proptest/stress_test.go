package proptest_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestEveryAdmittedRecordEndsOnce lets a whole producer live through what rapid draws: callers on several goroutines, by all
// verbs, faults that come and go, calls that panic, slow calls, reshards, flushes, and a Close with or without time. The laws:
//
//   - a verb that returned an error admitted nothing, and nothing else is told of that record; else it ends exactly once
//   - acknowledged means that a consumer finds it at the shard, sequence number and position of its Result, with its own key
//   - not written means that it is nowhere
//   - outstanding records and bytes keep within their bounds, at every request and between all actions, and end at zero
//   - Flush means that the callbacks of what was put before have returned; Checkpoint, that it was stored, too
//   - a snapshot has what was admitted and is neither told of nor stored, and marks what may be written
//   - after Close nothing runs: else the bubble would not end
//
// Goroutines make this a stress test: it has no promise of replay, but the seed repeats most failures.
func TestEveryAdmittedRecordEndsOnce(t *testing.T) {
	steps := 0
	defer func() { t.Logf("%d steps", steps) }()
	rapid.Check(t, live(&steps))
}

// TestSoak lets new producers live for as many minutes as KINECAST_SOAK says: make soak MINUTES=10.
func TestSoak(t *testing.T) {
	minutes, err := strconv.ParseFloat(os.Getenv("KINECAST_SOAK"), 64)
	if err != nil {
		t.Skip("KINECAST_SOAK is not a number of minutes; use make soak MINUTES=10")
	}
	steps, lives := 0, 0
	one := live(&steps)
	for end := time.Now().Add(time.Duration(minutes * float64(time.Minute))); time.Now().Before(end) && !t.Failed(); {
		rapid.Check(t, func(t *rapid.T) { lives++; one(t) })
	}
	fmt.Printf("whole producers in virtual time:\n%12d  lives\n%12d  steps\n", lives, steps)
}

// live is the life of one producer.
func live(steps *int) func(*rapid.T) {
	return func(t *rapid.T) {
		rapid.SyncTest(t, func(t *rapid.T) {
			m := newMachine(t)
			t.Repeat(map[string]func(*rapid.T){
				"":         func(t *rapid.T) { *steps++; m.check(t) },
				"put":      m.put,
				"put more": m.put, // twice as likely
				"storm":    m.weather.storm,
				"slow":     m.weather.slow,
				"reshard":  m.weather.reshard,
				"calm":     func(*rapid.T) { m.weather.calm() },
				"wait": func(t *rapid.T) {
					time.Sleep(time.Duration(rapid.Int64Range(1, int64(10*time.Second)).Draw(t, "wait")))
				},
				"flush":      m.flush,
				"checkpoint": m.checkpoint,
				"forgive":    m.forgive,
				"snapshot":   m.snapshot,
			})
			m.end(t)
			m.verdict(t)
		})
	}
}
