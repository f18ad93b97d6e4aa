package interop

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest/conformance"
)

// stored is one Kinesis record as a consumer of its shard gets it.
type stored struct {
	shard       string
	first, last string // the shard's range of hash keys, in decimal
	sequence    string
	key         string // outer partition key
	data        []byte
}

// create makes a stream and waits until it takes records.
func (s server) create(t *testing.T, stream string, shards int32) {
	t.Helper()
	_, err := s.client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: &stream, ShardCount: &shards})
	if err != nil {
		t.Fatal(err)
	}
	if err := conformance.AwaitActive(t.Context(), s.client, stream); err != nil {
		t.Fatal(err)
	}
}

// readAll reads every shard of a stream, closed ones too, from its beginning to its end. All of these servers show a record as
// soon as it is acknowledged, so an empty page is the end.
func (s server) readAll(t *testing.T, stream string) []stored {
	t.Helper()
	listed, err := s.client.ListShards(t.Context(), &kinesis.ListShardsInput{StreamName: &stream})
	if err != nil {
		t.Fatal(err)
	}
	var all []stored
	for _, shard := range listed.Shards {
		opened, err := s.client.GetShardIterator(t.Context(), &kinesis.GetShardIteratorInput{
			StreamName: &stream, ShardId: shard.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		if err != nil {
			t.Fatal(err)
		}
		for iterator := opened.ShardIterator; iterator != nil; {
			page, err := s.client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: iterator})
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Records) == 0 {
				break
			}
			for _, r := range page.Records {
				all = append(all, stored{
					shard: aws.ToString(shard.ShardId),
					first: aws.ToString(shard.HashKeyRange.StartingHashKey), last: aws.ToString(shard.HashKeyRange.EndingHashKey),
					sequence: aws.ToString(r.SequenceNumber), key: aws.ToString(r.PartitionKey), data: r.Data,
				})
			}
			iterator = page.NextShardIterator
		}
	}
	return all
}

// holds reports whether a user record belongs to the shard: if one of an aggregated record does not, the KCL drops all of them.
// The sums are done here, without the producer's arithmetic.
func (s stored) holds(u user) bool {
	hash := new(big.Int)
	if sum := md5.Sum([]byte(u.key)); u.hashKey == "" {
		hash.SetBytes(sum[:])
	} else {
		hash = decimal(u.hashKey)
	}
	return hash.Cmp(decimal(s.first)) >= 0 && hash.Cmp(decimal(s.last)) <= 0
}

// decimal reads a number; what is none lies in no shard.
func decimal(text string) *big.Int {
	n, isNumber := new(big.Int).SetString(text, 10)
	if !isNumber {
		return big.NewInt(-1)
	}
	return n
}

// lines is the form in which readers of other languages are given Kinesis records. README.md describes it.
func lines(records []stored) string {
	var b strings.Builder
	for _, r := range records {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\n", r.first, r.last, r.sequence,
			base64.StdEncoding.EncodeToString([]byte(r.key)), base64.StdEncoding.EncodeToString(r.data))
	}
	return b.String()
}
