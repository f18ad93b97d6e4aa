package conformance

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

var readProbes = []Probe{
	{"read-back", "as put", on(1, readBack)},
	{"read-by-pages", "2+2+1", on(1, readByPages)},
	{"read-at-number", "c d e", on(1, from(types.ShardIteratorTypeAtSequenceNumber))},
	{"read-after-number", "d e", on(1, from(types.ShardIteratorTypeAfterSequenceNumber))},
	{"read-latest", "later", on(1, readLatest)},
	{"behind-at-the-tip", "0 ms", on(1, func(ctx context.Context, s session) string {
		iterator, err := s.iterator(ctx, types.ShardIteratorTypeTrimHorizon, nil)
		if err != nil {
			return broken(err)
		}
		out, err := s.client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator})
		if err != nil {
			return code(err)
		}
		if out.MillisBehindLatest == nil {
			return "no figure"
		}
		if *out.MillisBehindLatest > 0 {
			return "some ms"
		}
		return "0 ms"
	})},
	{"iterator-of-missing-shard", "ResourceNotFoundException", on(1, func(ctx context.Context, s session) string {
		_, err := s.client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
			StreamName: &s.stream, ShardId: aws.String(shardID(7)), ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		return code(err)
	})},
	{"read-0-records", "ValidationException", on(1, func(ctx context.Context, s session) string {
		iterator, err := s.iterator(ctx, types.ShardIteratorTypeTrimHorizon, nil)
		if err != nil {
			return broken(err)
		}
		_, err = s.client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(0)})
		return code(err)
	})},
	{"bad-iterator", "InvalidArgumentException", func(ctx context.Context, s session) string {
		_, err := s.client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: aws.String("bm90IGFuIGl0ZXJhdG9y")})
		return code(err)
	}},
}

// letters are five records of one shard, put in one call.
var letters = []types.PutRecordsRequestEntry{
	entry("k", []byte("a")), entry("k", []byte("b")), entry("k", []byte("c")), entry("k", []byte("d")), entry("k", []byte("e")),
}

// read reads a shard to its end, from the trim horizon or from an iterator.
func (s session) read(ctx context.Context, shard string, iterator *string) ([]types.Record, error) {
	if iterator == nil {
		out, err := s.client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
			StreamName: &s.stream, ShardId: &shard, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		if err != nil {
			return nil, fmt.Errorf("GetShardIterator: %w", err)
		}
		iterator = out.ShardIterator
	}
	var all []types.Record
	for iterator != nil {
		out, err := s.client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator})
		if err != nil {
			return nil, fmt.Errorf("GetRecords: %w", err)
		}
		if len(out.Records) == 0 {
			break
		}
		all, iterator = append(all, out.Records...), out.NextShardIterator
	}
	return all, nil
}

// iterator returns one for the probe's first shard.
func (s session) iterator(ctx context.Context, kind types.ShardIteratorType, number *string) (*string, error) {
	out, err := s.client.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
		StreamName: &s.stream, ShardId: aws.String(shardID(0)), ShardIteratorType: kind, StartingSequenceNumber: number,
	})
	if err != nil {
		return nil, fmt.Errorf("GetShardIterator: %w", err)
	}
	return out.ShardIterator, nil
}

func texts(records []types.Record) string {
	all := make([]string, len(records))
	for i := range records {
		all[i] = string(records[i].Data)
	}
	return strings.Join(all, " ")
}

// readBack compares data of all byte values, no data, and keys that are not ASCII with what was put, in order.
func readBack(ctx context.Context, s session) string {
	var every [256]byte
	for i := range every {
		every[i] = byte(i)
	}
	wrote := []types.PutRecordsRequestEntry{entry("Zürich", every[:]), entry("東京", []byte{}), entry("k|\"\\", []byte("x"))}
	out, err := s.put(ctx, wrote...)
	if err != nil {
		return broken(err)
	}
	records, err := s.read(ctx, shardID(0), nil)
	if err != nil {
		return broken(err)
	}
	if len(records) != len(wrote) {
		return fmt.Sprintf("%d of %d", len(records), len(wrote))
	}
	for i := range records {
		got, number := records[i], out.Records[i].SequenceNumber
		if aws.ToString(got.PartitionKey) != *wrote[i].PartitionKey || !bytes.Equal(got.Data, wrote[i].Data) ||
			aws.ToString(got.SequenceNumber) != aws.ToString(number) {
			return fmt.Sprintf("record %d: key %q, data %q", i, aws.ToString(got.PartitionKey), got.Data)
		}
	}
	return "as put"
}

func readByPages(ctx context.Context, s session) string {
	if _, err := s.put(ctx, letters...); err != nil {
		return broken(err)
	}
	iterator, err := s.iterator(ctx, types.ShardIteratorTypeTrimHorizon, nil)
	var sizes []string
	for err == nil && len(sizes) < len(letters) {
		var out *kinesis.GetRecordsOutput
		out, err = s.client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(2)})
		if err != nil {
			return code(err)
		}
		if len(out.Records) == 0 {
			return strings.Join(sizes, "+")
		}
		sizes, iterator = append(sizes, strconv.Itoa(len(out.Records))), out.NextShardIterator
	}
	return code(err)
}

// from reads the letters from the third on.
func from(kind types.ShardIteratorType) func(context.Context, session) string {
	return func(ctx context.Context, s session) string {
		out, err := s.put(ctx, letters...)
		if err != nil {
			return broken(err)
		}
		iterator, err := s.iterator(ctx, kind, out.Records[2].SequenceNumber)
		if err != nil {
			return code(err)
		}
		records, err := s.read(ctx, shardID(0), iterator)
		if err != nil {
			return code(err)
		}
		return texts(records)
	}
}

// readLatest takes an iterator between two puts.
func readLatest(ctx context.Context, s session) string {
	if _, err := s.put(ctx, entry("k", []byte("earlier"))); err != nil {
		return broken(err)
	}
	iterator, err := s.iterator(ctx, types.ShardIteratorTypeLatest, nil)
	if err != nil {
		return code(err)
	}
	if _, err := s.put(ctx, entry("k", []byte("later"))); err != nil {
		return broken(err)
	}
	records, err := s.read(ctx, shardID(0), iterator)
	if err != nil {
		return code(err)
	}
	return texts(records)
}
