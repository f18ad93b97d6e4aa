package wire

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// lister answers ListShards by a script, and keeps what it was asked.
type lister struct {
	API
	page  func(n int) (*kinesis.ListShardsOutput, error)
	asked []*kinesis.ListShardsInput
}

func (l *lister) ListShards(_ context.Context, in *kinesis.ListShardsInput, _ ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	l.asked = append(l.asked, in)
	return l.page(len(l.asked) - 1)
}

func pageOf(token string, first, count int) *kinesis.ListShardsOutput {
	out := &kinesis.ListShardsOutput{}
	if token != "" {
		out.NextToken = &token
	}
	for i := first; i < first+count; i++ {
		out.Shards = append(out.Shards, types.Shard{
			ShardId:      aws.String(fmt.Sprintf("shardId-%012d", i)),
			HashKeyRange: &types.HashKeyRange{StartingHashKey: aws.String("0"), EndingHashKey: aws.String("9")},
		})
	}
	return out
}

func TestListShardsReadsAllPages(t *testing.T) {
	const pages = 10
	api := &lister{page: func(n int) (*kinesis.ListShardsOutput, error) {
		token := ""
		if n < pages-1 {
			token = fmt.Sprint("token-", n)
		}
		return pageOf(token, n*1000, 1000), nil
	}}
	shards, f := ListShards(t.Context(), api, events)
	if f != nil || len(shards) != 10_000 || len(api.asked) != pages {
		t.Fatal(len(shards), len(api.asked), f)
	}
	for i, s := range shards {
		if want := fmt.Sprintf("shardId-%012d", i); s.ID != want {
			t.Fatalf("shard %d is %s", i, s.ID)
		}
	}
	if in := api.asked[0]; *in.StreamName != "events" || in.StreamARN != nil || in.NextToken != nil || in.ShardFilter.Type != types.ShardFilterTypeAtLatest {
		t.Errorf("first page asked with %+v", in)
	}
	for n, in := range api.asked[1:] {
		if *in.NextToken != fmt.Sprint("token-", n) || in.StreamName != nil || in.StreamARN != nil || in.ShardFilter != nil {
			t.Errorf("page %d asked with %+v", n+1, in)
		}
	}
}

func TestListShardsFields(t *testing.T) {
	client := newClient(t, serve(t, says(200, amzJSON, `{"Shards":[
		{"ShardId":"a","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"4"},"SequenceNumberRange":{"StartingSequenceNumber":"1","EndingSequenceNumber":"2"}},
		{"ShardId":"b","HashKeyRange":{"StartingHashKey":"5","EndingHashKey":"9"},"SequenceNumberRange":{"StartingSequenceNumber":"3"},"ParentShardId":"a","AdjacentParentShardId":"z"}]}`)))
	got, f := ListShards(t.Context(), client, events)
	want := []Shard{
		{ID: "a", First: "0", Last: "4", Closed: true},
		{ID: "b", First: "5", Last: "9", Parent: "a", AdjacentParent: "z"},
	}
	if f != nil || !slices.Equal(got, want) {
		t.Errorf("got  %+v %v\nwant %+v", got, f, want)
	}
}

func TestListShardsStartsOverOnce(t *testing.T) {
	expire := func(n int) (*kinesis.ListShardsOutput, error) {
		if n%2 == 0 {
			return pageOf("token", n, 1), nil
		}
		return nil, &types.ExpiredNextTokenException{}
	}
	always := &lister{page: expire}
	_, f := ListShards(t.Context(), always, events)
	check(t, f, verdict{"ExpiredNextTokenException", 0, false})
	if len(always.asked) != 4 {
		t.Errorf("%d pages asked, want 4: two listings", len(always.asked))
	}
	once := &lister{page: func(n int) (*kinesis.ListShardsOutput, error) {
		if n < 2 {
			return expire(n)
		}
		return pageOf("", 0, 3), nil
	}}
	shards, f := ListShards(t.Context(), once, events)
	if f != nil || len(shards) != 3 {
		t.Errorf("%d shards, %v", len(shards), f)
	}
}

func TestListShardsIsBounded(t *testing.T) {
	for _, c := range []struct {
		name  string
		page  func(n int) (*kinesis.ListShardsOutput, error)
		pages int
	}{
		{"the same page again", func(int) (*kinesis.ListShardsOutput, error) { return pageOf("token", 0, 1000), nil }, 2},
		{"empty pages for ever", func(n int) (*kinesis.ListShardsOutput, error) { return pageOf(fmt.Sprint(n), 0, 0), nil }, maxPages},
		{"shards for ever", func(n int) (*kinesis.ListShardsOutput, error) { return pageOf(fmt.Sprint(n), n*1000, 1000), nil }, MaxShards/1000 + 1},
		{"a shard without range", func(int) (*kinesis.ListShardsOutput, error) {
			return &kinesis.ListShardsOutput{Shards: []types.Shard{{ShardId: aws.String("a")}}}, nil
		}, 1},
		{"a shard without id", func(int) (*kinesis.ListShardsOutput, error) {
			return &kinesis.ListShardsOutput{Shards: make([]types.Shard, 1)}, nil
		}, 1},
		{"nothing", func(int) (*kinesis.ListShardsOutput, error) { return nil, nil }, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			api := &lister{page: c.page}
			shards, f := ListShards(t.Context(), api, events)
			check(t, f, verdict{CodeBadAnswer, 200, true})
			if shards != nil || len(api.asked) != c.pages {
				t.Errorf("%d shards, %d pages asked, want none and %d", len(shards), len(api.asked), c.pages)
			}
		})
	}
	most := &lister{page: func(n int) (*kinesis.ListShardsOutput, error) {
		return pageOf(map[bool]string{true: "more"}[n < 24], n*1000, 1000), nil
	}}
	if shards, f := ListShards(t.Context(), most, events); f != nil || len(shards) != MaxShards {
		t.Errorf("%d shards, %v", len(shards), f)
	}
}

// Control calls change nothing, so the SDK's retries stay on.
func TestControlCallsAreRetried(t *testing.T) {
	var calls atomic.Int32
	endpoint := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		refuses(500, "InternalFailure")(w, r)
	})
	client := newClient(t, endpoint, func(o *kinesis.Options) {
		o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
			s.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
	_, f := ListShards(t.Context(), client, events)
	check(t, f, verdict{"InternalFailure", 500, true})
	_, f = Describe(t.Context(), client, events)
	check(t, f, verdict{"InternalFailure", 500, true})
	if calls.Load() != 6 {
		t.Errorf("%d attempts, want 3 each", calls.Load())
	}
}
