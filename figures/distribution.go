package figures

import (
	"math"
	"math/bits"
	"slices"
)

// Totals are the values of a figure added up. The zero value is empty and ready to use.
type Totals struct {
	// Count is the number of values and Sum what they add up to.
	Count, Sum int64
	// Min and Max are the least and the greatest value; 0 if there is none.
	Min, Max int64
}

// Mean is the average; 0 if there is no value.
func (t *Totals) Mean() float64 {
	if t.Count == 0 {
		return 0
	}
	return float64(t.Sum) / float64(t.Count)
}

// add takes values between low and high.
func (t *Totals) add(n, sum, low, high int64) {
	if t.Count == 0 {
		t.Min, t.Max = low, high
	}
	t.Min, t.Max = min(t.Min, low), max(t.Max, high)
	t.Count += n
	t.Sum += sum
}

// Distribution is Totals and, to one part in sixteen, where any share of the values lies. Values are whole and not negative.
//
// It is a histogram with a bucket for each value below 16, and above for each eighth of a power of two, as in HdrHistogram
// (Tene, 2012) with fewer digits; only the buckets between the least and the greatest value exist. A copy shares them: use
// Clone to keep one. The zero value is empty and ready to use.
type Distribution struct {
	Totals

	first   int      // the index of buckets[0]
	buckets []uint64 // how many values have each index
}

// Of is the distribution of one value.
func Of(v int64) Distribution {
	var d Distribution
	d.Add(v, 1)
	return d
}

// Add takes the same value n times. A negative value counts as 0, a negative n as none.
func (d *Distribution) Add(v, n int64) {
	if n <= 0 {
		return
	}
	v = max(v, 0)
	d.add(n, v*n, v, v)
	*d.at(indexOf(v)) += uint64(n)
}

// Merge takes all values of another distribution.
func (d *Distribution) Merge(o *Distribution) {
	if o.Count == 0 {
		return
	}
	d.add(o.Count, o.Sum, o.Min, o.Max)
	for i, n := range o.buckets {
		if n > 0 {
			*d.at(o.first + i) += n
		}
	}
}

// Since is what was added to a distribution after the given, earlier copy of it: figures count from the start, and most
// services want what is new. Its Min and Max are as exact as a quantile; without quantiles they stay those of the whole.
func (d *Distribution) Since(earlier *Distribution) Distribution {
	var news Distribution
	for i, n := range d.buckets {
		if old := i + d.first - earlier.first; old >= 0 && old < len(earlier.buckets) {
			n -= min(n, earlier.buckets[old])
		}
		if n > 0 {
			low, high := bucket(d.first + i)
			news.add(int64(n), 0, max(low, d.Min), min(high, d.Max))
			*news.at(d.first + i) += n
		}
	}
	if d.buckets == nil {
		news.Totals = Totals{Count: d.Count - earlier.Count, Min: d.Min, Max: d.Max}
	}
	news.Sum = d.Sum - earlier.Sum
	return news
}

// Quantile is a value that the given share of all values, from 0 to 1, do not exceed: 0.5 is the median, 0.99 the 99th
// percentile. It is off by 1/16 of itself at most, exact below 16, and between Min and Max. false if there is no value, and
// for a single shard, of which totals are kept alone.
func (d *Distribution) Quantile(share float64) (int64, bool) {
	if len(d.buckets) == 0 {
		return 0, false
	}
	rank := uint64(max(math.Ceil(share*float64(d.Count)), 1))
	for i, n := range d.buckets {
		if n >= rank {
			low, high := bucket(d.first + i)
			return min(max(low+(high-low)/2, d.Min), d.Max), true
		}
		rank -= n
	}
	return d.Max, true
}

// Clone returns a copy that shares nothing.
func (d *Distribution) Clone() Distribution {
	c := *d
	c.buckets = slices.Clone(d.buckets)
	return c
}

// at is the bucket with an index, made if need be: that happens when a value is less or greater than all before it.
func (d *Distribution) at(index int) *uint64 {
	switch {
	case len(d.buckets) == 0:
		d.first, d.buckets = index, make([]uint64, 1)
	case index < d.first:
		wider := make([]uint64, d.first-index+len(d.buckets))
		copy(wider[d.first-index:], d.buckets)
		d.first, d.buckets = index, wider
	case index >= d.first+len(d.buckets):
		wider := make([]uint64, index-d.first+1)
		copy(wider, d.buckets)
		d.buckets = wider
	}
	return &d.buckets[index-d.first]
}

// eighths is the number of buckets for each power of two, as a shift.
const eighths = 3

// indexOf is the index of the bucket of a value.
func indexOf(v int64) int {
	shift := max(bits.Len64(uint64(v))-1-eighths, 0)
	return shift<<eighths + int(v>>shift)
}

// bucket are the least and the greatest value of a bucket.
func bucket(index int) (low, high int64) {
	shift := max(index>>eighths-1, 0)
	low = int64(index-shift<<eighths) << shift
	return low, low + 1<<shift - 1
}
