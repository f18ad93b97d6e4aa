package shard_test

import (
	"fmt"

	"github.com/kinecast/kinecast/shard"
)

// Small integers are neighbours at the very bottom of the key space; slices are not.
func ExampleHashKeySlice() {
	quarters := make([]shard.Shard, 4)
	for i, ends := range [][2]string{
		{"0", "85070591730234615865843651857942052863"},
		{"85070591730234615865843651857942052864", "170141183460469231731687303715884105727"},
		{"170141183460469231731687303715884105728", "255211775190703847597530955573826158591"},
		{"255211775190703847597530955573826158592", "340282366920938463463374607431768211455"},
	} {
		r, err := shard.ParseRange(ends[0], ends[1])
		if err != nil {
			panic(err)
		}
		quarters[i] = shard.Shard{ID: fmt.Sprintf("shardId-%012d", i), Range: r}
	}
	stream, err := shard.NewMap(quarters)
	if err != nil {
		panic(err)
	}

	for i := range 4 {
		slice, err := shard.HashKeySlice(i, 4)
		if err != nil {
			panic(err)
		}
		small := shard.HashKeyFrom(0, uint64(i))
		fmt.Printf("hash key %v: shard %d; slice %d of 4: shard %d\n", small, stream.Find(small), i, stream.Find(slice))
	}
	// Output:
	// hash key 0: shard 0; slice 0 of 4: shard 0
	// hash key 1: shard 0; slice 1 of 4: shard 1
	// hash key 2: shard 0; slice 2 of 4: shard 2
	// hash key 3: shard 0; slice 3 of 4: shard 3
}

func ExampleParseHashKey() {
	h, err := shard.ParseHashKey("340282366920938463463374607431768211455")
	fmt.Println(h, err)

	_, err = shard.ParseHashKey("340282366920938463463374607431768211456")
	fmt.Println(err)
	_, err = shard.ParseHashKey("007")
	fmt.Println(err)
	// Output:
	// 340282366920938463463374607431768211455 <nil>
	// invalid hash key "340282366920938463463374607431768211456": it is above 2^128-1 = 340282366920938463463374607431768211455; take the number modulo 2^128, or HashKeyOf(text)
	// invalid hash key "007": it starts with 0; leave out leading zeros
}

func ExampleFailure_Class() {
	for _, f := range []shard.Failure{
		{Code: "ResourceNotFoundException", Status: 400, Sent: true},
		{Code: "ExpiredTokenException", Status: 400, Sent: true},
		{Code: shard.CodeNoAnswer},
		{Code: shard.CodeNoAnswer, Sent: true},
	} {
		fmt.Printf("%s, sent %v: %v, may be written: %v\n", f.Code, f.Sent, f.Class(), f.MaybeWritten())
	}
	// Output:
	// ResourceNotFoundException, sent true: fatal, may be written: false
	// ExpiredTokenException, sent true: transient, may be written: false
	// NoAnswer, sent false: transient, may be written: false
	// NoAnswer, sent true: ambiguous, may be written: true
}
