package shard

import (
	"encoding/hex"
	"errors"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawHashKey prefers the ends of the words, where carries happen.
func drawHashKey(t *rapid.T, label string) HashKey {
	word := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1, 9, 10, 1e19 - 1, 1e19, math.MaxUint64 - 1, math.MaxUint64}))
	return HashKeyFrom(word.Draw(t, label+".hi"), word.Draw(t, label+".lo"))
}

func bigOf(h HashKey) *big.Int {
	b := h.Bytes()
	return new(big.Int).SetBytes(b[:])
}

func mustParse(tb testing.TB, s string) HashKey {
	tb.Helper()
	h, err := ParseHashKey(s)
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

func TestHashKeyOfIsMD5(t *testing.T) {
	for key, want := range map[string]string{
		"abcd": "e2fc714c4727ee9395f324cd2e7f331f", // the KPL's own test vector
		"":     "d41d8cd98f00b204e9800998ecf8427e", // RFC 1321, A.5
		"a":    "0cc175b9c0f1b6a831c399e269772661", // RFC 1321, A.5
	} {
		for name, h := range map[string]HashKey{"HashKeyOf": HashKeyOf(key), "HashKeyOfBytes": HashKeyOfBytes([]byte(key))} {
			if b := h.Bytes(); hex.EncodeToString(b[:]) != want {
				t.Errorf("%s(%q) = %x, want %s", name, key, b, want)
			}
		}
	}
}

func TestParseHashKey(t *testing.T) {
	for _, good := range []string{
		"0", "1", "10", "18446744073709551615", "18446744073709551616", "99999999999999999999999999999999999999",
		"340282366920938463463374607431768211455",
	} {
		if got := mustParse(t, good).String(); got != good {
			t.Errorf("%s came back as %s", good, got)
		}
	}

	for bad, reason := range map[string]string{
		"":      "empty",
		"00":    "leading zeros",
		"01":    "leading zeros",
		"-1":    "signs",
		"+1":    "signs",
		" 1":    "spaces",
		"1 ":    "spaces",
		"1_000": "digits",
		"0x10":  "leading zeros",
		"١٢":    "digits",
		"340282366920938463463374607431768211456":  "above 2^128-1",
		"340282366920938463463374607431768211460":  "above 2^128-1",
		"999999999999999999999999999999999999999":  "above 2^128-1",
		"3402823669209384634633746074317682114550": "above 2^128-1",
	} {
		h, err := ParseHashKey(bad)
		if !errors.Is(err, ErrHashKey) || h != (HashKey{}) {
			t.Errorf("ParseHashKey(%q) = %v, %v; want ErrHashKey", bad, h, err)
			continue
		}
		if text := err.Error(); !strings.Contains(text, reason) || bad != "" && !strings.Contains(text, strconv.Quote(bad)) {
			t.Errorf("ParseHashKey(%q): error %q should name the value and %q", bad, text, reason)
		}
	}
}

func TestParseHashKeyErrorIsShort(t *testing.T) {
	_, err := ParseHashKey("7" + strings.Repeat("é\x00", 1_000_000))
	if err == nil || len(err.Error()) > 500 {
		t.Fatalf("a value of 3 MB made an error of %d bytes", len(err.Error()))
	}
	if strings.ContainsRune(err.Error(), 0) {
		t.Error("the error has a control character")
	}
}

func FuzzParseHashKey(f *testing.F) {
	for _, seed := range []string{"", "0", "007", "-5", "340282366920938463463374607431768211455", "340282366920938463463374607431768211456"} {
		f.Add(seed)
	}
	grammar := regexp.MustCompile(`^(0|[1-9][0-9]{0,38})$`) // ExplicitHashKey in the Kinesis API reference
	limit := new(big.Int).Lsh(big.NewInt(1), 128)
	f.Fuzz(func(t *testing.T, s string) {
		h, err := ParseHashKey(s)
		number, _ := new(big.Int).SetString(s, 10)
		good := grammar.MatchString(s) && number.Cmp(limit) < 0
		if good != (err == nil) {
			t.Fatalf("ParseHashKey(%q): %v, want good = %v", s, err, good)
		}
		if good && (bigOf(h).Cmp(number) != 0 || h.String() != s) {
			t.Fatalf("ParseHashKey(%q) = %v", s, h)
		}
	})
}

func TestDecimalAgreesWithBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHashKey(t, "h")
		text := h.String()
		if want := bigOf(h).String(); text != want {
			t.Fatalf("String() = %s, math/big says %s", text, want)
		}
		if got := string(h.AppendDecimal([]byte("x"))); got != "x"+text {
			t.Fatalf("AppendDecimal after x = %s, want x%s", got, text)
		}
		if back, err := ParseHashKey(text); err != nil || back != h {
			t.Fatalf("%s came back as %v, %v", text, back, err)
		}
	})
}

func TestOrderAgreesWithBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawHashKey(t, "a"), drawHashKey(t, "b")
		want := bigOf(a).Cmp(bigOf(b))
		if got := a.Compare(b); got != want {
			t.Fatalf("%v.Compare(%v) = %d, want %d", a, b, got, want)
		}
		if a.Less(b) != (want < 0) || (a == b) != (want == 0) {
			t.Fatalf("Less or == disagrees with Compare for %v, %v", a, b)
		}
		if a.next().previous() != a || a != maxHashKey && !a.Less(a.next()) {
			t.Fatalf("the neighbours of %v are %v and %v", a, a.previous(), a.next())
		}
	})
}

// The slices are checked against math/big: slice i begins at ⌊2^128·i/n⌋, as the service splits a new stream.
func TestHashKeySlice(t *testing.T) {
	space := new(big.Int).Lsh(big.NewInt(1), 128)
	start := func(i, n int) *big.Int {
		b := new(big.Int).Mul(space, big.NewInt(int64(i)))
		return b.Div(b, big.NewInt(int64(n)))
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.OneOf(rapid.IntRange(1, 100), rapid.IntRange(1, math.MaxInt-1)).Draw(t, "n")
		i := rapid.IntRange(0, n-1).Draw(t, "i")
		h, err := HashKeySlice(i, n)
		if err != nil {
			t.Fatal(err)
		}
		first := start(i, n)
		last := start(i+1, n)
		last.Sub(last, big.NewInt(1))
		want := new(big.Int).Add(first, last)
		want.Rsh(want, 1)
		if bigOf(h).Cmp(want) != 0 {
			t.Fatalf("HashKeySlice(%d, %d) = %v, want %v, the middle of %v..%v", i, n, h, want, first, last)
		}
		if i > 0 {
			if before, _ := HashKeySlice(i-1, n); !before.Less(h) {
				t.Fatalf("slice %d of %d is not above the one before", i, n)
			}
		}
	})
	for _, bad := range [][2]int{{0, 0}, {-1, 4}, {4, 4}, {0, -1}, {math.MaxInt, math.MaxInt}} {
		if h, err := HashKeySlice(bad[0], bad[1]); !errors.Is(err, ErrHashKey) {
			t.Errorf("HashKeySlice(%d, %d) = %v, %v; want ErrHashKey", bad[0], bad[1], h, err)
		}
	}
}

func TestHashKeyAllocatesNothing(t *testing.T) {
	long := strings.Repeat("k", 1024)
	key, dst := []byte(long), make([]byte, 0, HashKeyDigits)
	for name, f := range map[string]func(){
		"HashKeyOf":      func() { sinkKey = HashKeyOf(long) },
		"HashKeyOfBytes": func() { sinkKey = HashKeyOfBytes(key) },
		"AppendDecimal":  func() { sinkBytes = maxHashKey.AppendDecimal(dst) },
		"ParseHashKey":   func() { sinkKey, _ = ParseHashKey("340282366920938463463374607431768211455") },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations, want 0", name, n)
		}
	}
}

// Sinks keep the compiler from removing what is measured.
var (
	sinkKey   HashKey
	sinkBytes []byte
	sinkInt   int
)

func BenchmarkHashKeyOfBytes(b *testing.B) {
	key := []byte("a key of twenty byte")
	b.ReportAllocs()
	for b.Loop() {
		sinkKey = HashKeyOfBytes(key)
	}
}

func BenchmarkAppendDecimal(b *testing.B) {
	dst := make([]byte, 0, HashKeyDigits)
	h := HashKeyOf("abcd")
	b.ReportAllocs()
	for b.Loop() {
		sinkBytes = h.AppendDecimal(dst)
	}
}

func BenchmarkParseHashKey(b *testing.B) {
	text := HashKeyOf("abcd").String()
	b.ReportAllocs()
	for b.Loop() {
		sinkKey, _ = ParseHashKey(text)
	}
}
