package kinecast_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// Records are put all the time while a stream is split, merged and scaled, in every way that a reshard can overtake a
// producer: children open at once, late, or when the test says so. Whatever the producer acknowledged must be readable by
// a KCL consumer, which drops an aggregated record for one user record outside of its shard.

func TestReshard(t *testing.T) {
	for name, how := range map[string]kinesistest.Reshard{
		"at once": kinesistest.AtOnce(),
		"late":    kinesistest.Late(3 * time.Second),
	} {
		for _, aggregation := range []bool{true, false} {
			for seed := range uint64(4) {
				bubble(t, fmt.Sprintf("%s, aggregation %v, seed %d", name, aggregation, seed), func(t *testing.T) {
					reshardUnderPuts(t, how, aggregation, seed)
				})
			}
		}
	}
}

func reshardUnderPuts(t *testing.T, how kinesistest.Reshard, aggregation bool, seed uint64) {
	s := kinesistest.New(t, kinesistest.Stream("s", 3))
	acknowledged := map[string]kinecast.Result{}
	p := newProducer(t, s.Client(), func(c *config) {
		c.AggregationDisabled = !aggregation
		c.RecordMaxBufferedTime = 50 * time.Millisecond
		c.OnResult = func(d kinecast.Delivery[string]) {
			if d.Err != nil {
				t.Errorf("%s: %v", d.Value, d.Err)
			}
			if _, twice := acknowledged[d.Value]; twice {
				t.Errorf("%s ended twice", d.Value)
			}
			acknowledged[d.Value] = d.Result
		}
	})
	dice := rand.New(rand.NewPCG(seed, 2))
	const records, rounds = 100, 12
	for round := range rounds {
		for i := range records {
			must(t, p.Put(t.Context(), fmt.Sprintf("r%d-%d", round, i)))
			if i%20 == 0 {
				time.Sleep(time.Duration(dice.IntN(60)) * time.Millisecond)
			}
		}
		if round < rounds-2 {
			reshard(t, s, dice, how)
		}
	}
	must(t, p.Close(context.Background()))
	if len(acknowledged) != records*rounds {
		t.Errorf("%d records acknowledged, want %d", len(acknowledged), records*rounds)
	}
	if moved := misplaced(acknowledged); aggregation && moved == 0 {
		t.Error("no record was ever sent to a shard that had closed: the test does not test")
	}
	readable := readByKCL(t, s, "s")
	for v, r := range acknowledged {
		if !readable[v][place{r.ShardID, r.SequenceNumber, r.Position}] {
			t.Errorf("%s: a KCL consumer does not read it at %s %s %d, where it was acknowledged; it reads %v",
				v, r.ShardID, r.SequenceNumber, r.Position, readable[v])
		}
	}
	if st := p.Stats(); st.OutstandingRecords != 0 || st.OutstandingBytes != 0 {
		t.Errorf("left in the ledger: %+v", st)
	}
}

// misplaced counts the records that were stored where readers drop them before they were stored where they belong.
func misplaced(acknowledged map[string]kinecast.Result) int {
	n := 0
	for _, r := range acknowledged {
		for _, a := range r.Attempts.All() {
			if a.Code == shard.CodeMisplaced {
				n++
				break
			}
		}
	}
	return n
}

// reshard splits, merges or scales the stream, as the dice say.
func reshard(t *testing.T, s *kinesistest.Server, dice *rand.Rand, how kinesistest.Reshard) {
	t.Helper()
	time.Sleep(5 * time.Second) // the reshard before this one ends first
	open := openShards(t, s, "s")
	switch i := dice.IntN(len(open)); {
	case dice.IntN(4) == 0 && len(open) < 20:
		s.UpdateShardCount("s", 2*len(open), how)
	case dice.IntN(2) == 0 || len(open) < 3:
		s.Split("s", open[i].ID, "", how)
	default:
		i = min(i, len(open)-2)
		s.Merge("s", open[i].ID, open[i+1].ID, how)
	}
}

