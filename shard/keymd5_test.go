package shard

import (
	"crypto/md5"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestKeysOfEveryLengthAreHashed(t *testing.T) {
	random := rand.NewChaCha8([32]byte{9})
	for n := range 2 * md5.BlockSize {
		for range 50 {
			key := make([]byte, n)
			random.Read(key)
			if got, want := HashKeyOfBytes(key).Bytes(), md5.Sum(key); got != want {
				t.Fatalf("%d bytes, %x: %x, want %x", n, key, got, want)
			}
		}
	}
}

func FuzzHashKeyOfBytes(f *testing.F) {
	f.Add([]byte("user-4711"))
	f.Add([]byte(strings.Repeat("k", shortKey)))
	f.Add([]byte(strings.Repeat("k", shortKey+1)))
	f.Fuzz(func(t *testing.T, key []byte) {
		if got, want := HashKeyOfBytes(key).Bytes(), md5.Sum(key); got != want {
			t.Fatalf("%x, want %x", got, want)
		}
	})
}

// Where MD5 is forbidden a producer could not write aggregates: it is to fail at the first key, and not behind Put.
func TestNoKeyIsHashedWhereMD5IsForbidden(t *testing.T) {
	const inside = "KINECAST_TEST_FIPS"
	if os.Getenv(inside) != "" {
		defer func() {
			if recover() == nil {
				t.Fatal("no panic")
			}
		}()
		HashKeyOf("short")
		return
	}
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	again.Env = append(os.Environ(), inside+"=1", "GODEBUG=fips140=only")
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
