package interop

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"

	"github.com/kinecast/kinecast/aggregate"
)

// corpus is what readers find difficult: keys and data of all sorts, with and without an explicit hash key, mixed. writer makes
// its records differ from those of another writer.
func corpus(writer string) []written {
	all := []written{
		{key: "Zürich", data: []byte("a key of two-byte characters " + writer)},
		{key: "東京", data: []byte("of three-byte characters " + writer)},
		{key: "🌍🌍", data: []byte("of four-byte characters " + writer)},
		{key: "10", data: []byte("a key that is a number " + writer)},
		{key: "2", data: []byte("and one that sorts otherwise as text " + writer)},
		{key: "a\tb\nc\"\\\u007f", data: []byte("a key that must be quoted " + writer)},
		{key: strings.Repeat("é", 256), data: []byte("the longest key " + writer)},
		{key: "empty " + writer, data: []byte{}},
		{key: "bytes", data: append(everyByte(), writer...)},
		{key: "lowest", hashKey: "0", data: []byte(writer)},
		{key: "highest", hashKey: "340282366920938463463374607431768211455", data: []byte(writer)},
		{key: "large", data: append(bytes.Repeat([]byte("0123456789abcdef"), 100<<10/16), writer...)},
		{key: "large and placed", hashKey: "5", data: append(bytes.Repeat([]byte("fedcba9876543210"), 100<<10/16), writer...)},
	}
	for i := range 300 {
		w := written{key: fmt.Sprint("key-", i%37), data: fmt.Appendf(nil, "%s %d %s", writer, i, strings.Repeat("x", i))}
		if i%3 == 0 {
			w.hashKey = new(big.Int).Div(new(big.Int).Lsh(big.NewInt(int64(i)), 128), big.NewInt(300)).String() // evenly spread
		}
		all = append(all, w)
	}
	for i := range all {
		all[i].position = -1
	}
	return all
}

func everyByte() []byte {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	return every
}

// nested is an aggregated record, to be put as the data of a user record: readers must leave it as it is.
func nested(text string) []byte {
	var b aggregate.Builder
	for _, data := range []string{"inner 1 ", "inner 2 "} {
		e := aggregate.Entry{Key: []byte("inner"), Data: []byte(data + text)}
		b.Append(&e, b.Fit(&e))
	}
	return b.AppendTo(nil)
}
