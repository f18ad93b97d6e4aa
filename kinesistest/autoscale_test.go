package kinesistest_test

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// tens is a rule, and a limit, with numbers that a test can afford: a shard is hot that stores
// more than 50 records in ten seconds.
var (
	tens      = kinesistest.Scaling{Window: 10 * time.Second}
	tenRecord = kinesistest.Throttled(kinesistest.Throughput{Records: 10})
)

// spread is a call of n records whose hash keys lie evenly in the part of the key space that is
// width wide, of 1, and begins at 0.
func spread(n int, width float64) *kinesis.PutRecordsInput {
	in := put("a", times(n, "k")...)
	end, _ := new(big.Float).SetMantExp(big.NewFloat(width), 128).Int(nil)
	for i := range in.Records {
		hash := new(big.Int).Mul(end, big.NewInt(int64(i)))
		in.Records[i].ExplicitHashKey = aws.String(hash.Div(hash, big.NewInt(int64(n))).String())
	}
	return in
}

// load puts the call once a second for ten seconds, and returns how many records were refused.
func load(t *testing.T, c client, clock *ticker, in *kinesis.PutRecordsInput) (refused int) {
	t.Helper()
	for range 10 {
		refused += int(*must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), in)).FailedRecordCount)
		clock.Time = clock.Add(time.Second)
	}
	return refused
}

// Under rising load a stream grows from 4 shards, by half a limit and the double at a time: what
// more than doubles is throttled until the shards have caught up. A load that fits changes nothing.
func TestAutoScale(t *testing.T) {
	clock := newTicker()
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		for i, step := range []struct {
			rate    int // records a second
			refused int
			status  string // at the end of the window
		}{
			{16, 0, "ACTIVE 4"},
			{20, 0, "ACTIVE 4"}, // just half
			{24, 0, "ACTIVE 8"},
			{24, 0, "ACTIVE 8"},
			{160, 800, "ACTIVE 16"}, // 8 shards store 10 a second each
			{160, 0, "ACTIVE 32"},
			{160, 0, "ACTIVE 32"},
			{16, 0, "ACTIVE 32"}, // they are not merged
		} {
			refused := load(t, c, clock, spread(step.rate, 1))
			if got := status(t, c, "a"); got != step.status || refused != step.refused {
				t.Errorf("window %d: %s, %d refused; want %s, %d", i, got, refused, step.status, step.refused)
			}
		}
		first := must[*kinesis.ListShardsOutput](t)(c.ListShards(context.Background(), &kinesis.ListShardsInput{StreamName: aws.String("a")})).Shards[4]
		if *first.ParentShardId != shard0 || *first.HashKeyRange.EndingHashKey != "42535295865117307932921825928971026431" {
			t.Errorf("the first child is %s of %s, up to %s", *first.ShardId, *first.ParentShardId, *first.HashKeyRange.EndingHashKey)
		}
	}, kinesistest.Stream("a", 4, kinesistest.OnDemand(), tenRecord), kinesistest.AutoScale(tens),
		kinesistest.Transition(0), kinesistest.Clock(clock.now))
}

// Only the hot part of the key space is split.
func TestAutoScaleHotPart(t *testing.T) {
	clock := newTicker()
	s := kinesistest.New(t, kinesistest.Stream("a", 4, kinesistest.OnDemand(), tenRecord), kinesistest.AutoScale(tens),
		kinesistest.Transition(0), kinesistest.Clock(clock.now))
	for _, want := range []string{"0 1 2 3", "(0) 1 2 3 4<0 5<0", "(0) 1 2 3 (4<0) (5<0) 6<4 7<4 8<5 9<5"} {
		if got := shards(t, s.Client(), &kinesis.ListShardsInput{StreamName: aws.String("a")}); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		load(t, s.Client(), clock, spread(20, 0.25))
	}
}

// The shard of a key that is too much for one shard is split again and again, and the key stays
// throttled, at what the service promises for a shard.
func TestAutoScaleHotKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := kinesistest.New(t, kinesistest.Stream("a", 4, kinesistest.OnDemand(), kinesistest.Throttled(kinesistest.ServiceThroughput())),
			kinesistest.AutoScale(tens))
		c, hot := s.Client(), put("a", times(500, "hot")...)
		for want := 5; want < 9; want++ {
			refused := 0
			for range 10 {
				for range 4 {
					refused += int(*must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), hot)).FailedRecordCount)
				}
				time.Sleep(time.Second)
			}
			if got := status(t, c, "a"); got != fmt.Sprint("UPDATING ", want) || refused != 10_000 {
				t.Errorf("%s, %d refused; want UPDATING %d, half of 20,000", got, refused, want)
			}
		}
	})
}

