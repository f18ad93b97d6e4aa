package conformance

import (
	"context"
	"crypto/md5"
	"fmt"
	"math/big"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// The middle of the key space, where the second of two shards begins.
const (
	belowMiddle = "170141183460469231731687303715884105727"
	middle      = "170141183460469231731687303715884105728"
	highest     = "340282366920938463463374607431768211455"
	beyond      = "340282366920938463463374607431768211456"
)

var putProbes = []Probe{
	{"put-to-missing", "ResourceNotFoundException", func(ctx context.Context, s session) string {
		_, err := s.put(ctx, entry("k", []byte("x")))
		return code(err)
	}},
	{"put-by-arn", "1 stored", on(1, func(ctx context.Context, s session) string {
		arn, err := s.arn(ctx)
		if err != nil {
			return broken(err)
		}
		out, err := s.putTo(ctx, &kinesis.PutRecordsInput{
			StreamARN: arn, Records: []types.PutRecordsRequestEntry{entry("k", []byte("x"))},
		})
		if err != nil {
			return code(err)
		}
		return outcome(out)
	})},
	{"put-one-record", ok, on(1, func(ctx context.Context, s session) string {
		_, err := s.client.PutRecord(ctx, &kinesis.PutRecordInput{StreamName: &s.stream, PartitionKey: aws.String("k"), Data: []byte("x")})
		return code(err)
	})},
	{"place-by-hash-key", "0 0 1 1", on(2, func(ctx context.Context, s session) string {
		return s.places(ctx, hashed("0"), hashed(belowMiddle), hashed(middle), hashed(highest))
	})},
	{"place-by-md5", "as computed", on(2, placeByMD5)},
	{"sequence-numbers", "56 digits, rising", on(1, sequenceNumbers)},
	{"hash-key-beyond", "InvalidArgumentException", puts(1, hashed(beyond))},
	{"hash-key-negative", "ValidationException", puts(1, hashed("-1"))},
	{"hash-key-text", "ValidationException", puts(1, hashed("abc"))},
	{"hash-key-01", "ValidationException", puts(1, hashed("01"))},
	{"key-empty", "ValidationException", puts(1, entry("", []byte("x")))},
	{"key-of-256-characters", "1 stored", puts(1, entry(strings.Repeat("é", 256), []byte("x")))},
	{"key-of-257-characters", "ValidationException", puts(1, entry(strings.Repeat("k", 257), []byte("x")))},
	{"one-bad-of-three", "ValidationException, 0 stored", on(1, func(ctx context.Context, s session) string {
		_, err := s.put(ctx, entry("a", []byte("1")), entry("", []byte("2")), entry("c", []byte("3")))
		records, readErr := s.read(ctx, shardID(0), nil)
		if readErr != nil {
			return broken(readErr)
		}
		return fmt.Sprintf("%s, %d stored", code(err), len(records))
	})},
}

func shardID(n int) string { return fmt.Sprintf("shardId-%012d", n) }

// places puts entries and answers the number of the shard of each.
func (s session) places(ctx context.Context, entries ...types.PutRecordsRequestEntry) string {
	out, err := s.put(ctx, entries...)
	if err != nil {
		return code(err)
	}
	all := make([]string, len(out.Records))
	for i := range out.Records {
		all[i] = numberOf(out.Records[i].ShardId)
	}
	return strings.Join(all, " ")
}

// numberOf shortens a shard id, "shardId-000000000012", to its number, "12".
func numberOf(id *string) string {
	number := strings.TrimLeft(strings.TrimPrefix(aws.ToString(id), "shardId-"), "0")
	if number == "" {
		return "0"
	}
	return number
}

// placeByMD5 puts a hundred keys to two shards and computes where each belongs.
func placeByMD5(ctx context.Context, s session) string {
	half, _ := new(big.Int).SetString(middle, 10)
	const keys = 100
	entries, want := make([]types.PutRecordsRequestEntry, keys), make([]string, keys)
	for i := range keys {
		key := fmt.Sprint("key-", i)
		sum := md5.Sum([]byte(key))
		shard := "0"
		if new(big.Int).SetBytes(sum[:]).Cmp(half) >= 0 {
			shard = "1"
		}
		entries[i], want[i] = entry(key, []byte("x")), shard
	}
	if got := s.places(ctx, entries...); got != strings.Join(want, " ") {
		return got
	}
	return "as computed"
}

// sequenceNumbers says whether the numbers of records put in one call and in the next rise in the order of putting.
func sequenceNumbers(ctx context.Context, s session) string {
	last, digits := new(big.Int), 0
	for range 2 {
		out, err := s.put(ctx, repeated(50, entry("k", []byte("x")))...)
		if err != nil {
			return code(err)
		}
		for i := range out.Records {
			text := aws.ToString(out.Records[i].SequenceNumber)
			number, isNumber := new(big.Int).SetString(text, 10)
			if !isNumber || number.Cmp(last) <= 0 {
				return fmt.Sprintf("%s behind %s", text, last)
			}
			last, digits = number, len(text)
		}
	}
	return fmt.Sprintf("%d digits, rising", digits)
}
