package aggregate

import (
	"math/big"
	"testing"
)

// The texts of hash keys that are, and are not, accepted. math/big is the judge
// of their values.
func TestParseHashKey(t *testing.T) {
	tests := map[string]bool{
		"0":                    true,
		"7":                    true,
		"+7":                   true,
		"-0":                   true,
		"18446744073709551616": true, // 2^64
		"0000340282366920938463463374607431768211455": true, // 2^128-1
		"340282366920938463463374607431768211456":     false,
		"3402823669209384634633746074317682114550":    false,
		"6805647338418769269267492148635364229120":    false,
		"":    false,
		"-":   false,
		"+":   false,
		"-1":  false,
		"--0": false,
		"1_0": false,
		" 1":  false,
		"1 ":  false,
		"0x1": false,
		"a":   false,
	}
	for text, want := range tests {
		hash, ok := parseHashKey([]byte(text))
		if ok != want {
			t.Errorf("%q: %t, want %t", text, ok, want)
		}
		value, isNumber := new(big.Int).SetString(text, 10)
		if judged := isNumber && value.Sign() >= 0 && value.BitLen() <= 128; judged != want {
			t.Errorf("%q: math/big says %t, the table %t", text, judged, want)
		}
		if ok && decimal(hash) != value.String() {
			t.Errorf("%q is read as %s", text, decimal(hash))
		}
	}
}
