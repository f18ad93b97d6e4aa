package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest"
)

var allReshards = []string{"split", "split", "merge", "double", "merge"}

// Reshards overtake the producer, and yet each record is read exactly once. These tests run side by side, since they
// mostly wait for the producer, which loads its map once a second at most.
func TestReshard(t *testing.T) {
	t.Parallel()
	for _, repeat := range []int{1, 20} {
		t.Run(fmt.Sprintf("%d passes", repeat), func(t *testing.T) {
			t.Parallel()
			closed := 0
			o := execute(t, func(c *command) { c.produced = func(s *service) { closed = closedShards(t, s) } },
				"-reshard", "-json", "-repeat", fmt.Sprint(repeat))
			o.want(t, exitProved)
			f := o.figures(t)
			if f.UserRecords != repeat*1707 || f.ReadBack != repeat*1707 || !f.Proved ||
				f.Missing+f.Duplicates+f.Misplaced+f.WrongKey+f.Failed+f.Foreign != 0 {
				t.Errorf("%+v", f)
			}
			if !slices.Equal(f.Reshards, allReshards) || f.DroppedKinesisRecords == 0 || f.DroppedCopies < 2*f.DroppedKinesisRecords {
				t.Errorf("no reshard overtook the producer: %+v", f)
			}
			// 4 + 1 + 1 - 1, doubled, - 1; the doubling itself may open and close more on its way.
			if open := len(f.Shards) - closed; open != 9 || closed < 8 {
				t.Errorf("%d shards open and %d closed in %v", open, closed, f.Shards)
			}
		})
	}
}

// closedShards counts the embedded stream's.
func closedShards(t *testing.T, s *service) (n int) {
	t.Helper()
	shards, err := listShards(t.Context(), s.client, streamRef{name: "earthquakes"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shards {
		if s.closed {
			n++
		}
	}
	return n
}

func TestReshardSummary(t *testing.T) {
	t.Parallel()
	o := execute(t, nil, "-reshard")
	o.want(t, exitProved)
	for _, want := range []string{" closed), on an embedded Kinesis\n", " closed\n", "  · split, split, merge, double, merge: ", " sent again\n"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("%q is not in:\n%s", want, o.stdout)
		}
	}
}

// However few the records, keys and shards are, every step is taken.
func TestReshardOfLittle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		shards string
		events int
	}{{"1", 1}, {"5", 7}} {
		t.Run(fmt.Sprintf("%d events, %s shards", c.events, c.shards), func(t *testing.T) {
			t.Parallel()
			path := input(t, slices.Repeat([]string{`{"id":1}`}, c.events)...)
			o := execute(t, nil, "-reshard", "-json", "-shards", c.shards, "-key", "id", "-input", path)
			o.want(t, exitProved)
			if f := o.figures(t); !slices.Equal(f.Reshards, allReshards) || f.ReadBack != c.events {
				t.Errorf("%+v", f)
			}
		})
	}
}

// A proof that forgives dropped copies still finds every damage.
func TestTamperingWithReshard(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		edit  func(list []kinesistest.Record) []kinesistest.Record // of the shard whose first record is a good one
		found func(figures) bool
	}{
		{"one record lost", func(list []kinesistest.Record) []kinesistest.Record { return list[1:] },
			func(f figures) bool { return f.Missing > 0 && f.Duplicates == 0 }},
		{"one record twice", func(list []kinesistest.Record) []kinesistest.Record { return append(list, list[0]) },
			func(f figures) bool { return f.Duplicates > 0 && f.Missing == 0 }},
		{"one key", func(list []kinesistest.Record) []kinesistest.Record {
			list[0].Data[6] ^= 1 // the first letter of the key table
			redigest(list[0].Data)
			return list
		}, func(f figures) bool { return f.WrongKey > 0 && f.Missing == 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := execute(t, func(cmd *command) {
				cmd.produced = func(s *service) {
					s.embedded.Rewrite("earthquakes", func(shards map[string][]kinesistest.Record) {
						id := filled(shards)[0] // what came before the first reshard is where it belongs
						if !bytes.HasPrefix(shards[id][0].Data, []byte("\xf3\x89\x9a\xc2\n")) {
							t.Error("the first record is no aggregated one that begins with its key table")
						}
						shards[id] = c.edit(shards[id])
					})
				}
			}, "-reshard", "-json")
			o.want(t, exitUnproved)
			if f := o.figures(t); !c.found(f) || f.Proved || f.DroppedCopies == 0 {
				t.Errorf("%+v", f)
			}
		})
	}
}

// A producer that takes dropped records for delivered is found out.
func TestDroppedRecordThatIsAcknowledged(t *testing.T) {
	j := deliveredJournal(testFeed(3, true), 1)
	p := newProof(j, 3, false)
	for serial := range j.fates {
		r := intact(j, serial)
		r.dropped = serial == 1
		p.observe(r)
	}
	if v := p.conclude(); v.misplaced != 1 || v.droppedCopies != 0 || v.proved(true) {
		t.Errorf("%+v", v)
	}
}

// A reshard that is refused ends the run: what was put is judged, and the exit status says that it was not everything.
func TestReshardRefused(t *testing.T) {
	t.Parallel()
	o := execute(t, atCall("MergeShards", func() (*http.Response, error) {
		return nil, errors.New("the network is down")
	}), "-reshard", "-json")
	o.want(t, exitUnproved, "-reshard, merge: ", "the network is down")
	if f := o.figures(t); !f.Interrupted || f.Proved || !slices.Equal(f.Reshards, allReshards[:2]) || f.UserRecords != 1707/2 || f.Missing != 0 {
		t.Errorf("%+v", f)
	}
}

func TestInterruptedWhileResharding(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	o := executeIn(ctx, t, atCall("MergeShards", func() (*http.Response, error) {
		interrupt()
		return nil, ctx.Err()
	}), "-reshard", "-json")
	o.want(t, exitUnproved)
	if f := o.figures(t); !f.Interrupted || f.UserRecords != 1707/2 || f.ReadBack != 1707/2 || o.stderr != "" {
		t.Errorf("%+v\n%s", f, o.stderr)
	}
}

// atCall answers the calls of one operation instead of the server.
func atCall(operation string, answer func() (*http.Response, error)) func(*command) {
	return func(c *command) {
		c.tweak = func(o *kinesis.Options) {
			retryAtOnce(o)
			client := o.HTTPClient
			o.HTTPClient = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation) {
					return answer()
				}
				return client.Do(r)
			})}
		}
	}
}

func TestReshardBorder(t *testing.T) {
	hash := func(b byte) (h [16]byte) { h[0] = b; return h }
	whole := shardInfo{keys: aggregate.Range{First: hash(0), Last: hash(0xff)}}
	for _, c := range []struct {
		hashes []byte
		want   byte
	}{{nil, 0x7f}, {[]byte{9}, 0x7f}, {[]byte{9, 9, 9}, 0x7f}, {[]byte{9, 9, 9, 12}, 12}, {[]byte{1, 2, 3, 4}, 3}, {[]byte{9, 12, 12, 12}, 12}} {
		r := &resharding{}
		for _, b := range c.hashes {
			r.hashes = append(r.hashes, hash(b))
		}
		got := new(big.Int).Rsh(r.border(whole), 120)
		if got.Cmp(big.NewInt(int64(c.want))) != 0 {
			t.Errorf("%v: the upper half begins at %v, want %d", c.hashes, got, c.want)
		}
	}
}
