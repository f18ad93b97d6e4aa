package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// storm is what befalls the server while the producer lives.
type storm struct {
	server *server
	dice   *rand.Rand
	ttl    time.Duration

	kills, stops, splits, merges, outages int
}

// rage goes on until the producer has ended, and leaves a server that is calm.
func (s *storm) rage(ctx context.Context, ended <-chan struct{}) error {
	for turn := 0; ; turn++ {
		if s.pause(ctx, ended, 100*time.Millisecond, 900*time.Millisecond) {
			break
		}
		var err error
		switch what := s.dice.IntN(10); {
		case turn%5 == 1: // early, and then again and again, however short the run is
			err = s.restart(ctx, ended)
		case turn%5 == 2 || what < 2:
			err = s.stop(ctx, ended)
		case turn%5 == 3 || what < 5:
			err = s.reshard(ctx)
		}
		if err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("it has not ended in time: %w", err)
	}
	s.server.kill()
	s.server.calm = true
	return s.server.start(ctx)
}

// pause waits for a while, and says whether the producer has ended meanwhile.
func (s *storm) pause(ctx context.Context, ended <-chan struct{}, least, most time.Duration) bool {
	timer := time.NewTimer(least + time.Duration(s.dice.Int64N(int64(most-least))))
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-ended:
		return true
	case <-ctx.Done():
		return true
	}
}

// restart kills the server. One time in six it stays away for longer than records may wait.
func (s *storm) restart(ctx context.Context, ended <-chan struct{}) error {
	s.server.kill()
	s.kills++
	if s.kills%6 == 2 {
		s.outages++
		s.pause(ctx, ended, s.ttl, s.ttl+2*time.Second)
	} else {
		s.pause(ctx, ended, time.Millisecond, 500*time.Millisecond)
	}
	return s.server.start(ctx)
}

// stop stops the server's process in the middle of whatever it does, and lets it go on.
func (s *storm) stop(ctx context.Context, ended <-chan struct{}) error {
	if err := halt(s.server.process.Process); err != nil {
		return err
	}
	s.stops++
	s.pause(ctx, ended, 10*time.Millisecond, 1500*time.Millisecond)
	return proceed(s.server.process.Process)
}

// mostShards keeps the stream small enough for its aggregates to be full.
const mostShards = 16

// reshard splits a shard, or merges two. A refusal is as good: the stream is still busy with the one before.
func (s *storm) reshard(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client := s.server.client()
	open, err := shardsOf(ctx, client, true)
	if err != nil {
		return fmt.Errorf("list the shards: %w", err)
	}
	at := s.dice.IntN(len(open))
	if len(open) < mostShards && (len(open) < 2 || s.dice.IntN(2) == 0) {
		middle, err := middleOf(open[at])
		if err != nil {
			return err
		}
		_, err = client.SplitShard(ctx, &kinesis.SplitShardInput{
			StreamName: aws.String(stream), ShardToSplit: open[at].ShardId, NewStartingHashKey: aws.String(middle),
		})
		return done(err, &s.splits)
	}
	at = min(at, len(open)-2)
	_, err = client.MergeShards(ctx, &kinesis.MergeShardsInput{
		StreamName: aws.String(stream), ShardToMerge: open[at].ShardId, AdjacentShardToMerge: open[at+1].ShardId,
	})
	return done(err, &s.merges)
}

// done counts what was done.
func done(err error, count *int) error {
	var busy *types.ResourceInUseException
	var limited *types.LimitExceededException
	if errors.As(err, &busy) || errors.As(err, &limited) {
		return nil
	}
	if err == nil {
		*count++
	}
	return err
}
