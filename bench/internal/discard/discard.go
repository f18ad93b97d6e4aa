// Package discard is a client that stores nothing, so that what is measured is the producer.
package discard

import (
	"context"
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// Client answers every record with the shard where it belongs, and forgets it. It is safe for concurrent use.
type Client struct {
	*kinesistest.Client

	ids []string
}

// New returns a client of a stream with so many equal shards, and what ends it. A server in memory tells the map.
func New(stream string, shards int) (_ *Client, end func(), err error) {
	server, err := kinesistest.Start(kinesistest.Stream(stream, shards))
	if err != nil {
		return nil, nil, fmt.Errorf("the client that discards: %w", err)
	}
	c := &Client{Client: server.Client(), ids: make([]string, shards)}
	for i := range c.ids {
		c.ids[i] = fmt.Sprintf("shardId-%012d", i)
	}
	return c, server.Close, nil
}

// PutRecords implements kinecast.Client.
func (c *Client) PutRecords(_ context.Context, in *kinesis.PutRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	out := &kinesis.PutRecordsOutput{Records: make([]types.PutRecordsResultEntry, len(in.Records))}
	number := aws.String("1")
	for i := range in.Records {
		out.Records[i] = types.PutRecordsResultEntry{ShardId: &c.ids[c.shard(&in.Records[i])], SequenceNumber: number}
	}
	return out, nil
}

// shard finds the shard by the first 53 bits of the hash key, which is right but for one key in 2^50.
func (c *Client) shard(e *types.PutRecordsRequestEntry) int {
	var at float64
	if e.ExplicitHashKey != nil {
		n, err := strconv.ParseFloat(*e.ExplicitHashKey, 64)
		if err != nil {
			return 0
		}
		at = math.Ldexp(n, -128)
	} else {
		sum := md5.Sum([]byte(*e.PartitionKey))
		at = math.Ldexp(float64(binary.BigEndian.Uint64(sum[:])), -64)
	}
	return min(int(at*float64(len(c.ids))), len(c.ids)-1)
}