// openShards lists the open shards in the order of their ranges.
func openShards(t *testing.T, s *kinesistest.Server, stream string) []shard.Shard {
	t.Helper()
	m, err := shard.NewMap(allShards(t, s, stream))
	must(t, err)
	var open []shard.Shard
	for _, sh := range m.All() {
		open = append(open, sh)
	}
	return open
}

// allShards lists the shards of a stream, closed ones too.
func allShards(t *testing.T, s *kinesistest.Server, stream string) []shard.Shard {
	t.Helper()
	var all []shard.Shard
	in := &kinesis.ListShardsInput{StreamName: aws.String(stream)}
	for {
		out, err := s.Client().ListShards(context.Background(), in)
		must(t, err)
		for _, sh := range out.Shards {
			r, err := shard.ParseRange(*sh.HashKeyRange.StartingHashKey, *sh.HashKeyRange.EndingHashKey)
			must(t, err)
			all = append(all, shard.Shard{ID: *sh.ShardId, Range: r, Closed: sh.SequenceNumberRange.EndingSequenceNumber != nil})
		}
		if out.NextToken == nil {
			return all
		}
		in = &kinesis.ListShardsInput{NextToken: out.NextToken}
	}
}

// readByKCL is where a KCL consumer reads each value: it drops an aggregated record of which one user record lies outside
// of the shard.
func readByKCL(t *testing.T, s *kinesistest.Server, stream string) map[string]map[place]bool {
	t.Helper()
	ranges := map[string]aggregate.Range{}
	for _, sh := range allShards(t, s, stream) {
		ranges[sh.ID] = sh.Range.Bytes()
	}
	read := map[string]map[place]bool{}
	for id, records := range s.Records(stream) {
		within := ranges[id]
		for _, r := range records {
			for u, err := range aggregate.Deaggregate(r.PartitionKey, r.Data, &within) {
				if err != nil {
					continue // dropped
				}
				v := string(u.Data)
				if read[v] == nil {
					read[v] = map[place]bool{}
				}
				read[v][place{id, r.SequenceNumber, u.Position}] = true
			}
		}
	}
	return read
}

// TestRecreatedStream deletes a stream and makes it again under the same name with other shards.
func TestRecreatedStream(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		s := kinesistest.New(t, kinesistest.Stream("s", 4))
		p := newProducer(t, s.Client(), func(c *config) { c.ErrorMode = kinecast.LogAndContinue })
		puts(t, p, 50)
		must(t, p.Flush(t.Context()))
		_, err := s.Client().DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: aws.String("s")})
		must(t, err)
		time.Sleep(time.Minute)
		_, err = s.Client().CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(3)})
		must(t, err)
		time.Sleep(time.Minute)
		puts(t, p, 200)
		must(t, p.Close(context.Background()))
		if st := p.Stats(); st.UserRecordsPut != 250 {
			t.Errorf("%d records put, want 250", st.UserRecordsPut)
		}
		read := readByKCL(t, s, "s")
		for i := range 200 {
			if v := fmt.Sprint("v", i); len(read[v]) == 0 {
				t.Errorf("a KCL consumer does not read %s", v)
			}
		}
	})
}

// While a stream is gone the loads of its map back off. When it is back, with the same ids on other ranges, what is put at once waits
// for the next one.
func TestRecreatedStreamThatWasMissed(t *testing.T) {
	for i := range 10 {
		bubble(t, fmt.Sprint("put at another point of the back-off ", i), func(t *testing.T) {
			s := kinesistest.New(t, kinesistest.Stream("s", 4))
			p := newProducer(t, s.Client(), func(c *config) { c.ErrorMode = kinecast.LogAndContinue })
			puts(t, p, 50)
			must(t, p.Flush(t.Context()))
			_, err := s.Client().DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: aws.String("s")})
			must(t, err)
			time.Sleep(30 * time.Second)
			must(t, p.Put(t.Context(), "into the void"))
			time.Sleep(97*time.Second + time.Duration(i)*500*time.Millisecond)
			must(t, p.Put(t.Context(), "neither does this one arrive")) // it asks for a map, in vain
			time.Sleep(13 * time.Second)
			_, err = s.Client().CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(3)})
			must(t, err)
			time.Sleep(600 * time.Millisecond) // it is ACTIVE now
			puts(t, p, 200)
			must(t, p.Close(context.Background()))
			read := readByKCL(t, s, "s")
			for i := range 200 {
				if v := fmt.Sprint("v", i); len(read[v]) == 0 {
					t.Fatalf("a KCL consumer does not read %s", v)
				}
			}
		})
	}
}

