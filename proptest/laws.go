package proptest

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
)

// Laws checks that a type, its serializer and its partitioner keep the promises that a producer relies on. Call it from a
// test of your own, with the very configuration that your service uses:
//
//	func TestOrders(t *testing.T) {
//		proptest.Laws(t, orders, config(), decodeOrder)
//	}
//
// gen draws the values, which should be of all kinds that your service puts: rapid.Make[Order]() is a start. decode is your
// consumer's way back from a record's data. Values are compared with reflect.DeepEqual; where that is too strict (protobuf
// messages, times, NaN) use [LawsFunc].
//
// Of cfg it uses Serializer, Partitioner, DefaultPartition, TargetStream and Ordering by themselves, and all of it in a producer
// that writes to a [kinesistest.Server] in memory, but for OnFailure, OnResult, Logger and ActorSystem: your dead letters
// do not see these records. All go to one stream there, whatever TargetStream says. A value for which the serializer, the
// partitioner or TargetStream returns [kinecast.ErrSkip] is asked for nothing more.
//
// The laws are those of the package comment. With a *testing.T each is a subtest, and delivery runs in a testing/synctest
// bubble, so t must not be in one. With anything else (a *testing.B, a fake) they run one after another in real time. A law that
// is broken fails the test with a text that says what is wrong, with the smallest such value that rapid could find, and what to
// do. Run it with -race too: what concurrency does not see by its results, the race detector sees by the accesses.
//
// Each law is tried with as many draws as the flag -rapid.checks says, 100 by default; simple types take about a second in
// all. A law that only breaks at times (under concurrency) may be reported by rapid as flaky: it is broken all the same.
func Laws[T any](t rapid.TB, gen *rapid.Generator[T], cfg kinecast.Config[T], decode func(data []byte) (T, error)) {
	t.Helper()
	LawsFunc(t, gen, cfg, decode, func(a, b T) bool { return reflect.DeepEqual(a, b) })
}

// LawsFunc is [Laws] with an equality of your own, such as proto.Equal. If records carry only a part of the value, or a changed
// one, equal is where you say which difference does not matter. decode and equal are called by one goroutine at a time.
func LawsFunc[T any](
	t rapid.TB, gen *rapid.Generator[T], cfg kinecast.Config[T], decode func(data []byte) (T, error), equal func(a, b T) bool,
) {
	t.Helper()
	if gen == nil || decode == nil || equal == nil {
		t.Fatalf("proptest: gen, decode and equal must be given; gen is nil: %t, decode is nil: %t, equal is nil: %t",
			gen == nil, decode == nil, equal == nil)
	}
	if err := cfg.Validate(); err != nil {
		t.Fatalf("proptest: cfg cannot make a producer: %v", err)
	}
	s := &subject[T]{gen: gen, cfg: cfg, decode: decode, equal: equal, inTime: func(t *rapid.T, prop func(*rapid.T)) { prop(t) }}
	if _, isT := t.(*testing.T); isT {
		s.inTime = rapid.SyncTest // which wants a *testing.T
	}
	for _, law := range []struct {
		name string
		prop func(*rapid.T)
	}{
		{"keys", s.keys},
		{"buffers", s.buffers},
		{"concurrency", s.concurrency},
		{"delivery", func(t *rapid.T) { s.inTime(t, s.delivery) }},
	} {
		if !obeys(t, law.name, law.prop) {
			return
		}
	}
}

// subject is what the laws are asked about.
type subject[T any] struct {
	gen    *rapid.Generator[T]
	cfg    kinecast.Config[T]
	decode func(data []byte) (T, error)
	equal  func(a, b T) bool
	inTime func(*rapid.T, func(*rapid.T)) // runs what waits: in a bubble, if that can be
}

// obeys tries a law and says whether it held.
func obeys(t rapid.TB, law string, prop func(*rapid.T)) bool {
	t.Helper()
	if t, isT := t.(*testing.T); isT {
		return t.Run(law, rapid.MakeCheck(prop))
	}
	rapid.Check(t, prop)
	return !t.Failed()
}