// A provisioned stream stays as it is, until a client makes it on-demand. Nor does an on-demand
// one scale without the option.
func TestAutoScaleByMode(t *testing.T) {
	clock := newTicker()
	opts := []kinesistest.Option{kinesistest.Stream("a", 4, tenRecord), kinesistest.Transition(0), kinesistest.Clock(clock.now)}
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		load(t, c, clock, spread(80, 1))
		if got := status(t, c, "a"); got != "ACTIVE 4" {
			t.Errorf("provisioned: %s", got)
		}
		must[*kinesis.UpdateStreamModeOutput](t)(c.UpdateStreamMode(context.Background(), &kinesis.UpdateStreamModeInput{
			StreamARN: aws.String(arnOfA), StreamModeDetails: &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand}}))
		load(t, c, clock, spread(80, 1))
		if got := status(t, c, "a"); got != "ACTIVE 8" {
			t.Errorf("on-demand: %s", got)
		}
	}, append(opts, kinesistest.AutoScale(tens))...)

	s := kinesistest.New(t, kinesistest.Stream("a", 4, kinesistest.OnDemand(), tenRecord), kinesistest.Clock(clock.now))
	load(t, s.Client(), clock, spread(80, 1))
	if got := status(t, s.Client(), "a"); got != "ACTIVE 4" {
		t.Errorf("without the option: %s", got)
	}
}

// A stream that a client creates scales, measured against the service's limit, which nothing
// holds it to; and so does an AUTO one, whose records go to each shard in turn.
func TestAutoScaleOfClients(t *testing.T) {
	clock := newTicker()
	bothDoors(t, func(t *testing.T, s *kinesistest.Server, c client) {
		must[*kinesis.CreateStreamOutput](t)(c.CreateStream(context.Background(), &kinesis.CreateStreamInput{
			StreamName: aws.String("a"), StreamModeDetails: &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand},
			RecordDistributionStrategy: types.RecordDistributionStrategyAuto}))
		in := put("a", "k", "k", "k", "k")
		for i := range in.Records {
			in.Records[i].Data = make([]byte, 512<<10) // and a key: more than half of 1 MiB
		}
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), in))
		clock.Time = clock.Add(time.Second)
		if got := status(t, c, "a"); got != "ACTIVE 8" {
			t.Errorf("%s, want 8 shards", got)
		}
	}, kinesistest.AutoScale(kinesistest.Scaling{Window: time.Second}), kinesistest.Transition(0), kinesistest.Clock(clock.now))
}

// A stream that is hot for less than half a window, or not at all, stays as it is, also when it
// is used much later; and one that was hot was split when its window ended.
func TestAutoScaleQuiet(t *testing.T) {
	clock := newTicker()
	s := kinesistest.New(t, kinesistest.Stream("a", 4, kinesistest.OnDemand(), tenRecord),
		kinesistest.AutoScale(kinesistest.Scaling{Window: 20 * time.Second, How: kinesistest.Late(5 * time.Second)}), kinesistest.Clock(clock.now))
	c := s.Client()
	for range 3 {
		load(t, c, clock, spread(40, 1)) // 100 of the 200 that each shard may
		clock.Time = clock.Add(time.Hour)
		if got := status(t, c, "a"); got != "ACTIVE 4" {
			t.Errorf("after a burst: %s", got)
		}
	}
	load(t, c, clock, spread(40, 1))
	load(t, c, clock, spread(40, 1))
	end := clock.Time
	clock.Time = clock.Add(time.Hour)
	if got := status(t, c, "a"); got != "ACTIVE 8" {
		t.Errorf("an hour after the load: %s", got)
	}
	for after, want := range map[time.Duration]int{4 * time.Second: 4, 6 * time.Second: 8} {
		open := must[*kinesis.ListShardsOutput](t)(c.ListShards(context.Background(), &kinesis.ListShardsInput{StreamName: aws.String("a"),
			ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAtTimestamp, Timestamp: aws.Time(end.Add(after))}}))
		if len(open.Shards) != want {
			t.Errorf("%d shards were open %v after the window, want %d", len(open.Shards), after, want)
		}
	}
}

// The children open when How says, and meanwhile the parents take what is put; load during a
// reshard leads to none.
func TestAutoScaleHow(t *testing.T) {
	clock := newTicker()
	for how, steps := range map[kinesistest.Reshard][]string{
		kinesistest.AtOnce():               {"UPDATING 8", "UPDATING 8", "ACTIVE 8"},
		kinesistest.Late(15 * time.Second): {"UPDATING 4", "UPDATING 4", "ACTIVE 8"},
		kinesistest.StepByStep():           {"UPDATING 4", "UPDATING 4", "UPDATING 4"},
	} {
		t.Run(how.String(), func(t *testing.T) {
			s := kinesistest.New(t, kinesistest.Stream("a", 4, kinesistest.OnDemand()), kinesistest.Transition(15*time.Second), kinesistest.Clock(clock.now),
				kinesistest.AutoScale(kinesistest.Scaling{Window: 10 * time.Second, How: how}))
			s.Throttle("a", kinesistest.Throughput{Records: 10})
			c := s.Client()
			var got []string
			for _, rate := range []int{40, 40, 4} {
				load(t, c, clock, spread(rate, 1))
				got = append(got, status(t, c, "a"))
			}
			if !slices.Equal(got, steps) {
				t.Errorf("%v, want %v", got, steps)
			}
			if strings.HasPrefix(got[2], "UPDATING") {
				for s.Step("a") {
				}
				if got := status(t, c, "a"); got != "ACTIVE 8" {
					t.Errorf("after the last step: %s", got)
				}
			}
		})
	}
}

