package figures

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestBucketsCoverEveryValueOnce(t *testing.T) {
	next := int64(0)
	for i := range indexOf(math.MaxInt64) {
		low, high := bucket(i)
		if low != next || high < low || indexOf(low) != i || indexOf(high) != i {
			t.Fatalf("bucket %d is %d to %d, and %d is the next value", i, low, high, next)
		}
		next = high + 1
	}
	if indexOf(math.MaxInt64) > 500 {
		t.Errorf("%d buckets", indexOf(math.MaxInt64))
	}
}

// values draws what a distribution is made of.
func values(t *rapid.T, label string) []int64 {
	one := rapid.OneOf(rapid.Int64Range(0, 40), rapid.Int64Range(0, 100_000), rapid.Int64Range(0, math.MaxInt64/1000))
	return rapid.SliceOfN(one, 0, 200).Draw(t, label)
}

func of(vs []int64) *Distribution {
	var d Distribution
	for _, v := range vs {
		d.Add(v, 1)
	}
	return &d
}

// Against the values themselves, sorted.
func TestDistributionIsNearTheValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		vs := values(t, "values")
		d := of(vs)
		if len(vs) == 0 {
			if _, ok := d.Quantile(0.5); ok || d.Mean() != 0 || d.Count != 0 {
				t.Fatalf("an empty distribution has values: %+v", d)
			}
			return
		}
		slices.Sort(vs)
		sum := int64(0)
		for _, v := range vs {
			sum += v
		}
		if d.Count != int64(len(vs)) || d.Sum != sum || d.Min != vs[0] || d.Max != vs[len(vs)-1] {
			t.Fatalf("%+v of %v", d.Totals, vs)
		}
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		got, ok := d.Quantile(share)
		want := vs[max(int(math.Ceil(share*float64(len(vs)))), 1)-1]
		if !ok || math.Abs(float64(got-want)) > float64(want)/16 || want < 16 && got != want {
			t.Fatalf("quantile %v is %d, want %d of %v", share, got, want, vs)
		}
	})
}

// Merging is adding, and Since takes away again.
func TestDistributionsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := values(t, "a"), values(t, "b")
		both := of(a)
		before := both.Clone()
		both.Merge(of(b))
		want := of(slices.Concat(a, b))
		if !slices.Equal(trimmed(both), trimmed(want)) || both.Totals != want.Totals {
			t.Fatalf("%+v and %+v merged are %+v", a, b, both)
		}
		if before.Count != int64(len(a)) {
			t.Fatal("a clone shares what it was cloned from")
		}
		news := both.Since(&before)
		if news.Count != int64(len(b)) || news.Sum != of(b).Sum || !slices.Equal(trimmed(&news), trimmed(of(b))) {
			t.Fatalf("since %v came %+v, and not %v", a, news, b)
		}
	})
}

// trimmed is every bucket with something in it: its index and how much.
func trimmed(d *Distribution) (all []uint64) {
	for i, n := range d.buckets {
		if n > 0 {
			all = append(all, uint64(d.first+i), n)
		}
	}
	return all
}

func TestOddValues(t *testing.T) {
	var d Distribution
	d.Add(-5, 1)
	d.Add(7, 0)
	d.Add(7, -1)
	if d.Count != 1 || d.Max != 0 || d.Sum != 0 {
		t.Errorf("%+v", d)
	}
	totals := Distribution{Totals: Totals{Count: 3, Sum: 30, Min: 5, Max: 20}}
	if _, ok := totals.Quantile(0.5); ok {
		t.Error("totals have a median")
	}
	if got := totals.Since(&Distribution{Totals: Totals{Count: 1, Sum: 5}}); got.Count != 2 || got.Sum != 25 {
		t.Errorf("%+v", got)
	}
	if totals.Mean() != 10 {
		t.Errorf("mean %v", totals.Mean())
	}
}
