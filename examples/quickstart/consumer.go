package main

import (
	"bytes"
	"crypto/md5"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/aggregate"
)

// consume takes one Kinesis record apart as a KCL consumer of its shard does, and returns the user records that the
// consumer is given. An aggregated record that a KCL consumer drops, because a user record in it belongs to another
// shard, is taken apart all the same, as dropped: the proof tells copies that the producer knows to be lost from records that
// it believes to be there. User records behind a damaged one are nowhere, so the proof finds them missing.
func consume(s shardInfo, r types.Record) (users []found) {
	key, sequence := aws.ToString(r.PartitionKey), aws.ToString(r.SequenceNumber)
	within := &s.keys
	for {
		var dropped *aggregate.DroppedError
		for user, err := range aggregate.Deaggregate(key, r.Data, within) {
			if err != nil {
				errors.As(err, &dropped)
				break
			}
			users = append(users, found{
				place:   placeOf(s.id, sequence, user.Position),
				at:      moment{sequence, user.Position},
				content: digestOf(user.Data),
				key:     digestOf(user.PartitionKey),
				shard:   s.index,
				inRange: user.Aggregated || s.holds(user.PartitionKey),
				first:   user.Position == 0,
				dropped: within == nil,
			})
		}
		if dropped == nil {
			return users
		}
		within = nil
	}
}

// holds reports whether the MD5 of the key lies in the shard's range. It does its own sums: the producer's
// arithmetic is what is being judged.
func (s shardInfo) holds(key []byte) bool {
	hash := md5.Sum(key)
	return bytes.Compare(hash[:], s.keys.First[:]) >= 0 && bytes.Compare(hash[:], s.keys.Last[:]) <= 0
}