// A window is judged by what was true at its end, however late: here the first reshard is over by
// then. And a change of mode ends what it is about.
func TestAutoScaleJudgedLate(t *testing.T) {
	clock := newTicker()
	burst := kinesistest.Throttled(kinesistest.Throughput{Records: 10, Burst: 10 * time.Second})
	s := kinesistest.New(t, kinesistest.Stream("a", 4, kinesistest.OnDemand(), burst), kinesistest.AutoScale(tens),
		kinesistest.Transition(4*time.Second), kinesistest.Clock(clock.now))
	c := s.Client()
	mode := func(mode types.StreamMode) {
		must[*kinesis.UpdateStreamModeOutput](t)(c.UpdateStreamMode(context.Background(), &kinesis.UpdateStreamModeInput{
			StreamARN: aws.String(arnOfA), StreamModeDetails: &types.StreamModeDetails{StreamMode: mode}}))
	}
	after := func(d time.Duration, want string) {
		t.Helper()
		if clock.Time = clock.Add(d); status(t, c, "a") != want {
			t.Errorf("%s, want %s", status(t, c, "a"), want)
		}
	}
	hot := func() {
		must[*kinesis.PutRecordsOutput](t)(c.PutRecords(context.Background(), spread(480, 1))) // 60 for each of 8
	}
	hot()
	after(10*time.Second, "UPDATING 8")
	hot()
	after(15*time.Second, "ACTIVE 16")

	s.UpdateShardCount("a", 8)
	after(5*time.Second, "ACTIVE 8")
	hot()
	mode(types.StreamModeProvisioned)
	after(time.Minute, "ACTIVE 8")
	hot()
	mode(types.StreamModeOnDemand) // what was put before is not its load
	after(time.Minute, "ACTIVE 8")
}

// A shard of two hash keys cannot be split, however hot it is.
func TestAutoScaleNarrow(t *testing.T) {
	clock := newTicker()
	s := kinesistest.New(t, kinesistest.Stream("a", 1, kinesistest.OnDemand()), kinesistest.AutoScale(tens), kinesistest.Transition(0), kinesistest.Clock(clock.now))
	s.Split("a", shard0, "2")
	s.Throttle("a", kinesistest.Throughput{Records: 10})
	load(t, s.Client(), clock, spread(10, 0))
	if got := status(t, s.Client(), "a"); got != "ACTIVE 2" {
		t.Errorf("%s, want ACTIVE 2", got)
	}
}

// Where there is no room for all hot shards, the hottest are split, and then none.
func TestAutoScaleMaximum(t *testing.T) {
	clock := newTicker()
	hot := spread(28, 1) // 7 in each shard, and two more in the last
	for range 2 {
		hot.Records = append(hot.Records, types.PutRecordsRequestEntry{Data: []byte("k"), PartitionKey: aws.String("k"), ExplicitHashKey: aws.String(maxHash)})
	}
	for name, tc := range map[string]struct {
		max    int
		others []kinesistest.Option
		want   string
	}{
		"of the rule":    {5, nil, "0 1 2 (3) 4<3 5<3"},
		"two more":       {6, nil, "(0) 1 2 (3) 4<0 5<0 6<3 7<3"},
		"of the account": {0, []kinesistest.Option{kinesistest.Stream("b", 10_000), kinesistest.Stream("c", 9_995)}, "0 1 2 (3) 4<3 5<3"},
		"below what is":  {2, nil, "0 1 2 3"},
	} {
		t.Run(name, func(t *testing.T) {
			s := kinesistest.New(t, append(tc.others, kinesistest.Stream("a", 4, kinesistest.OnDemand(), tenRecord), kinesistest.Transition(0),
				kinesistest.Clock(clock.now), kinesistest.AutoScale(kinesistest.Scaling{Window: 10 * time.Second, MaxShards: tc.max}))...)
			for range 3 {
				load(t, s.Client(), clock, hot)
				if got := shards(t, s.Client(), &kinesis.ListShardsInput{StreamName: aws.String("a")}); got != tc.want {
					t.Errorf("%s, want %s", got, tc.want)
				}
			}
		})
	}
}

func TestAutoScaleRefusals(t *testing.T) {
	for _, rule := range []kinesistest.Scaling{{Window: -1}, {MaxShards: -1}, {MaxShards: 10_001}, {How: kinesistest.Late(-1)}} {
		_, err := kinesistest.Start(kinesistest.AutoScale(rule))
		if err == nil || !strings.Contains(err.Error(), "AutoScale: ") {
			t.Errorf("%+v: error %v", rule, err)
		}
	}
}
