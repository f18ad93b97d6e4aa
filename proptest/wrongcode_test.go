package proptest_test

import (
	"encoding/json"
	"errors"
	"runtime"
	"sync"
	"unsafe"

	"github.com/kinecast/kinecast"
)

// Serializers and partitioners that are wrong in one way each, as they are found in the wild. None has a data race, so that
// they can be watched under the race detector too.

var errNoOrder = errors.New("this is no order")

// remembering caches what it has encoded, and does so in the producer's buffer.
func remembering() kinecast.SerializerFunc[order] {
	cache := map[string][]byte{}
	return func(dst []byte, o order) ([]byte, error) {
		text, err := json.Marshal(o)
		if known, ok := cache[string(text)]; ok {
			return append(dst, known...), nil
		}
		start := len(dst)
		dst = append(dst, text...)
		cache[string(text)] = dst[start:]
		return dst, err
	}
}

// haunting clears its last buffer before it writes the next one.
func haunting() kinecast.SerializerFunc[order] {
	var last []byte
	return func(dst []byte, o order) ([]byte, error) {
		clear(last)
		text, err := json.Marshal(o)
		dst = append(dst, text...)
		last = dst
		return dst, err
	}
}

// muddled writes through one buffer for all callers.
func muddled() kinecast.SerializerFunc[order] {
	var mu sync.Mutex
	var buffer []byte
	return func(dst []byte, o order) ([]byte, error) {
		text, err := json.Marshal(o)
		mu.Lock()
		buffer = text
		mu.Unlock()
		runtime.Gosched()
		mu.Lock()
		defer mu.Unlock()
		return append(dst, buffer...), err
	}
}

// caching hands the key out that it keeps.
func caching() kinecast.PartitionerFunc[order] {
	keys := map[string][]byte{}
	return func(o order, at *kinecast.Placement) error {
		key, known := keys[o.Customer]
		if !known {
			key = []byte(o.Customer)
			keys[o.Customer] = key
		}
		at.Key = key
		return nil
	}
}

// literal saves a copy with unsafe.
func literal(_ order, at *kinecast.Placement) error {
	const key = "orders"
	at.Key = unsafe.Slice(unsafe.StringData(key), len(key))
	return nil
}

// clinging goes on writing to the placement of the value before.
func clinging() kinecast.PartitionerFunc[order] {
	last := &kinecast.Placement{}
	return func(o order, at *kinecast.Placement) error {
		last.Key = append(last.Key[:0], "moved"...)
		at.Key = append(at.Key, o.Customer...)
		last = at
		return nil
	}
}

// crowded builds keys in one buffer for all callers.
func crowded() kinecast.PartitionerFunc[order] {
	var mu sync.Mutex
	var customer string
	return func(o order, at *kinecast.Placement) error {
		mu.Lock()
		customer = o.Customer
		mu.Unlock()
		runtime.Gosched()
		mu.Lock()
		defer mu.Unlock()
		at.Key = append(at.Key, customer...)
		return nil
	}
}
