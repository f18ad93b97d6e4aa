package kinesistest

import (
	"bytes"
	"encoding/base64"
	"testing"

	"pgregory.net/rapid"
)

// What decodeBase64 accepts is what encoding/base64 makes of it, and it accepts all that an encoder writes.
func TestBase64(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "data")
		text := base64.StdEncoding.AppendEncode(nil, data)
		n := base64.StdEncoding.DecodedLen(len(text))
		dst := make([]byte, n+rapid.IntRange(0, 9).Draw(t, "room"))
		if got, ok := decodeBase64(dst, text); !ok || !bytes.Equal(dst[:got], data) {
			t.Fatalf("%q is %x, %v, want %x", text, dst[:got], ok, data)
		}
		if len(text) == 0 {
			return
		}
		text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte("=/AB\n"))).Draw(t, "byte")
		want, err := strictBase64.DecodeString(string(text))
		if got, ok := decodeBase64(dst, text); ok && (err != nil || !bytes.Equal(dst[:got], want)) {
			t.Fatalf("%q is %x, want %x, %v", text, dst[:got], want, err)
		}
	})
}

// BenchmarkBase64 compares with encoding/base64.
func BenchmarkBase64(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"100B", 100}, {"50KiB", 50 << 10}} {
		text := base64.StdEncoding.AppendEncode(nil, make([]byte, size.bytes))
		dst := make([]byte, size.bytes+3)
		b.Run(size.name+"/own", func(b *testing.B) {
			b.SetBytes(int64(size.bytes))
			for b.Loop() {
				_, _ = decodeBase64(dst, text)
			}
		})
		b.Run(size.name+"/standard", func(b *testing.B) {
			b.SetBytes(int64(size.bytes))
			for b.Loop() {
				_, _ = strictBase64.Decode(dst, text)
			}
		})
	}
}
