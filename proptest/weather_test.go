package proptest_test

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/kinesistest"
)

// weather is what happens between a producer and a service: faults of the service, and the time that calls take.
type weather struct {
	*kinesistest.Client
	server    *kinesistest.Server
	seen      func()       // called when a request arrives
	remove    []func()     // ends the faults in force
	there     atomic.Int64 // nanoseconds that a request takes
	back      atomic.Int64 // nanoseconds that its answer takes
	ambiguous atomic.Bool  // an answer that said stored may have got lost
	panics    atomic.Int64 // calls that panic, with the request stored or not
	moved     atomic.Bool  // the stream was resharded
	resharded time.Time    // when the newest reshard is over
}

// PutRecords is the server's, with a way there and back. A context that ends on the way back leaves a request of which nobody
// knows what it did.
func (w *weather) PutRecords(
	ctx context.Context, in *kinesis.PutRecordsInput, opts ...func(*kinesis.Options),
) (*kinesis.PutRecordsOutput, error) {
	w.seen()
	if err := travel(ctx, w.there.Load()); err != nil {
		return nil, err
	}
	panics := w.panics.Add(-1)
	if panics >= 0 && panics%2 == 0 {
		panic("a client that panics before it has sent anything")
	}
	out, err := w.Client.PutRecords(ctx, in, opts...)
	if panics >= 0 {
		w.ambiguous.Store(true)
		panic("a client that panics when everything is stored")
	}
	if lost := travel(ctx, w.back.Load()); lost != nil {
		w.ambiguous.Store(true)
		return nil, lost
	}
	return out, err
}

func travel(ctx context.Context, nanoseconds int64) error {
	if nanoseconds == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(time.Duration(nanoseconds))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slow sets how long calls take, at times longer than a producer waits.
func (w *weather) slow(t *rapid.T) {
	way := rapid.OneOf(
		rapid.Just(int64(0)),
		rapid.Int64Range(0, int64(20*time.Millisecond)),
		rapid.Int64Range(0, int64(4*time.Second)),
	)
	w.there.Store(way.Draw(t, "there"))
	w.back.Store(way.Draw(t, "back"))
}

// storm puts a fault into force, for some calls or until it is calm.
func (w *weather) storm(t *rapid.T) {
	rule := kinesistest.Rule{
		On: kinesistest.PutRecords, Stream: rapid.SampledFrom([]string{"s", "s", "u", ""}).Draw(t, "stream"),
		Times: rapid.IntRange(0, 8).Draw(t, "times"), Every: rapid.IntRange(0, 3).Draw(t, "every"),
	}
	switch rapid.IntRange(0, 15).Draw(t, "fault") {
	case 10:
		late := time.Duration(rapid.Int64Range(0, int64(10*time.Second)).Draw(t, "applied late by"))
		rule.Do = kinesistest.StoreAfter(late).Then(kinesistest.Lose(kinesistest.Close))
		w.ambiguous.Store(true)
	case 11:
		rule.Do = kinesistest.StoreAfterCalls(rapid.IntRange(1, 4).Draw(t, "applied calls late"))
		w.ambiguous.Store(true)
	case 12:
		rule.Do = kinesistest.Store().Then(kinesistest.Lose(rapid.SampledFrom([]kinesistest.Loss{
			kinesistest.Close, kinesistest.Reset, kinesistest.HalfBody, kinesistest.Hang,
		}).Draw(t, "loss")))
		w.ambiguous.Store(true)
	case 13:
		rule.Do = kinesistest.StorePart(rapid.IntRange(0, 3).Draw(t, "stored")).Then(kinesistest.CallError(500, "InternalFailureException", "as drawn"))
		w.ambiguous.Store(true)
	case 14:
		rule.Do = kinesistest.TooMany(rapid.IntRange(1, 3).Draw(t, "results of nobody"))
		w.ambiguous.Store(true)
	case 15:
		limit := kinesistest.Throughput{Records: float64(rapid.IntRange(1, 50).Draw(t, "records a second"))}
		w.server.Throttle("s", limit)
		w.remove = append(w.remove, func() { w.server.Throttle("s", kinesistest.Throughput{}) })
		return
	case 9:
		w.panics.Store(rapid.Int64Range(1, 4).Draw(t, "panics"))
		return
	case 0:
		rule.Do = kinesistest.RecordError("ProvisionedThroughputExceededException", "Rate exceeded for shard.")
	case 1:
		rule.Do = kinesistest.RecordError("InternalFailure", "Internal service failure.")
	case 2:
		rule.Do = kinesistest.TooFew(rapid.IntRange(0, 2).Draw(t, "results"))
		w.ambiguous.Store(true)
	case 3:
		rule.Do = kinesistest.CallError(400, rapid.SampledFrom([]string{
			"ProvisionedThroughputExceededException", "LimitExceededException", "ExpiredTokenException",
			"AccessDeniedException", "ResourceNotFoundException", "ValidationException",
		}).Draw(t, "code"), "as drawn")
	case 4:
		rule.Do = kinesistest.CallError(500, "InternalFailureException", "as drawn")
	case 5:
		rule.Do = kinesistest.EmptyOK()
	case 6:
		rule.Do = kinesistest.HTML(502)
	case 7:
		rule.Do = kinesistest.Refuse()
	case 8:
		rule.On = rapid.SampledFrom([]kinesistest.Operation{
			kinesistest.ListShards, kinesistest.DescribeStreamSummary,
		}).Draw(t, "operation")
		rule.Do = rapid.SampledFrom([]kinesistest.Fault{
			kinesistest.Refuse(), kinesistest.HTML(502), kinesistest.EmptyOK(),
			kinesistest.CallError(400, "LimitExceededException", "as drawn"),
			kinesistest.CallError(400, "AccessDeniedException", "as drawn"),
		}).Draw(t, "fault of the operation")
	}
	w.remove = append(w.remove, w.server.Inject(rule))
}

// calm ends all faults.
func (w *weather) calm() {
	for _, remove := range w.remove {
		remove()
	}
	w.remove = nil
	w.panics.Store(0)
	w.there.Store(0)
	w.back.Store(0)
}
