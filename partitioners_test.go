package kinecast_test

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/aggregate"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// keyOf is the partition key that a partitioner gives to a value.
func keyOf(t *testing.T, p kinecast.Partitioner[string], v string) string {
	t.Helper()
	var at kinecast.Placement
	must(t, p.Partition(v, &at))
	return string(at.Key)
}

func TestFieldsJoinsAndCuts(t *testing.T) {
	first := func(v string) string { return strings.Split(v, ",")[0] }
	second := func(v string) string { return strings.Split(v, ",")[1] }
	p := kinecast.Fields(first, second)
	if got := keyOf(t, p, "a,b"); got != "a|b" {
		t.Errorf("%q", got)
	}
	if got := keyOf(t, p, ","); got != "|" {
		t.Errorf("%q", got)
	}
	long := strings.Repeat("ä", 250)
	if got, want := keyOf(t, p, long+",1234567"), long+"|12345"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := keyOf(t, kinecast.Fields(itself), long); got != long {
		t.Errorf("%q", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("Fields without a field does not panic")
		}
	}()
	kinecast.Fields[string]()
}

// Any delimiter, none too, and fields that are the same for all records, wherever they stand among the others.
func TestJoinedFields(t *testing.T) {
	first := func(v string) string { return v[:1] }
	rest := func(v string) string { return v[1:] }
	static := func(string) string { return "eu" }
	for _, delimiter := range []string{"", "|", ",", "--"} {
		for where, c := range map[string]struct {
			fields []func(string) string
			want   []string
		}{
			"none":   {[]func(string) string{first, rest}, []string{"a", "bc"}},
			"prefix": {[]func(string) string{static, first, rest}, []string{"eu", "a", "bc"}},
			"infix":  {[]func(string) string{first, static, rest}, []string{"a", "eu", "bc"}},
			"suffix": {[]func(string) string{first, rest, static}, []string{"a", "bc", "eu"}},
		} {
			p := kinecast.JoinedFields(delimiter, c.fields...)
			if got, want := keyOf(t, p, "abc"), strings.Join(c.want, delimiter); got != want {
				t.Errorf("static field: %s, delimiter %q: %q, want %q", where, delimiter, got, want)
			}
		}
	}
	if got := keyOf(t, kinecast.JoinedFields(strings.Repeat("-", 300), first, rest), "abc"); got != "a"+strings.Repeat("-", 255) {
		t.Errorf("%q", got)
	}
}

// As many producers as there are shards: each has one of its own.
func TestFixedHasAShardEach(t *testing.T) {
	const total = 7
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", total))
		for index := range total {
			p := newProducer(t, srv.Client(), func(c *config) { c.Partitioner = kinecast.Fixed[string](index, total) })
			for i := range 10 {
				must(t, p.Put(t.Context(), fmt.Sprint(index, "-", i)))
			}
			must(t, p.Close(t.Context()))
		}
		taken := map[string]byte{}
		for v, at := range places(t, srv, "s") {
			if by, again := taken[at[0].shard]; again && by != v[0] {
				t.Errorf("%s is used by %c and %c", at[0].shard, by, v[0])
			}
			taken[at[0].shard] = v[0]
		}
		if len(taken) != total {
			t.Errorf("%d of %d shards are used", len(taken), total)
		}
	})
}

func TestFixedOutOfRange(t *testing.T) {
	for _, c := range [][2]int{{-1, 3}, {3, 3}, {0, 0}, {0, -1}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			defer func() {
				if v := fmt.Sprint(recover()); !strings.Contains(v, fmt.Sprintf("Fixed(%d, %d)", c[0], c[1])) {
					t.Errorf("panic: %v", v)
				}
			}()
			kinecast.Fixed[string](c[0], c[1])
		})
	}
}

// Random gives each of 16 shards its share.
func TestRandomIsUniform(t *testing.T) {
	random := kinecast.Random[string]()
	count := make([]int, 16)
	for range 64_000 {
		n, ok := new(big.Int).SetString(keyOf(t, random, ""), 10)
		if !ok {
			t.Fatal("the key is no number")
		}
		count[n.Rsh(n, 124).Int64()]++
	}
	wantEven(t, count)
}

