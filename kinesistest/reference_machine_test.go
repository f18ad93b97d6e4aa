package kinesistest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast/kinesistest"
)

// referee does the same to a server, at either door, and to the reference, and compares what comes of it.
type referee struct {
	reference
	doors []client
	count int // of records put
}

func (r *referee) door(t *rapid.T) client { return rapid.SampledFrom(r.doors).Draw(t, "door") }

// name is a stream's, which may exist.
func (*referee) name(t *rapid.T) *string {
	return aws.String(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "stream"))
}

// shard is one of a stream's, mostly.
func (r *referee) shard(t *rapid.T, stream string) int {
	return rapid.IntRange(0, len(r.reference[stream])).Draw(t, "shard")
}

func refID(number int) *string { return aws.String(fmt.Sprintf("shardId-%012d", number)) }

// agree compares the error's code.
func agree(t *rapid.T, err error, want string) {
	t.Helper()
	got := ""
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		got = api.ErrorCode()
	}
	if got != want || err != nil && got == "" {
		t.Fatalf("the server says %v, the reference %q", err, want)
	}
}

func (r *referee) Create(t *rapid.T) {
	name, n := r.name(t), rapid.Int32Range(1, 4).Draw(t, "shards")
	_, err := r.door(t).CreateStream(context.Background(), &kinesis.CreateStreamInput{StreamName: name, ShardCount: &n})
	agree(t, err, r.create(*name, int64(n)))
}

func (r *referee) Delete(t *rapid.T) {
	name, want := r.name(t), ""
	if r.reference[*name] == nil {
		want = "ResourceNotFoundException"
	}
	_, err := r.door(t).DeleteStream(context.Background(), &kinesis.DeleteStreamInput{StreamName: name})
	agree(t, err, want)
	delete(r.reference, *name)
}

// Put puts a few records, some of them bad.
func (r *referee) Put(t *rapid.T) {
	in := &kinesis.PutRecordsInput{StreamName: r.name(t)}
	var entries []refEntry
	for range rapid.IntRange(1, 4).Draw(t, "records") {
		r.count++
		e := refEntry{key: rapid.SampledFrom([]string{"k", "l", "m", "ü", "東京"}).Draw(t, "key"), data: fmt.Sprint(r.count)}
		if rapid.IntRange(0, 20).Draw(t, "bad") == 20 {
			e.key = ""
		}
		hash := rapid.SampledFrom([]string{"", "", "", "0", "7", half, maxHash, "1" + maxHash[1:], "01", "-1", "340282366920938463463374607431768211456"})
		if e.hash = hash.Draw(t, "hash"); e.hash == "" && rapid.Bool().Draw(t, "any") {
			e.hash = new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes")).String()
		}
		entry := types.PutRecordsRequestEntry{PartitionKey: &e.key, Data: []byte(e.data)}
		if e.hash != "" {
			entry.ExplicitHashKey = &e.hash
		}
		in.Records, entries = append(in.Records, entry), append(entries, e)
	}
	out, err := r.door(t).PutRecords(context.Background(), in)
	shards, code := r.put(*in.StreamName, entries)
	agree(t, err, code)
	for i, n := range shards {
		if got := aws.ToString(out.Records[i].ShardId); got != *refID(n) || len(out.Records) != len(shards) {
			t.Fatalf("record %d of %d: shard %s, want %s", i, len(out.Records), got, *refID(n))
		}
	}
}

func (r *referee) Split(t *rapid.T) {
	name := r.name(t)
	id := r.shard(t, *name)
	at := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "at"))
	if all := r.reference[*name]; id < len(all) && rapid.IntRange(0, 3).Draw(t, "inside") > 0 { // mostly inside or near
		at.Add(all[id].first, big.NewInt(rapid.Int64Range(0, 1<<40).Draw(t, "offset")))
	}
	_, err := r.door(t).SplitShard(context.Background(), &kinesis.SplitShardInput{
		StreamName: name, ShardToSplit: refID(id), NewStartingHashKey: aws.String(at.String())})
	agree(t, err, r.reshard(*name, at, id))
}

