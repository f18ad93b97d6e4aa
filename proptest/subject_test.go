package proptest

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
)

// The laws one by one, for what the laws before them would find first, or Config.Validate refuses.

// told tries a law and returns what it was told; "" if the law held.
func told(law func(*rapid.T)) string {
	r := Record(func(t rapid.TB) { rapid.Check(t, law) })
	if !r.Failed() {
		return ""
	}
	return r.Told()
}

func numbers() *subject[int] {
	return &subject[int]{
		gen: rapid.IntRange(1, 1000),
		cfg: kinecast.Config[int]{
			DefaultStream: "s",
			Serializer: kinecast.SerializerFunc[int](func(dst []byte, v int) ([]byte, error) {
				return strconv.AppendInt(dst, int64(v), 10), nil
			}),
			Partitioner: kinecast.ByKey(strconv.Itoa),
		},
		decode: func(data []byte) (int, error) { return strconv.Atoi(string(data)) },
		equal:  func(a, b int) bool { return a == b },
	}
}

// inTurn deals keys out.
func inTurn() kinecast.PartitionerFunc[int] {
	var next atomic.Int64
	return func(_ int, at *kinecast.Placement) error {
		at.Key = strconv.AppendInt(at.Key, next.Add(1), 10)
		return nil
	}
}

func TestKeysMustLastWhereOrderDependsOnThem(t *testing.T) {
	s := numbers()
	s.cfg.Partitioner = inTurn()
	if text := told(s.keys); text != "" {
		t.Errorf("without an order: %s", text)
	}
	s.cfg.Ordering = kinecast.PerKey
	if text := told(s.keys); !strings.Contains(text, `placed one value in two ways`) {
		t.Errorf("with PerKey: %q", text)
	}
	s.cfg.Partitioner = kinecast.ByKey(strconv.Itoa)
	if text := told(s.keys); text != "" {
		t.Errorf("with PerKey and a key of the value: %s", text)
	}
}

func TestDeliverySeesRecordsThatAreTooLarge(t *testing.T) {
	s := numbers()
	s.cfg.QueueBytes = 64 << 10
	s.cfg.Serializer = kinecast.SerializerFunc[int](func(dst []byte, v int) ([]byte, error) {
		if dst = strconv.AppendInt(dst, int64(v), 10); v > 900 {
			dst = append(dst, make([]byte, 64<<10)...)
		}
		return dst, nil
	})
	want := "the record was not delivered to a stream without a fault: kinecast: record too large"
	if text := told(s.delivery); !strings.Contains(text, want) {
		t.Errorf("told %q, want %q", text, want)
	}
}

func TestDeliverySeesRecordsThatAreGarbledLate(t *testing.T) {
	s := numbers()
	calls := 0
	right := s.cfg.Serializer
	s.cfg.Serializer = kinecast.SerializerFunc[int](func(dst []byte, v int) ([]byte, error) {
		calls++
		return right.Append(dst, v+calls)
	})
	if text := told(s.delivery); !strings.Contains(text, "a consumer reads another value than was put") {
		t.Errorf("told %q", text)
	}
}

func TestDeliverySeesKeysThatChange(t *testing.T) {
	for name, place := range map[string]func(v, calls int, at *kinecast.Placement){
		"key": func(v, calls int, at *kinecast.Placement) { at.Key = strconv.AppendInt(at.Key, int64(v+calls), 10) },
		"hash key": func(v, calls int, at *kinecast.Placement) {
			at.Key = strconv.AppendInt(at.Key, int64(v), 10)
			if calls > 0 {
				at.SetHashKey(kinecast.HashKey{})
			}
		},
	} {
		s := numbers()
		values, calls := map[int]bool{}, 0
		s.cfg.Partitioner = kinecast.PartitionerFunc[int](func(v int, at *kinecast.Placement) error {
			if values[v] { // every value differently when it is asked for again
				calls = 1
			}
			values[v] = true
			place(v, calls, at)
			return nil
		})
		if text := told(s.delivery); !strings.Contains(text, "a consumer reads another key or hash key than the partitioner gives") {
			t.Errorf("%s: told %q", name, text)
		}
	}
}
