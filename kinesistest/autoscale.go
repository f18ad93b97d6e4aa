package kinesistest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Scaling is the rule by which on-demand streams grow: see [AutoScale]. The zero value is the
// service's rule, as far as it is documented, but that children open at once.
type Scaling struct {
	// Window is how long load is measured before it is judged. Defaults to 15 minutes.
	Window time.Duration
	// MaxShards is how many open shards a stream may grow to, 1 to 10,000. Defaults to 200, which
	// take the 200 MiB a second that an account's streams have in most regions. A stream that
	// has more does not shrink.
	MaxShards int
	// How says when the children open, counted from the end of the window. Defaults to AtOnce().
	// [Late] plays a service that takes its time, [StepByStep] waits for [Server.Step].
	How Reshard
}

const (
	windowDefault    = 15 * time.Minute
	maxScaledDefault = 200
	// hotShare is the part of its limit above which a shard is split: an earlier version of the
	// developer guide's page on choosing a mode names 500 KB/s of a shard's 1 MB/s.
	hotShare = 0.5
)

// AutoScale has on-demand streams scale themselves under load, those of [OnDemand] and [Auto],
// those that clients create or switch to that mode. Without it only the test scales them.
//
// The first put begins a window, and the first put after its end the next one. When a window
// ends, each open shard that stored more than half of what its limit allows in that time, of
// records or of bytes, is split in the middle, all of them in one reshard, as [Server.Split]
// does it. The limit is the stream's, of [Throttled] or [Server.Throttle], or [ServiceThroughput]
// if the stream has none; what other writers are said to put does not count. If more are hot
// than [Scaling] or the account's 20,000 shards leave room for, the hottest are split.
//
// What users of the service see follows from that. A stream's capacity doubles within a window
// at most, so traffic that more than doubles within one is throttled. A part of the key space
// that is hot is split alone. A partition key that exceeds a shard stays throttled, however
// often its shard is split. (The developer guide's page on choosing a mode, which does not tell
// the algorithm; that the limit of records counts like that of bytes is an assumption.)
//
// Nothing runs by itself: a window is judged, as of its end by the server's clock, when the
// stream is next used at any door. A stream that is not ACTIVE at that time is left as it is
// until the end of another window, and shards are never merged. A [Journal] keeps the shards, not
// the window that is under way.
func AutoScale(rule Scaling) Option {
	return Option{apply: func(s *service) error {
		switch {
		case rule.Window < 0:
			return fmt.Errorf("AutoScale: Window is %v: must not be negative; 0 means %v", rule.Window, windowDefault)
		case rule.MaxShards < 0 || rule.MaxShards > maxShards:
			return fmt.Errorf("AutoScale: MaxShards is %d: must be 1 to %d; 0 means %d", rule.MaxShards, maxShards, maxScaledDefault)
		}
		if err := rule.How.validate(); err != nil {
			return fmt.Errorf("AutoScale: %w", err)
		}
		rule.Window = cmp.Or(rule.Window, windowDefault)
		rule.MaxShards = cmp.Or(rule.MaxShards, maxScaledDefault)
		s.scaling = &rule
		return nil
	}}
}

// observe begins a window with a put, unless one is under way.
func (s *service) observe(st *stream, now time.Time) {
	if s.scaling == nil || st.mode != types.StreamModeOnDemand || !st.windowEnd.IsZero() {
		return
	}
	st.windowEnd = now.Add(s.scaling.Window)
	for _, sh := range st.open {
		sh.mark = sh.count
	}
}

// scale judges the window that has ended, and splits what is hot. Every use of a stream begins
// with it, so nothing was stored since the end.
func (s *service) scale(st *stream) {
	at := st.windowEnd
	st.windowEnd = time.Time{}
	if st.mode != types.StreamModeOnDemand || st.status != types.StreamStatusActive {
		return
	}
	hot := s.hot(st)
	hot = hot[:min(len(hot), max(0, s.scaling.MaxShards-len(st.open)))]
	for len(hot) > 0 && s.roomFor(len(hot)) != nil {
		hot = hot[:len(hot)-1]
	}
	if len(hot) == 0 {
		return
	}
	slices.SortFunc(hot, byFirstKey)
	layout, splits := newPlanner(st), []change{}
	for _, sh := range hot {
		splits = append(splits, layout.split(sh, sh.middle()))
	}
	s.reshard(st, plan{splits}, s.scaling.How, at)
}

// hot returns the open shards to be split, the hottest first.
func (s *service) hot(st *stream) (hot []*shard) {
	limit := st.limit
	if limit.Records == 0 && limit.Bytes == 0 {
		limit = ServiceThroughput()
	}
	load := map[*shard]float64{}
	for _, sh := range st.open {
		load[sh] = limit.share(sh.count.Records-sh.mark.Records, sh.count.Bytes-sh.mark.Bytes, s.scaling.Window)
		if load[sh] > hotShare && sh.splits(sh.middle()) {
			hot = append(hot, sh)
		}
	}
	slices.SortStableFunc(hot, func(a, b *shard) int { return cmp.Compare(load[b], load[a]) })
	return hot
}

// share is which part of what the limit allows in a time was used, of records or of bytes,
// whichever is more.
func (t Throughput) share(records, bytes int64, in time.Duration) (part float64) {
	if t.Records > 0 {
		part = float64(records) / (t.Records * in.Seconds())
	}
	if t.Bytes > 0 {
		part = max(part, float64(bytes)/(t.Bytes*in.Seconds()))
	}
	return part
}
