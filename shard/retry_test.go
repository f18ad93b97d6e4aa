package shard

import (
	"fmt"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func pauseOf(d time.Duration) func(Class, int) time.Duration {
	return func(Class, int) time.Duration { return d }
}

func TestVerdict(t *testing.T) {
	const (
		second  = time.Second
		forever = time.Duration(math.MaxInt64)
	)
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	// Each record is admitted at 0 s and first tried at 1 s; it has just failed.
	for _, row := range []struct {
		what     string
		policy   RetryPolicy
		class    Class
		attempts int
		now      time.Duration
		want     Verdict
	}{
		{"no limits", RetryPolicy{Backoff: pauseOf(second)}, Transient, 1 << 30, 1000 * time.Hour, Verdict{After: second}},
		{"negative limits are none", RetryPolicy{MaxAttempts: -1, RetryDuration: -1, RecordTTL: -1, Backoff: pauseOf(0)}, Throttled, 9, 9 * second, Verdict{}},
		{"a negative pause is none", RetryPolicy{Backoff: pauseOf(-second)}, Ambiguous, 1, second, Verdict{}},
		{"fatal", RetryPolicy{Backoff: pauseOf(0)}, Fatal, 1, second, Verdict{Limit: LimitClass}},
		{"invalid, isolated", RetryPolicy{Backoff: pauseOf(0)}, Invalid, 1, second, Verdict{Limit: LimitClass}},

		{"one attempt left", RetryPolicy{MaxAttempts: 3, Backoff: pauseOf(second)}, Transient, 2, 2 * second, Verdict{After: second}},
		{"attempts", RetryPolicy{MaxAttempts: 3, Backoff: pauseOf(second)}, Transient, 3, 2 * second, Verdict{Limit: LimitAttempts}},
		{"time left, from the first try", RetryPolicy{RetryDuration: 10 * second, Backoff: pauseOf(second)}, Transient, 1, 9*second + 999, Verdict{After: second}},
		{"retry duration", RetryPolicy{RetryDuration: 10 * second, Backoff: pauseOf(second)}, Transient, 1, 10 * second, Verdict{Limit: LimitRetryDuration}},
		{"time left, from admission", RetryPolicy{RecordTTL: 10 * second, Backoff: pauseOf(second)}, Transient, 1, 8*second + 999, Verdict{After: second}},
		{"TTL", RetryPolicy{RecordTTL: 10 * second, Backoff: pauseOf(second)}, Transient, 1, 9 * second, Verdict{Limit: LimitRecordTTL}},

		{"TTL before retry duration", RetryPolicy{RetryDuration: 10 * second, RecordTTL: 10 * second, Backoff: pauseOf(0)}, Throttled, 1, 20 * second, Verdict{Limit: LimitRecordTTL}},
		{"retry duration before TTL", RetryPolicy{RetryDuration: 8 * second, RecordTTL: 10 * second, Backoff: pauseOf(0)}, Throttled, 1, 20 * second, Verdict{Limit: LimitRetryDuration}},
		{"attempts before TTL", RetryPolicy{MaxAttempts: 2, RecordTTL: 10 * second, Backoff: pauseOf(forever)}, Throttled, 2, 9 * second, Verdict{Limit: LimitAttempts}},
		{"TTL passed before the last attempt failed", RetryPolicy{MaxAttempts: 2, RecordTTL: 10 * second, Backoff: pauseOf(0)}, Throttled, 2, 11 * second, Verdict{Limit: LimitRecordTTL}},

		{"endless limits", RetryPolicy{MaxAttempts: math.MaxInt, RetryDuration: forever, RecordTTL: forever, Backoff: pauseOf(second)}, Transient, 5, time.Hour, Verdict{After: second}},
		{"endless pause and limits", RetryPolicy{RetryDuration: forever, RecordTTL: forever, Backoff: pauseOf(forever)}, Transient, 5, time.Hour, Verdict{Limit: LimitRecordTTL}},
		{"endless pause, no limits", RetryPolicy{Backoff: pauseOf(forever)}, Transient, 5, time.Hour, Verdict{After: forever}},
		{"a clock that went back", RetryPolicy{RecordTTL: forever, Backoff: pauseOf(0)}, Transient, 1, -forever, Verdict{}},
	} {
		got := row.policy.Verdict(row.class, row.attempts, row.attempts, begin.Add(second), begin, begin.Add(row.now))
		if got != row.want || got.Retry() != (row.want.Limit == NoLimit) {
			t.Errorf("%s: %+v, want %+v", row.what, got, row.want)
		}
	}
}

func TestBackoffIsToldClassAndFailures(t *testing.T) {
	var told string
	policy := RetryPolicy{Backoff: func(class Class, failures int) time.Duration {
		told = fmt.Sprint(class, " ", failures)
		return 0
	}}
	now := time.Now()
	policy.Verdict(Ambiguous, 3, 7, now, now, now)
	if want := "ambiguous 7"; told != want {
		t.Errorf("Backoff was told %q, want %q", told, want)
	}
	told = "nothing"
	if policy.Verdict(Fatal, 1, 1, now, now, now); told != "nothing" {
		t.Errorf("Backoff was told %q of a record that has ended", told)
	}
}

func TestDeadline(t *testing.T) {
	admitted := time.Now()
	policy := RetryPolicy{RetryDuration: time.Second, RecordTTL: time.Minute}
	for _, row := range []struct {
		what     string
		policy   RetryPolicy
		firstTry time.Time
		want     time.Time
		limit    Limit
	}{
		{"no limits", RetryPolicy{}, admitted, time.Time{}, NoLimit},
		{"not tried yet", policy, time.Time{}, admitted.Add(time.Minute), LimitRecordTTL},
		{"not tried yet, no TTL", RetryPolicy{RetryDuration: time.Second}, time.Time{}, time.Time{}, NoLimit},
		{"tried soon", policy, admitted.Add(time.Second), admitted.Add(2 * time.Second), LimitRetryDuration},
		{"tried late", policy, admitted.Add(59500 * time.Millisecond), admitted.Add(time.Minute), LimitRecordTTL},
		{"both at once", policy, admitted.Add(59 * time.Second), admitted.Add(time.Minute), LimitRecordTTL},
	} {
		if got, limit := row.policy.Deadline(row.firstTry, admitted); !got.Equal(row.want) || limit != row.limit {
			t.Errorf("%s: %v (%v), want %v (%v)", row.what, got, limit, row.want, row.limit)
		}
	}
}

// No retry begins at or after a deadline, none follows the last attempt, and without a limit nothing ends.
func TestVerdictLaws(t *testing.T) {
	durations := rapid.OneOf(rapid.Int64(), rapid.Int64Range(0, 100), rapid.SampledFrom([]int64{0, 1, math.MaxInt64 - 1, math.MaxInt64, math.MinInt64}))
	duration := func(t *rapid.T, label string) time.Duration { return time.Duration(durations.Draw(t, label)) }
	start := time.Now()
	rapid.Check(t, func(t *rapid.T) {
		p := RetryPolicy{
			MaxAttempts:   rapid.IntRange(-1, 5).Draw(t, "MaxAttempts"),
			RetryDuration: duration(t, "RetryDuration"),
			RecordTTL:     duration(t, "RecordTTL"),
			Backoff:       pauseOf(duration(t, "pause")),
		}
		class := rapid.SampledFrom([]Class{Fatal, Throttled, Transient, Ambiguous, Invalid}).Draw(t, "class")
		attempts := rapid.IntRange(1, 8).Draw(t, "attempts")
		firstTry := start.Add(time.Duration(rapid.Int64Range(0, 100).Draw(t, "first try")))
		now := firstTry.Add(time.Duration(rapid.Int64Range(0, math.MaxInt64).Draw(t, "now")))

		v := p.Verdict(class, attempts, attempts, firstTry, start, now)
		ends := map[Limit]bool{
			LimitClass:         class == Fatal || class == Invalid,
			LimitAttempts:      p.MaxAttempts > 0 && attempts >= p.MaxAttempts,
			LimitRecordTTL:     p.RecordTTL > 0 && !now.Add(v.After).Before(start.Add(p.RecordTTL)),
			LimitRetryDuration: p.RetryDuration > 0 && !now.Add(v.After).Before(firstTry.Add(p.RetryDuration)),
		}
		if v.Retry() {
			for limit, over := range ends {
				if over {
					t.Fatalf("%+v although %v is over", v, limit)
				}
			}
			if want := max(0, p.Backoff(class, attempts)); v.After != want {
				t.Fatalf("%+v, want a pause of %v", v, want)
			}
			return
		}
		next := now.Add(max(0, p.Backoff(class, attempts)))
		ends[LimitRecordTTL] = p.RecordTTL > 0 && !next.Before(start.Add(p.RecordTTL))
		ends[LimitRetryDuration] = p.RetryDuration > 0 && !next.Before(firstTry.Add(p.RetryDuration))
		if !ends[v.Limit] || v.After != 0 {
			t.Fatalf("%+v, but %v is not over", v, v.Limit)
		}
	})
}

func TestLimitWords(t *testing.T) {
	want := "none error class MaxAttempts RetryDuration RecordTTL FailIfThrottled Limit(6)"
	if got := fmt.Sprint(NoLimit, LimitClass, LimitAttempts, LimitRetryDuration, LimitRecordTTL, LimitThrottled, Limit(6)); got != want {
		t.Errorf("limits read %q, want %q", got, want)
	}
}

func TestFailIfThrottledEndsAtTheFirstThrottle(t *testing.T) {
	p := forever()
	p.FailIfThrottled = true
	if v := p.Verdict(Throttled, 1, 1, noon, noon, noon); v.Limit != LimitThrottled {
		t.Errorf("throttled: %+v", v)
	}
	if v := p.Verdict(Ambiguous, 1, 1, noon, noon, noon); !v.Retry() {
		t.Errorf("ambiguous: %+v", v)
	}
}