// A stream that was made anew, with the same ids on other ranges, may be one whose shards cannot be listed. Its summary tells that it is
// another one; then its records go plain, which is right wherever they land, until there is a map.
func TestRecreatedStreamThatCannotBeListed(t *testing.T) {
	for name, trouble := range map[string]kinesistest.Fault{
		"throttled": kinesistest.CallError(400, "LimitExceededException", "slow down"),
		"denied":    kinesistest.CallError(400, "AccessDeniedException", "no"),
		"broken":    kinesistest.CallError(500, "InternalFailure", ""),
	} {
		for _, order := range []kinecast.Ordering{kinecast.Unordered, kinecast.PerKey} {
			bubble(t, fmt.Sprint(name, " ", order), func(t *testing.T) {
				s := kinesistest.New(t, kinesistest.Stream("s", 4))
				p := newProducer(t, s.Client(), func(c *config) {
					c.Ordering, c.Partitioner = order, kinecast.ByKey(func(v string) string { return v[:2] })
				})
				puts(t, p, 50)
				must(t, p.Checkpoint(t.Context()))
				_, err := s.Client().DeleteStream(t.Context(), &kinesis.DeleteStreamInput{StreamName: aws.String("s")})
				must(t, err)
				time.Sleep(time.Minute)
				_, err = s.Client().CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(3)})
				must(t, err)
				remedy := s.Inject(kinesistest.Rule{On: kinesistest.ListShards, Do: trouble})
				time.Sleep(3 * time.Minute) // a map of the last two minutes is not doubted
				puts(t, p, 300)
				must(t, p.Checkpoint(t.Context()))
				remedy()
				time.Sleep(5 * time.Minute)
				must(t, p.Put(t.Context(), "v300")) // it asks for a map
				time.Sleep(5 * time.Second)
				for i := 301; i < 600; i++ {
					must(t, p.Put(t.Context(), fmt.Sprint("v", i)))
				}
				must(t, p.Close(context.Background()))
				last, read := map[string]int{}, map[int]bool{}
				for _, u := range s.Consume("s") {
					n, err := strconv.Atoi(string(u.Data[1:]))
					must(t, err)
					if read[n] {
						continue // what had gone by the old map may have been sent again
					}
					if read[n] = true; n < last[u.PartitionKey] && order == kinecast.PerKey {
						t.Errorf("v%d is read after v%d", n, last[u.PartitionKey])
					}
					last[u.PartitionKey] = n
				}
				if len(read) != 600 {
					t.Errorf("a KCL consumer reads %d of 600 records", len(read))
				}
				requests := calls(s, kinesistest.PutRecords)
				if n := requests[len(requests)-1].Records; n > 3 {
					t.Errorf("the last request has %d records: nothing is aggregated again", n)
				}
			})
		}
	}
}

// TestRetiredLanesAreFreed scales a stream up and down and looks at what is left.
func TestRetiredLanesAreFreed(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		s := kinesistest.New(t, kinesistest.Stream("s", 1))
		p := newProducer(t, s.Client())
		for _, n := range []int{2, 4, 8, 16, 32, 64, 32, 16, 8, 4, 2, 1} {
			s.UpdateShardCount("s", n)
			puts(t, p, 200)
			must(t, p.Flush(t.Context()))
			time.Sleep(3 * time.Second) // a map is loaded at most once a second
		}
		puts(t, p, 10)
		must(t, p.Flush(t.Context()))
		time.Sleep(3 * time.Second)
		const shards = 1
		if most := int64(64<<20 + 32<<20 + 24*64<<10 + shards*4<<10); p.Stats().MemoryBound != most {
			t.Errorf("MemoryBound is %d, want %d: that of one shard", p.Stats().MemoryBound, most)
		}
		must(t, p.Close(context.Background()))
	})
}
