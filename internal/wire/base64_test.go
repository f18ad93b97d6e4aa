package wire

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// encoders are all ways to the same text.
var encoders = map[string]func(dst, src []byte){"vectors": encodeBase64, "pairs": encodePairs}

func checkBase64(t *testing.T, src []byte) {
	t.Helper()
	want := base64.StdEncoding.EncodeToString(src)
	for name, encode := range encoders {
		room := bytes.Repeat([]byte{'!'}, len(want)+40)
		encode(room[:len(want):len(want)], slices.Clip(src))
		if got := string(room[:len(want)]); got != want {
			t.Fatalf("%s: %d bytes are\n%s, want\n%s", name, len(src), got, want)
		}
		if rest := bytes.Trim(room[len(want):], "!"); len(rest) > 0 {
			t.Fatalf("%s: %d bytes are followed by %q", name, len(src), rest)
		}
	}
}

func TestBase64OfEveryLength(t *testing.T) {
	data := make([]byte, 4096)
	rand.NewChaCha8([32]byte{3}).Read(data)
	for n := range 400 {
		for at := range 8 {
			checkBase64(t, data[at:at+n])
		}
	}
	checkBase64(t, data)
}

// Each letter in each place of a register.
func TestBase64OfEveryLetter(t *testing.T) {
	for letter := range 64 {
		for place := range 2 * stretchLetters {
			text := bytes.Repeat([]byte{'A'}, 4*stretchLetters)
			text[place] = base64.StdEncoding.EncodeToString([]byte{byte(letter << 2), 0, 0})[0]
			data, err := base64.StdEncoding.DecodeString(string(text))
			if err != nil {
				t.Fatal(err)
			}
			checkBase64(t, data)
		}
	}
}

func FuzzBase64(f *testing.F) {
	f.Add([]byte("any"))
	f.Add(bytes.Repeat([]byte{0xfb, 0xef, 0xbe, 0xff, 0x00}, 20))
	f.Fuzz(checkBase64)
}

// BenchmarkBase64 encodes what is encoded before it is hashed.
func BenchmarkBase64(b *testing.B) {
	src := make([]byte, hotBytes)
	rand.NewChaCha8([32]byte{3}).Read(src)
	dst := make([]byte, base64Len(len(src)))
	run := func(name string, encode func(dst, src []byte)) {
		b.Run(fmt.Sprintf("by=%s", name), func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				encode(dst, src)
			}
		})
	}
	for name, encode := range encoders {
		run(name, encode)
	}
	run("standard", base64.StdEncoding.Encode)
}
