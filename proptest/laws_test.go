package proptest_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/internal/kplpb"
	"github.com/kinecast/kinecast/proptest"
	"github.com/kinecast/kinecast/shard"
)

// order is a user's type.
type order struct {
	Customer string
	Amount   int
	Notes    []string
}

var orders = rapid.Custom(func(t *rapid.T) order {
	return order{
		Customer: rapid.StringN(1, 20, -1).Draw(t, "customer"),
		Amount:   rapid.Int().Draw(t, "amount"),
		Notes:    rapid.SliceOfN(rapid.String(), 1, 3).Draw(t, "notes"),
	}
})

func decodeOrder(data []byte) (o order, err error) { return o, json.Unmarshal(data, &o) }

// orderConfig is a right one, for tests to change.
func orderConfig() kinecast.Config[order] {
	return kinecast.Config[order]{
		DefaultStream: "orders",
		Serializer:    kinecast.JSON[order](),
		Partitioner:   kinecast.ByKey(func(o order) string { return o.Customer }),
	}
}

func TestLawsHoldForAStruct(t *testing.T) {
	proptest.Laws(t, orders, orderConfig(), decodeOrder)
}

func TestLawsHoldWithoutAggregation(t *testing.T) {
	cfg := orderConfig()
	cfg.AggregationDisabled, cfg.QueueLimit, cfg.CollectionMaxCount = true, 3, 2
	proptest.Laws(t, orders, cfg, decodeOrder)
}

func TestLawsHoldForBytes(t *testing.T) {
	proptest.Laws(t, rapid.SliceOfN(rapid.Byte(), 1, 3000), kinecast.Config[[]byte]{
		DefaultStream: "s", Serializer: kinecast.Bytes(), DefaultPartition: "all",
	}, func(data []byte) ([]byte, error) { return data, nil })
}

func TestLawsHoldForProtobuf(t *testing.T) {
	messages := rapid.Custom(func(t *rapid.T) *kplpb.Tag {
		return &kplpb.Tag{
			Key:   proto.String(rapid.StringN(1, 10, -1).Draw(t, "key")),
			Value: proto.String(rapid.String().Draw(t, "value")),
		}
	})
	proptest.LawsFunc(t, messages, kinecast.Config[*kplpb.Tag]{
		DefaultStream: "s",
		Serializer:    kinecast.Proto[*kplpb.Tag](),
		Partitioner: kinecast.ByKeyAndHash(func(m *kplpb.Tag) (string, kinecast.HashKey) {
			return m.GetKey(), shard.HashKeyOf(m.GetValue())
		}),
	}, func(data []byte) (*kplpb.Tag, error) {
		m := &kplpb.Tag{}
		return m, proto.Unmarshal(data, m)
	}, func(a, b *kplpb.Tag) bool { return proto.Equal(a, b) })
}

// Keys that are drawn, or dealt out in turn, are no function of the value, and need not be one.
func TestLawsHoldForKeysByChance(t *testing.T) {
	var next atomic.Int64
	for name, p := range map[string]kinecast.Partitioner[order]{
		"Random": kinecast.Random[order](),
		"Fixed":  kinecast.Fixed[order](2, 3),
		"in turn": kinecast.PartitionerFunc[order](func(_ order, at *kinecast.Placement) error {
			at.Key = strconv.AppendInt(at.Key, next.Add(1)%7, 10)
			return nil
		}),
	} {
		t.Run(name, func(t *testing.T) {
			cfg := orderConfig()
			cfg.Partitioner = p
			proptest.Laws(t, orders, cfg, decodeOrder)
		})
	}
}

// A value may be dropped on purpose by any of the three, and is asked for nothing more.
func TestLawsHoldForSkippedValues(t *testing.T) {
	negative := func(o order) error {
		if o.Amount < 0 {
			return kinecast.ErrSkip
		}
		return nil
	}
	skippers := map[string]func(*kinecast.Config[order]){
		"serializer": func(cfg *kinecast.Config[order]) {
			inner := cfg.Serializer
			cfg.Serializer = kinecast.SerializerFunc[order](func(dst []byte, o order) ([]byte, error) {
				if err := negative(o); err != nil {
					return nil, err
				}
				return inner.Append(dst, o)
			})
		},
		"partitioner": func(cfg *kinecast.Config[order]) {
			cfg.Partitioner = kinecast.PartitionerFunc[order](func(o order, at *kinecast.Placement) error {
				at.Key = append(at.Key, o.Customer...)
				return negative(o)
			})
		},
		"TargetStream": func(cfg *kinecast.Config[order]) {
			cfg.TargetStream = func(o order) (string, error) { return "elsewhere", negative(o) }
		},
	}
	for name, skip := range skippers {
		t.Run(name, func(t *testing.T) {
			cfg := orderConfig()
			skip(&cfg)
			proptest.Laws(t, orders, cfg, decodeOrder)
		})
	}
}

// The user's dead letters and results do not hear of the records of a test.
func TestLawsLeaveCallbacksAlone(t *testing.T) {
	cfg := orderConfig()
	cfg.OnResult = func(kinecast.Delivery[order]) { t.Error("OnResult was called") }
	cfg.OnFailure = func(kinecast.Delivery[order]) { t.Error("OnFailure was called") }
	proptest.Laws(t, orders, cfg, decodeOrder)
}

func TestLawsRefuseWhatCannotBeTried(t *testing.T) {
	for want, test := range map[string]func(rapid.TB){
		"gen is nil: true":           func(t rapid.TB) { proptest.Laws(t, nil, orderConfig(), decodeOrder) },
		"decode is nil: true":        func(t rapid.TB) { proptest.Laws(t, orders, orderConfig(), nil) },
		"equal is nil: true":         func(t rapid.TB) { proptest.LawsFunc(t, orders, orderConfig(), decodeOrder, nil) },
		"cfg cannot make a producer": func(t rapid.TB) { proptest.Laws(t, orders, kinecast.Config[order]{}, decodeOrder) },
	} {
		if r := proptest.Record(test); !r.Failed() || !strings.Contains(r.Told(), want) {
			t.Errorf("failed %t, told %q; want %q", r.Failed(), r.Told(), want)
		}
	}
}
