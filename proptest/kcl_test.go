package proptest_test

import (
	"context"
	"crypto/md5"
	"math/big"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/proptest/kcl"
)

// This file reads a stream as a KCL consumer does. The judge is package kcl, which shares nothing with what it judges, and the key
// space here is math/big's.

// place is where a user record lies.
type place struct {
	shard, sequence string
	position        int
}

// reading is what a consumer of a whole stream has read.
type reading struct {
	records map[place]kcl.User
	dropped int // Kinesis records of which a consumer sees nothing, since one user record in them is in the wrong shard
}

// consume reads a stream from its beginning.
func consume(t *rapid.T, server *kinesistest.Server, stream string) reading {
	r := reading{records: map[place]kcl.User{}}
	stored := server.Records(stream)
	for _, sh := range list(t, server, stream) {
		first, last := number(t, *sh.HashKeyRange.StartingHashKey), number(t, *sh.HashKeyRange.EndingHashKey)
		for _, k := range stored[*sh.ShardId] {
			users, ok := users(t, k, first, last)
			if !ok {
				r.dropped++
				continue
			}
			for i, u := range users {
				r.records[place{*sh.ShardId, k.SequenceNumber, i}] = u
			}
		}
	}
	return r
}

// list is every shard of a stream, page by page.
func list(t *rapid.T, server *kinesistest.Server, stream string) (shards []types.Shard) {
	in := &kinesis.ListShardsInput{StreamName: &stream}
	for {
		out, err := server.Client().ListShards(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		shards = append(shards, out.Shards...)
		if out.NextToken == nil {
			return shards
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}

// users are the user records of one Kinesis record; not ok if the KCL drops it. A reference to what is not there is a fault of
// the producer.
func users(t *rapid.T, k kinesistest.Record, first, last *big.Int) (out []kcl.User, ok bool) {
	var in kcl.Range
	first.FillBytes(in.First[:])
	last.FillBytes(in.Last[:])
	out, dropped, err := kcl.Read(kcl.Kinesis{Key: k.PartitionKey, HashKey: k.ExplicitHashKey, Data: k.Data}, in)
	if err != nil {
		t.Fatal(err)
	}
	return out, !dropped
}

// digest is the hash key of a partition key.
func digest(key string) *big.Int {
	sum := md5.Sum([]byte(key))
	return new(big.Int).SetBytes(sum[:])
}

// number reads a hash key.
func number(t *rapid.T, decimal string) *big.Int {
	n, ok := new(big.Int).SetString(decimal, 10)
	if !ok || n.Sign() < 0 || n.BitLen() > 128 {
		t.Fatalf("%q is no hash key", decimal)
	}
	return n
}
