package kinesistest_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/kinesistest"
)

// A shard keeps its newest records, or none, and counts all; children do as their stream does.
func TestKeep(t *testing.T) {
	const calls, each = 40, 100
	for _, keep := range []int{0, 1, 500} {
		s := kinesistest.New(t, kinesistest.Stream("a", 1, kinesistest.Keep(keep)))
		last := ""
		for range calls {
			out := must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), put("a", times(each, "k")...)))
			last = *out.Records[each-1].SequenceNumber
		}
		records := s.Records("a")[shard0]
		if len(records) < keep || len(records) > keep+1024 || keep > 0 && records[len(records)-1].SequenceNumber != last {
			t.Errorf("Keep(%d): %d records are left", keep, len(records))
		}
		if got := s.Counts("a")[shard0]; got != (kinesistest.Count{Records: calls * each, Bytes: calls * each * 2}) {
			t.Errorf("Keep(%d): counted %+v", keep, got)
		}
		s.Split("a", shard0, "")
		must[*kinesis.PutRecordsOutput](t)(s.Client().PutRecords(context.Background(), put("a", "k")))
		if keep == 0 && stored(s, "a") != 0 {
			t.Error("Keep(0): a child keeps records")
		}
	}
	if _, err := kinesistest.Start(kinesistest.Stream("a", 1, kinesistest.Keep(-1))); err == nil {
		t.Error("Keep(-1): no error")
	}
	tb := &fakeTB{TB: t}
	if kinesistest.New(tb).Counts("nowhere"); len(tb.fatal) != 1 {
		t.Errorf("complaints %q", tb.fatal)
	}
}