// wantEven fails when 16 counts differ by more than chance explains. The statistic stays under its 99.9999 % quantile
// for 15 degrees of freedom, 56.5: one run in a million fails by chance.
func wantEven(t *testing.T, count []int) {
	t.Helper()
	total := 0
	for _, n := range count {
		total += n
	}
	share, chi2 := float64(total)/16, 0.0
	for _, n := range count {
		d := float64(n) - share
		chi2 += d * d / share
	}
	if len(count) != 16 || chi2 > 56.5 {
		t.Errorf("chi square is %.1f: %v", chi2, count)
	}
}

// The records that came before the map are spread as evenly as those that come after it, although they met in aggregated
// records whose shards nobody knew.
func TestRandomIsUniformBeforeTheFirstMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 16))
		listed := make(chan struct{})
		srv.Inject(kinesistest.Rule{On: kinesistest.ListShards, Do: kinesistest.DelayUntil(listed)})
		p := newProducer(t, srv.Client(), func(c *config) { c.Partitioner = kinecast.Random[string]() })
		puts(t, p, 16_000)
		close(listed)
		must(t, p.Close(t.Context()))
		var count []int
		for _, records := range kinesistest.ByShard(srv.Consume("s")) {
			count = append(count, len(records))
		}
		wantEven(t, count)
	})
}

// A drawn key is written once an aggregated record, and not once a user record.
func TestRandomSharesKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		p := newProducer(t, srv.Client(), func(c *config) { c.Partitioner = kinecast.Random[string]() })
		must(t, p.Open(t.Context())) // else records meet before the map, and are spread afterwards
		puts(t, p, 1000)
		must(t, p.Close(t.Context()))
		wantStored(t, srv, "s", 1000)
		for id, records := range srv.Records("s") {
			if len(records) == 0 {
				t.Errorf("%s got nothing", id)
			}
			for _, r := range records {
				keys := map[string]bool{}
				for u, err := range aggregate.Deaggregate(r.PartitionKey, r.Data, nil) {
					must(t, err)
					keys[string(u.PartitionKey)] = true
				}
				if len(keys) != 1 {
					t.Errorf("%s: %d keys in one aggregated record", id, len(keys))
				}
			}
		}
	})
}

// A hash key chooses the shard; the key is what consumers see.
func TestByKeyAndHash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		p := newProducer(t, srv.Client(), func(c *config) {
			c.Partitioner = kinecast.ByKeyAndHash(func(v string) (string, kinecast.HashKey) {
				hash, err := shard.HashKeySlice(int(v[0]-'0'), 4)
				must(t, err)
				return "same key", hash
			})
		})
		for i := range 40 {
			must(t, p.Put(t.Context(), fmt.Sprintf("%d-%d", i%4, i)))
		}
		must(t, p.Close(t.Context()))
		n := 0
		for id, records := range srv.Records("s") {
			for _, r := range records {
				for u, err := range aggregate.Deaggregate(r.PartitionKey, r.Data, nil) {
					must(t, err)
					n++
					if id != fmt.Sprintf("shardId-%012d", u.Data[0]-'0') || string(u.PartitionKey) != "same key" {
						t.Errorf("%s under key %q is in %s", u.Data, u.PartitionKey, id)
					}
				}
			}
		}
		if n != 40 {
			t.Errorf("%d records", n)
		}
	})
}

// A key that the service would refuse, or hash to another shard than we do, is refused with its text, shortened.
func TestInvalidKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		oops := errors.New("oops")
		p := newProducer(t, srv.Client(), func(c *config) {
			c.DefaultPartition = "is no fallback"
			c.Partitioner = kinecast.PartitionerFunc[string](func(v string, at *kinecast.Placement) error {
				at.Key = append(at.Key, v...)
				if v == "oops" {
					return oops
				}
				return nil
			})
		})
		for key, says := range map[string]string{
			"":                         "is empty",
			strings.Repeat("ä", 257):   "257 characters",
			"\xc3\x28":                 `\xc3(`,
			strings.Repeat("\xff", 99): "not valid UTF-8",
		} {
			err := p.Put(t.Context(), key)
			wantIs(t, err, kinecast.ErrInvalidRecord)
			if !strings.Contains(err.Error(), says) || len(err.Error()) > 400 {
				t.Errorf("%v", err)
			}
		}
		wantIs(t, p.Put(t.Context(), "oops"), oops)
		must(t, p.Put(t.Context(), strings.Repeat("ä", 256)))
		must(t, p.Put(t.Context(), strings.Repeat("\U0001f600", 256)))
		must(t, p.Checkpoint(t.Context()))
		if n := p.Stats().UserRecordsPut; n != 2 {
			t.Errorf("%d records were put", n)
		}
	})
}
