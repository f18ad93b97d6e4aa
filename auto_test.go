package kinecast_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
)

// distribute tells stream "s" how to place records.
func distribute(t *testing.T, srv *kinesistest.Server, strategy types.RecordDistributionStrategy) {
	t.Helper()
	_, err := srv.Client().UpdateStreamRecordDistributionStrategy(t.Context(), &kinesis.UpdateStreamRecordDistributionStrategyInput{
		StreamARN: aws.String(arnOfS), RecordDistributionStrategy: strategy,
	})
	must(t, err)
}

// oneKey puts each burst into one aggregated record. An AUTO stream of four shards places those one after the other, so
// most are astray; several at a time might all find their places by luck, and go on unnoticed.
var oneKey = kinecast.ByKey(func(string) string { return "burst" })

// aggregates says whether a burst of records travels aggregated, or some of it.
func aggregates(t *testing.T, p *producer, told *[]kinecast.Delivery[string]) bool {
	t.Helper()
	*told = nil
	for i := range 50 {
		must(t, p.Put(t.Context(), fmt.Sprint("burst", i)))
	}
	must(t, p.Checkpoint(t.Context()))
	aggregated := false
	for _, d := range *told {
		aggregated = aggregated || d.Result.Aggregated
	}
	return aggregated
}

// Where the service places records by itself they go plain, once each, and nobody asks for shards.
func TestAutoStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4, kinesistest.Auto()))
		book := newLogbook()
		p := newProducer(t, srv.Client(), func(c *config) { c.Logger, c.RateLimit = book.logger(), 100 })
		puts(t, p, 5000) // more than one shard takes in a second
		must(t, p.Open(t.Context()))
		begin := time.Now()
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 5000)
		if d := time.Since(begin); d > 3*time.Second {
			t.Errorf("it took %v: the limit of one shard is not that of the stream", d)
		}
		for shard, records := range srv.Records("s") {
			if len(records) != 1250 {
				t.Errorf("%d records in %s", len(records), shard)
			}
		}
		if s := p.Stats(); s.Retries != 0 || s.KinesisRecordsPut != 5000 || len(calls(srv, kinesistest.ListShards)) != 0 ||
			len(book.with("AUTO")) != 1 {
			t.Errorf("%+v, log %q", s, book.with(""))
		}
	})
}

// A stream that is switched while it is written to is noticed both ways, and loses nothing.
func TestAutoAtRunTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4, kinesistest.OnDemand()))
		var told []kinecast.Delivery[string]
		p := newProducer(t, srv.Client(), func(c *config) {
			c.DefaultPartition, c.Partitioner = "", oneKey
			c.OnResult = func(d kinecast.Delivery[string]) { told = append(told, d) }
		})
		if !aggregates(t, p, &told) {
			t.Fatal("nothing was aggregated")
		}
		time.Sleep(time.Minute)
		distribute(t, srv, types.RecordDistributionStrategyAuto)
		for range 2 { // one of them lands astray twice, which is asked after
			aggregates(t, p, &told)
		}
		time.Sleep(time.Minute)
		aggregates(t, p, &told)
		if aggregates(t, p, &told) {
			t.Error("records are aggregated a minute after the switch to AUTO")
		}
		distribute(t, srv, types.RecordDistributionStrategyUserPartitionKey)
		for range 7 {
			aggregates(t, p, &told)
			time.Sleep(time.Minute)
		}
		if !aggregates(t, p, &told) {
			t.Error("records are not aggregated seven minutes after the switch back")
		}
		if s := p.Stats(); s.UserRecordsFailed != 0 || s.UserRecordsPut != s.UserRecordsReceived {
			t.Errorf("%+v", s)
		}
	})
}

// Where the summary may not be read, records that land in strange shards twice tell.
func TestAutoWithoutSummaries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 4, kinesistest.Auto()))
		srv.Inject(kinesistest.Rule{On: kinesistest.DescribeStreamSummary, Do: kinesistest.CallError(400, "AccessDeniedException", "no")})
		var told []kinecast.Delivery[string]
		p := newProducer(t, srv.Client(), func(c *config) {
			c.Partitioner = oneKey
			c.OnResult = func(d kinecast.Delivery[string]) { told = append(told, d) }
		})
		for range 5 {
			aggregates(t, p, &told)
			time.Sleep(10 * time.Second)
		}
		if aggregates(t, p, &told) {
			t.Error("records are aggregated although they land anywhere")
		}
		if s := p.Stats(); s.UserRecordsFailed != 0 || s.UserRecordsPut != s.UserRecordsReceived {
			t.Errorf("%+v", s)
		}
	})
}