func (r *referee) Merge(t *rapid.T) {
	name := r.name(t)
	ids := []int{r.shard(t, *name), r.shard(t, *name)}
	_, err := r.door(t).MergeShards(context.Background(), &kinesis.MergeShardsInput{
		StreamName: name, ShardToMerge: refID(ids[0]), AdjacentShardToMerge: refID(ids[1])})
	agree(t, err, r.reshard(*name, nil, ids...))
}

// List compares the shards, by pages of any size.
func (r *referee) List(t *rapid.T) {
	name := r.name(t)
	c, n := r.door(t), rapid.Int32Range(1, 5).Draw(t, "page")
	var got []types.Shard
	for in := (&kinesis.ListShardsInput{StreamName: name, MaxResults: &n}); ; {
		out, err := c.ListShards(context.Background(), in)
		if r.reference[*name] == nil {
			agree(t, err, "ResourceNotFoundException")
			return
		}
		agree(t, err, "")
		if got = append(got, out.Shards...); out.NextToken == nil {
			break
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken, MaxResults: &n}
	}
	if len(got) != len(r.reference[*name]) {
		t.Fatalf("%d shards, want %d", len(got), len(r.reference[*name]))
	}
	for i, want := range r.reference[*name] {
		sh := got[i]
		var parents []string
		for _, p := range want.parents {
			parents = append(parents, *refID(p))
		}
		slices.Sort(parents)
		is := slices.DeleteFunc([]string{aws.ToString(sh.ParentShardId), aws.ToString(sh.AdjacentParentShardId)}, func(p string) bool { return p == "" })
		slices.Sort(is) // whichever was named first
		if *sh.ShardId != *refID(i) || *sh.HashKeyRange.StartingHashKey != want.first.String() || *sh.HashKeyRange.EndingHashKey != want.last.String() ||
			(sh.SequenceNumberRange.EndingSequenceNumber != nil) != want.closed || !slices.Equal(is, parents) {
			t.Fatalf("shard %d: %+v, want %+v", i, sh, want)
		}
	}
}

// Read compares the records of a shard, by pages of any size.
func (r *referee) Read(t *rapid.T) {
	if len(r.reference) == 0 {
		t.Skip("nothing to read")
	}
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(r.reference))).Draw(t, "stream")
	id := rapid.IntRange(0, len(r.reference[name])-1).Draw(t, "shard")
	c, n := r.door(t), rapid.Int32Range(1, 5).Draw(t, "page")
	it, err := c.GetShardIterator(context.Background(), &kinesis.GetShardIteratorInput{
		StreamName: &name, ShardId: refID(id), ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	agree(t, err, "")
	var got []string
	for next := it.ShardIterator; next != nil; {
		out, err := c.GetRecords(context.Background(), &kinesis.GetRecordsInput{ShardIterator: next, Limit: &n})
		agree(t, err, "")
		for i := range out.Records {
			got = append(got, string(out.Records[i].Data))
		}
		next = out.NextShardIterator
		if next != nil && len(out.Records) == 0 {
			break
		}
	}
	if want := r.reference[name][id]; !slices.Equal(got, want.data) {
		t.Fatalf("shard %d holds %q, want %q", id, got, want.data)
	}
}

// Check compares the streams, after each step.
func (r *referee) Check(t *rapid.T) {
	out, err := r.doors[0].ListStreams(context.Background(), &kinesis.ListStreamsInput{})
	agree(t, err, "")
	if want := slices.Sorted(maps.Keys(r.reference)); !slices.Equal(out.StreamNames, want) {
		t.Fatalf("streams %q, want %q", out.StreamNames, want)
	}
}

// The server does what the reference does, at its three doors.
func TestReference(t *testing.T) {
	s := kinesistest.New(t, kinesistest.Transition(0))
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	doors := []client{s.Client(), sdkClient(s, "AKID"), sdkClient(s, "AKID", func(o *kinesis.Options) {
		o.HTTPClient = asCBOR{&http.Client{Transport: transport}}
	})}
	rapid.Check(t, func(t *rapid.T) {
		for _, name := range []string{"a", "b"} {
			_, _ = s.Client().DeleteStream(context.Background(), &kinesis.DeleteStreamInput{StreamName: &name}) // of the run before
		}
		r := &referee{reference: reference{}, doors: doors}
		t.Repeat(rapid.StateMachineActions(r))
	})
}
