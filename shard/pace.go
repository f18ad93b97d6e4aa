package shard

import (
	"math"
	"time"
)

// pace is a shard's two token buckets, one of records and one of bytes, filled at a share of what a whole shard takes. The
// lane's limiter says which share; the port pays, under its mutex.
//
// A record may pass when neither bucket is in debt, and may leave one: that is how 10 MiB pass at 1 MiB a second. A full
// bucket holds what comes in a depth, so a shard that has rested starts with a small burst only: a record that is refused
// costs more than one that waits.
type pace struct {
	share          float64   // of a shard; +Inf for no limit, and then nothing below counts
	records, bytes float64   // what is in the buckets, in seconds of a whole shard; negative: a debt
	filled         time.Time // until when time has been paid in
}

// depth is how long a full bucket has been filling.
const depth = 250 * time.Millisecond

// unpaced is the pace of a shard of which nothing is known.
var unpaced = pace{share: math.Inf(+1)}

// turn changes the share from now on. A limit that is new begins with empty buckets.
func (p *pace) turn(now time.Time, share float64) {
	switch {
	case math.IsInf(share, +1):
		*p = unpaced
	case math.IsInf(p.share, +1):
		*p = pace{share: share, filled: now}
	default:
		p.fill(now)
		p.share = share
	}
}

// fill pays in the time that has passed.
func (p *pace) fill(now time.Time) {
	if math.IsInf(p.share, +1) || !now.After(p.filled) {
		return
	}
	come, most := p.share*now.Sub(p.filled).Seconds(), p.share*depth.Seconds()
	p.records, p.bytes, p.filled = min(p.records+come, most), min(p.bytes+come, most), now
}

// open says whether a record may pass, as of the last fill.
func (p *pace) open() bool { return math.IsInf(p.share, +1) || min(p.records, p.bytes) > -rounding }

// rounding is less than any record costs, and more than what adding fractions gets wrong.
const rounding = 1e-9

// pay takes what a record costs.
func (p *pace) pay(bytes int) {
	if !math.IsInf(p.share, +1) {
		p.records -= 1.0 / shardRecords
		p.bytes -= float64(bytes) / shardBytes
	}
}

// ready is when a record may pass: in the past if one may now.
func (p *pace) ready() time.Time {
	if p.open() {
		return time.Time{}
	}
	debt := -min(p.records, p.bytes) / p.share * float64(time.Second)
	return p.filled.Add(time.Duration(math.Ceil(debt)) + time.Microsecond)
}
