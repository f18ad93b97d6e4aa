package kinesistest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// The direct door lives in virtual time: a stream becomes ACTIVE, records arrive at the
// bubble's time, an iterator expires, and no real time passes. The bubble would not end if
// the server had left a goroutine.
func TestVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		s := kinesistest.New(t, kinesistest.Transition(time.Minute))
		c := s.Client()
		must[*kinesis.CreateStreamOutput](t)(c.CreateStream(ctx, &kinesis.CreateStreamInput{StreamName: aws.String("a"), ShardCount: aws.Int32(1)}))
		start, tries := time.Now(), 0
		for ; ; tries++ {
			if _, err := c.PutRecords(ctx, put("a", "k")); err == nil {
				break
			}
			time.Sleep(time.Second)
		}
		if tries != 60 || time.Since(start) != time.Minute {
			t.Errorf("%d tries in %v, want 60 in a minute", tries, time.Since(start))
		}
		if got := s.Records("a")["shardId-000000000000"][0].Arrival; !got.Equal(start.Add(time.Minute)) {
			t.Errorf("arrival %v, want %v", got, start.Add(time.Minute))
		}

		it := must[*kinesis.GetShardIteratorOutput](t)(c.GetShardIterator(ctx, &kinesis.GetShardIteratorInput{
			StreamName: aws.String("a"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeTrimHorizon}))
		time.Sleep(5*time.Minute + time.Millisecond)
		_, err := c.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: it.ShardIterator})
		wantError(t, err, "ExpiredIteratorException", "")

		remove := s.Inject(kinesistest.Rule{Do: kinesistest.Refuse()})
		time.AfterFunc(time.Hour, remove)
		for {
			if _, err := c.PutRecords(ctx, put("a", "k")); err == nil {
				break
			}
			time.Sleep(time.Minute)
		}
		if got := time.Since(start); got < 66*time.Minute {
			t.Errorf("the fault ended after %v", got)
		}
	})
}

// Servers of different bubbles, and of none, do not meet in anything.
func TestBubblesDoNotMeet(t *testing.T) {
	outside := kinesistest.New(t, kinesistest.Stream("a", 1))
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			inside := kinesistest.New(t, kinesistest.Stream("a", 1))
			must[*kinesis.PutRecordsOutput](t)(inside.Client().PutRecords(context.Background(), put("a", "k")))
		})
		must[*kinesis.PutRecordsOutput](t)(outside.Client().PutRecords(context.Background(), put("a", "k")))
	}
	if n := stored(outside, "a"); n != 2 {
		t.Errorf("%d records outside, want 2", n)
	}
}
