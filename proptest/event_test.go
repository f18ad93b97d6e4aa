package proptest_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
)

// event is what the machine puts: a number to know it by, and a place.
type event struct {
	id       int
	stream   string
	key      string
	explicit bool
	hash     kinecast.HashKey
	padding  int // bytes of data beside the number
}

// verb is how an event is put.
type verb int

const (
	put verb = iota
	tryPut
	putSync
	putAsync
	verbs
)

// asked says that the caller asked for the result himself, so that a failure does not stick to the stream.
func (v verb) asked() bool { return v == putSync || v == putAsync }

func (e event) data() []byte {
	return append(strconv.AppendInt(nil, int64(e.id), 10), strings.Repeat(".", e.padding)...)
}

// eventOf is the number of the event that a record holds.
func eventOf(data []byte) (int, error) {
	text, _, _ := bytes.Cut(data, []byte("."))
	id, err := strconv.Atoi(string(text))
	if err != nil {
		return 0, fmt.Errorf("a record that nobody put: %q", data)
	}
	return id, nil
}

// streams are those that the machine writes to: most of what befalls a stream befalls the first.
var streams = []string{"s", "s", "s", "u"}

// drawEvent draws where an event goes and how large it is. Few keys, so that aggregates share them.
func drawEvent(t *rapid.T, id int) event {
	return event{
		id:       id,
		stream:   rapid.SampledFrom(streams).Draw(t, "stream"),
		key:      rapid.SampledFrom([]string{"a", "b", "c", "Zürich", "a key that is a little longer"}).Draw(t, "key"),
		explicit: rapid.IntRange(0, 3).Draw(t, "explicit") == 0,
		hash:     hashKeys.Draw(t, "hash"),
		padding:  rapid.OneOf(rapid.IntRange(0, 40), rapid.IntRange(0, 3000)).Draw(t, "padding"),
	}
}

// drawConfig draws a producer: every bound either at its default or so small that it is met.
func drawConfig(t *rapid.T) kinecast.Config[event] {
	number := func(name string, least, most int) int {
		return rapid.OneOf(rapid.Just(0), rapid.IntRange(least, most)).Draw(t, name)
	}
	duration := func(name string, least, most time.Duration) time.Duration {
		return time.Duration(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(int64(least), int64(most))).Draw(t, name))
	}
	cfg := kinecast.Config[event]{
		DefaultStream: "s",
		TargetStream:  func(e event) (string, error) { return e.stream, nil },
		Ordering:      kinecast.Ordering(rapid.IntRange(0, 1).Draw(t, "Ordering")),
		Serializer: kinecast.SerializerFunc[event](func(dst []byte, e event) ([]byte, error) {
			return append(dst, e.data()...), nil
		}),
		Partitioner: kinecast.PartitionerFunc[event](func(e event, at *kinecast.Placement) error {
			at.Key = append(at.Key, e.key...)
			if e.explicit {
				at.SetHashKey(e.hash)
			}
			return nil
		}),
		ErrorMode:             kinecast.ErrorMode(rapid.IntRange(0, 1).Draw(t, "ErrorMode")),
		QueueLimit:            number("QueueLimit", 1, 40),
		QueueBytes:            int64(number("QueueBytes", 64<<10, 80<<10)),
		AggregationDisabled:   rapid.IntRange(0, 3).Draw(t, "AggregationDisabled") == 0,
		AggregationMaxCount:   int64(number("AggregationMaxCount", 1, 8)),
		AggregationMaxSize:    number("AggregationMaxSize", 64, 5000),
		CollectionMaxCount:    number("CollectionMaxCount", 1, 10),
		MaxConnections:        number("MaxConnections", 1, 3),
		MaxAttempts:           number("MaxAttempts", 1, 10),
		RetryDuration:         duration("RetryDuration", time.Second, 30*time.Second),
		RecordTTL:             duration("RecordTTL", time.Second, 30*time.Second),
		RequestTimeout:        duration("RequestTimeout", 100*time.Millisecond, 3*time.Second),
		RecordMaxBufferedTime: duration("RecordMaxBufferedTime", time.Microsecond, time.Second),
	}
	cfg.RateLimit = number("RateLimit", 1, 20)
	cfg.FailIfThrottled = rapid.IntRange(0, 7).Draw(t, "FailIfThrottled") == 0
	if rapid.IntRange(0, 3).Draw(t, "NoLinger") == 0 {
		cfg.RecordMaxBufferedTime = kinecast.NoLinger
	}
	return cfg
}
