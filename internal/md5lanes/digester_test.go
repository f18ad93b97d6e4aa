package md5lanes

import (
	"crypto/md5"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// check has every kernel digest the messages and compares with crypto/md5.
func check(t rapid.TB, d *Digester, messages []Message) {
	t.Helper()
	for name, wide := range kernels {
		for i := range messages {
			messages[i].Digest = [md5.Size]byte{1}
		}
		d.sum(wide, messages)
		for i, m := range messages {
			if want := md5.Sum(slices.Concat(m.Parts[:]...)); m.Digest != want {
				t.Fatalf("%s: message %d of %d, with parts of %d, %d and %d bytes, has %x, want %x", name, i, len(messages),
					len(m.Parts[0]), len(m.Parts[1]), len(m.Parts[2]), m.Digest, want)
			}
		}
		for i := range d.lanes {
			if l := &d.lanes[i]; l.message != nil || l.run != nil || len(slices.Concat(l.parts[:]...)) > 0 {
				t.Fatalf("%s: lane %d is not idle after %d messages", name, i, len(messages))
			}
		}
		if d.from != [lanes]*byte{} {
			t.Fatalf("%s: it keeps pointers to messages", name)
		}
	}
}

func split(data []byte, a, b int) Message {
	return Message{Parts: [3][]byte{data[:a], data[a:b], data[b:]}}
}

func noise(n int) []byte {
	data := make([]byte, n)
	rand.NewChaCha8([32]byte{5}).Read(data)
	return data
}

// The reference's own (RFC 1321, A.5), so that not everything is judged by crypto/md5.
func TestReference(t *testing.T) {
	var d Digester
	for text, want := range map[string]string{
		"":                           "d41d8cd98f00b204e9800998ecf8427e",
		"a":                          "0cc175b9c0f1b6a831c399e269772661",
		"abc":                        "900150983cd24fb0d6963f7d28e17f72",
		"message digest":             "f96b697d7cb7938d525a2f31aaf161d0",
		"abcdefghijklmnopqrstuvwxyz": "c3fcd3d76192e4007dfb496cca67e13b",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789":                   "d174ab98d277d9f5a5611c2c9f419d9f",
		"12345678901234567890123456789012345678901234567890123456789012345678901234567890": "57edf4a22be3c955ac49da2e2107b67a",
	} {
		messages := slices.Repeat([]Message{split([]byte(text), len(text)/3, len(text)/2)}, lanes+1)
		for name, wide := range kernels {
			d.sum(wide, messages)
			for i := range messages {
				if got := fmt.Sprintf("%x", messages[i].Digest); got != want {
					t.Errorf("%s: lane %d of %q has %s, want %s", name, i, text, got, want)
				}
			}
		}
	}
}

func TestEveryLengthAndNumber(t *testing.T) {
	data := noise(4096)
	var d Digester
	for length := range 301 {
		for n := range 2*lanes + 3 {
			messages := make([]Message, n)
			for i := range messages {
				from := 37*i + length%8 // at any address
				messages[i] = split(data[from:from+length], length*i/(n+1), length*(i+1)/(n+1))
			}
			check(t, &d, messages)
		}
	}
}

func TestEverySplit(t *testing.T) {
	data := noise(3*md5.BlockSize + 7)
	var d Digester
	for length := range data {
		messages := make([]Message, 0, length+1)
		for a := range length + 1 {
			messages = append(messages, split(data[:length], a/2, a))
		}
		check(t, &d, messages)
	}
}

// Lanes end at different times, refill, run empty, and are finished alone.
func TestAnyMessages(t *testing.T) {
	data := noise(1 << 17)
	var d Digester
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(0, 5000), rapid.IntRange(maxBlocks*md5.BlockSize-70, maxBlocks*md5.BlockSize+70), rapid.IntRange(0, 1<<16))
		messages := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Message {
			n := length.Draw(t, "length")
			from := rapid.IntRange(0, len(data)-n).Draw(t, "from")
			a := rapid.IntRange(0, n).Draw(t, "first split")
			return split(data[from:from+n], a, rapid.IntRange(a, n).Draw(t, "second split"))
		}), 0, 3*lanes).Draw(t, "messages")
		check(t, &d, messages)
	})
}

func FuzzSum(f *testing.F) {
	f.Add([]byte{}, uint8(1), uint16(0))
	f.Add(noise(55), uint8(3), uint16(1))
	f.Add(noise(1000), uint8(16), uint16(64))
	f.Add(noise(5000), uint8(17), uint16(777))
	f.Fuzz(func(t *testing.T, data []byte, n uint8, stride uint16) {
		messages := make([]Message, n%50)
		for i := range messages {
			from := i * int(stride) % (len(data) + 1)
			rest := data[from:]
			a := i * 61 % (len(rest) + 1)
			messages[i] = split(rest, a, a+int(stride)%(len(rest)-a+1))
		}
		check(t, new(Digester), messages)
	})
}

// BenchmarkSum digests so many aggregated records of 50 KiB.
func BenchmarkSum(b *testing.B) {
	const size = 50 << 10
	for _, n := range []int{1, 2, 3, 4, 8, 16, 20, 32} {
		messages := make([]Message, n)
		for i := range messages {
			messages[i] = split(noise(size), size/5, size/5)
		}
		run := func(name string, f func()) {
			b.Run(fmt.Sprintf("messages=%d/by=%s", n, name), func(b *testing.B) {
				b.SetBytes(int64(n) * size)
				b.ReportAllocs()
				for b.Loop() {
					f()
				}
			})
		}
		var d Digester
		for name, wide := range kernels {
			if wide != nil {
				run(name, func() { d.sum(wide, messages) })
			}
		}
		h := md5.New()
		run("crypto", func() {
			for i := range messages {
				h.Reset()
				for _, p := range messages[i].Parts {
					h.Write(p)
				}
				h.Sum(messages[i].Digest[:0])
			}
		})
	}
}
