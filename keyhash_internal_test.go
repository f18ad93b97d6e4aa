package kinecast

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"github.com/kinecast/kinecast/shard"
)

// Whatever came before, a key's hash is its MD5: of all lengths, keys that share a place, and the same again.
func TestKeyHashesAreTheKeys(t *testing.T) {
	t.Parallel()
	var h keyHashes
	var l looking
	for round := range 4 {
		for i := range 3000 {
			key := fmt.Sprintf("%0*d", 1+i%60, i%(10+round*500))
			if i%3 == 0 { // the same place: ends alike
				key = "12345678" + strings.Repeat(string(rune('a'+i%26)), i%30) + "12345678"
			}
			if got := h.of([]byte(key), &l); got != shard.HashKeyOf(key) {
				t.Fatalf("key %q: %v", key, got)
			}
		}
	}
}

func BenchmarkKeyHash(b *testing.B) {
	for _, c := range []struct {
		name string
		keys uint64
	}{{"100 keys", 100}, {"each its own", 1 << 62}} {
		key := []byte("0123456789abcdefghij")
		next := func(i uint64) []byte {
			for at := range 16 {
				key[at] = 'a' + byte(i%c.keys>>(4*at))&15
			}
			return key
		}
		b.Run(c.name+"/table", func(b *testing.B) {
			var h keyHashes
			var l looking
			i := uint64(0)
			for b.Loop() {
				h.of(next(i), &l)
				i++
			}
		})
		b.Run(c.name+"/MD5", func(b *testing.B) {
			i := uint64(0)
			for b.Loop() {
				shard.HashKeyOfBytes(next(i))
				i++
			}
		})
	}
}

// What is taken once a caller or once a record has its size.
func TestSizesOfHotStructs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ got, most uintptr }{
		"scratch":     {unsafe.Sizeof(scratch{}), 352},
		"shard.Entry": {unsafe.Sizeof(shard.Entry{}), 128},
		"Placement":   {unsafe.Sizeof(Placement{}), 48},
		"hashTable":   {unsafe.Sizeof(hashTable{}), 64 << 10},
	} {
		if c.got > c.most {
			t.Errorf("%s has %d bytes, want at most %d", name, c.got, c.most)
		}
	}
}
