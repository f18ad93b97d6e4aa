package kinecast

import (
	"context"
	"fmt"

	"github.com/kinecast/kinecast/internal/wire"
	"github.com/kinecast/kinecast/shard"
)

// A stream may be asked for by its name and by its ARN. A name means a stream of the client's own account, and only the
// service knows which that is: its summary has the ARN. So of a name and an ARN that end alike, doubles, the second is a
// stream of its own until the summary of the one with the name has been read. Nothing is sent of it until then; if the two
// are one, what waits moves to the first, and its name becomes another one of that.
//
//	openStream ── no doubles ───────────────────────────────────────────▶ its own map
//	     └──────── doubles: records wait,     ── none of them is it ────▶ its own map
//	               PerKey: callers wait       ── the right is denied ───▶ its own map; PerKey: refused
//	                                          ── one of them is it ─────▶ actors: join ──▶ a name of that one
//
// In order callers wait because a record of the first name that is put after theirs would be sent before.

// doubles are the streams that the name of another kind may mean. If it is known already that one of them is meant, that is
// the same.
func (d *directory) doubles(ref wire.Stream) (same *stream, doubles []*stream) {
	for _, st := range d.all {
		if st.target.Name != ref.Name || (st.target.ARN == "") == (ref.ARN == "") {
			continue
		}
		switch arn, _ := st.identity(); {
		case ref.ARN != "" && arn == ref.ARN:
			return st, nil
		case ref.ARN == "" || arn == "":
			doubles = append(doubles, st)
		}
	}
	return nil, doubles
}

// identity is the stream's ARN, "" if its summary has not been read; throttled says that it could not be read just then.
func (st *stream) identity() (arn string, throttled bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.arn, st.throttled
}

// identify notes the stream's ARN, unless another one was asked for.
func (st *stream) identify(arn string) *shard.Failure {
	if asked := st.target.ARN; asked != "" && asked != arn {
		return fatal(shard.CodeOtherStream, fmt.Sprintf("the client reaches %q instead; use a client of that stream's region", arn))
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	st.arn, st.throttled = arn, false
	return nil
}

// original is that of the doubles which the stream turns out to be, nil if it is none of them.
func (st *stream) original(ctx, call context.Context) (*stream, *shard.Failure) {
	st.mu.Lock()
	doubles := st.doubles
	st.mu.Unlock()
	for _, other := range doubles {
		same, failure := st.is(ctx, call, other)
		switch {
		case failure != nil:
			return nil, failure
		case same:
			return other, nil
		}
	}
	st.mu.Lock()
	st.doubles = nil
	st.mu.Unlock()
	return nil, nil
}

// is says whether the stream is one of its doubles, from the summary of the one of the two that is asked for by name. What
// that one does not tell is told by nobody.
func (st *stream) is(ctx, call context.Context, other *stream) (same bool, failure *shard.Failure) {
	if other.gone.Load() {
		return false, nil
	}
	named, arn := st, other.target.ARN
	if arn == "" {
		named, arn = other, st.target.ARN
	}
	own, throttled := named.identity()
	if own == "" && named == other {
		failure = st.sup.describe(ctx, call, other, describeEvery)
		own, throttled = other.identity()
	}
	switch {
	case own != "":
		return own == arn, nil
	case failure != nil && failure.Code == codeNotFound: // and this one is there
		return false, nil
	case failure != nil:
		return false, failure
	case throttled:
		return false, &shard.Failure{Code: codeThrottled, Status: 400, Message: fmt.Sprintf(
			"DescribeStreamSummary is throttled, which tells whether this is the stream that is in use as %q", other.name)}
	case st.barred:
		return false, fatal(shard.CodeSecondName, fmt.Sprintf("it may be the stream that is in use as %q, and Ordering is PerKey;"+
			" grant kinesis:DescribeStreamSummary, which tells, or use one of the names", other.name))
	}
	st.sup.log.Warn("kinecast: it may be a stream that is in use under another name, and DescribeStreamSummary is denied, which tells:"+
		" it has lanes of its own", "stream", st.name, "other", other.name)
	return false, nil
}

// undecided says that the stream may be one of its doubles.
func (st *stream) undecided() bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.doubles != nil
}

// refusal is why callers cannot wait any longer to be admitted to a stream that may be another one.
func (st *stream) refusal() error {
	st.mu.Lock()
	defer st.mu.Unlock()
	if !st.barred || st.ready || st.trouble == nil || !st.trouble.lasts() {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrInvalidRecord, st.trouble)
}
