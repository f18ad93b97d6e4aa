package proptest_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"math/big"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/internal/kplpb"
	"github.com/kinecast/kinecast/kinesistest"
)

// This file holds the judge: what a KCL consumer reads from a stream, by code generated from the .proto and math/big. It shares
// nothing with what it judges.

// place is where a user record lies.
type place struct {
	shard, sequence string
	position        int
}

// readable is a user record as a consumer gets it.
type readable struct {
	key, hash  string // hash is the explicit one, in decimal; "" without
	data       []byte
	aggregated bool
}

// reading is what a consumer of a whole stream has read.
type reading struct {
	records map[place]readable
	dropped int // Kinesis records of which a consumer sees nothing, since one user record in them is in the wrong shard
}

// consume reads a stream from its beginning.
func consume(t *rapid.T, server *kinesistest.Server, stream string) reading {
	r := reading{records: map[place]readable{}}
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
func users(t *rapid.T, k kinesistest.Record, first, last *big.Int) (out []readable, ok bool) {
	m := aggregated(k.Data)
	if m == nil {
		return []readable{{key: k.PartitionKey, hash: k.ExplicitHashKey, data: k.Data}}, true
	}
	keys, hashes := m.GetPartitionKeyTable(), m.GetExplicitHashKeyTable()
	for _, r := range m.GetRecords() {
		u := readable{data: r.GetData(), aggregated: true}
		if r.GetPartitionKeyIndex() >= uint64(len(keys)) ||
			r.ExplicitHashKeyIndex != nil && r.GetExplicitHashKeyIndex() >= uint64(len(hashes)) {
			t.Fatalf("a user record refers to a key that is not there: %v", m)
		}
		u.key = keys[r.GetPartitionKeyIndex()]
		hash := digest(u.key)
		if r.ExplicitHashKeyIndex != nil {
			u.hash = hashes[r.GetExplicitHashKeyIndex()]
			hash = number(t, u.hash)
		}
		if hash.Cmp(first) < 0 || hash.Cmp(last) > 0 {
			return nil, false
		}
		out = append(out, u)
	}
	return out, true
}

// aggregated is the message of an aggregated record, nil if it is a plain one.
func aggregated(data []byte) *kplpb.AggregatedRecord {
	magic := []byte{0xf3, 0x89, 0x9a, 0xc2}
	if len(data) <= len(magic)+md5.Size || !bytes.HasPrefix(data, magic) {
		return nil
	}
	message, m := data[len(magic):len(data)-md5.Size], &kplpb.AggregatedRecord{}
	if md5.Sum(message) != [md5.Size]byte(data[len(data)-md5.Size:]) || proto.Unmarshal(message, m) != nil {
		return nil
	}
	return m
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
