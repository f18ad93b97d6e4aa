package proptest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"pgregory.net/rapid"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

const (
	deliveryStream = "laws"
	// largestRecordKiB is the largest record that a stream can be set to take.
	largestRecordKiB = shard.LargestRecordBytes >> 10
	// patience is the longest time that one draw's records may take. In a bubble it passes in no time.
	patience = time.Minute
)

// delivery: a producer with the user's configuration puts values into a stream in memory. Each arrives exactly once, at the
// shard, sequence number and position that its Result names, decodes to an equal value and has the key, and the hash key, that
// the partitioner gave it; consumers that judge by the KCL's rules see all of them.
func (s *subject[T]) delivery(t *rapid.T) {
	values := rapid.SliceOfN(s.gen, 1, 50).Draw(t, "values")
	shards := rapid.IntRange(1, 5).Draw(t, "shards")
	server := kinesistest.New(t, kinesistest.Stream(deliveryStream, shards, kinesistest.MaxRecordSize(largestRecordKiB)))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	sent := s.send(ctx, t, server, values)
	stored := readBack(ctx, t, server)
	if len(stored) != len(sent) {
		bugf(t, "the stream holds %d records, %d were put", len(stored), len(sent))
	}
	for where, i := range sent {
		s.arrived(t, values[i], where, stored)
	}
}

// whereabouts is the place of one user record.
type whereabouts struct {
	shardID, sequence string
	position          int
}

// send puts all values, closes the producer, and returns which value each place holds by its Result.
func (s *subject[T]) send(ctx context.Context, t *rapid.T, server *kinesistest.Server, values []T) map[whereabouts]int {
	cfg := s.cfg
	cfg.DefaultStream, cfg.TargetStream = deliveryStream, nil
	cfg.OnFailure, cfg.OnResult, cfg.Logger, cfg.ActorSystem = nil, nil, nil, nil
	p, err := kinecast.New(server.Client(), cfg)
	if err != nil {
		bugf(t, "a valid configuration makes no producer: %v", err)
	}
	results, failures := make([]kinecast.Result, len(values)), make([]error, len(values))
	refusals := make([]error, len(values))
	for i, v := range values {
		refusals[i] = p.PutAsync(ctx, v, func(r kinecast.Result, err error) { results[i], failures[i] = r, err })
	}
	closed := p.Close(ctx)
	sent := map[whereabouts]int{}
	for i, v := range values {
		switch err := errors.Join(refusals[i], failures[i]); {
		case errors.Is(err, kinecast.ErrSkip):
			continue
		case err != nil:
			undelivered := breach{
				what: "the record was not delivered to a stream without a fault: " + err.Error(),
				do:   "look at the limits of the configuration, RecordTTL and QueueBytes above all, and at the size of the value",
			}
			undelivered.report(t, v)
		}
		where := whereabouts{results[i].ShardID, results[i].SequenceNumber, results[i].Position}
		if other, twice := sent[where]; twice {
			bugf(t, "two records were acknowledged at %+v: %s and %s", where, show(values[other]), show(v))
		}
		sent[where] = i
	}
	if closed != nil {
		bugf(t, "Close: %v", closed)
	}
	return sent
}

// arrived looks at the record that a Result names.
func (s *subject[T]) arrived(t *rapid.T, v T, where whereabouts, stored map[whereabouts]aggregate.UserRecord) {
	r, found := stored[where]
	if !found {
		bugf(t, "there is no record at %+v, which the Result of %s names", where, show(v))
	}
	w, err := s.decoded(r.Data)
	if err != nil || !s.equal(v, w) {
		altered := breach{
			what: "a consumer reads another value than was put",
			got:  showBytes(r.Data),
			do: "see that serializing depends on nothing but the value; a serializer that keeps dst or remembers records garbles" +
				" later ones",
		}
		altered.report(t, v)
	}
	given, err := s.settled(v)
	if !accepted(t, v, err) {
		return // it was put when it was asked for before
	}
	got := kinecast.Placement{Key: bytes.Clone(r.PartitionKey)}
	if r.ExplicitHashKey != nil {
		h, err := shard.ParseHashKey(string(r.ExplicitHashKey))
		if err != nil {
			bugf(t, "%s was stored with a wrong hash key: %v", show(v), err)
		}
		got.SetHashKey(h)
	}
	if given.sure && !same(got, given.at) {
		misplaced := breach{
			what: "a consumer reads another key or hash key than the partitioner gives",
			got:  fmt.Sprintf("%s, and the partitioner gives %s", showBytes(r.PartitionKey), showBytes(given.at.Key)),
			do:   "make key and hash key functions of the value, and leave at.Key alone after Partition has returned",
		}
		misplaced.report(t, v)
	}
}

// readBack returns what consumers see, by the KCL's rules: an aggregate of which one record lies outside of its shard is gone.
func readBack(ctx context.Context, t *rapid.T, server *kinesistest.Server) map[whereabouts]aggregate.UserRecord {
	name := deliveryStream
	listed, err := server.Client().ListShards(ctx, &kinesis.ListShardsInput{StreamName: &name})
	if err != nil {
		bugf(t, "ListShards: %v", err)
	}
	records, stored := server.Records(name), map[whereabouts]aggregate.UserRecord{}
	for _, sh := range listed.Shards {
		owned, err := shard.ParseRange(*sh.HashKeyRange.StartingHashKey, *sh.HashKeyRange.EndingHashKey)
		if err != nil {
			bugf(t, "ListShards: %v", err)
		}
		within := owned.Bytes()
		for _, r := range records[*sh.ShardId] {
			for user, err := range aggregate.Deaggregate(r.PartitionKey, r.Data, &within) {
				if err != nil {
					bugf(t, "a consumer drops records of %s: %v", *sh.ShardId, err)
				}
				if !user.Aggregated && r.ExplicitHashKey != "" {
					user.ExplicitHashKey = []byte(r.ExplicitHashKey)
				}
				stored[whereabouts{*sh.ShardId, r.SequenceNumber, user.Position}] = user
			}
		}
	}
	return stored
}
