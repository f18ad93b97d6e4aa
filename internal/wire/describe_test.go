package wire

import (
	"testing"
	"time"
)

func TestDescribe(t *testing.T) {
	full := `{"StreamDescriptionSummary":{"StreamName":"events","StreamARN":"arn:aws:kinesis:eu-west-1:123456789012:stream/events",
		"StreamStatus":"ACTIVE","StreamCreationTimestamp":1.7e9,"MaxRecordSizeInKiB":10240,"RecordDistributionStrategy":"AUTO",
		"StreamModeDetails":{"StreamMode":"ON_DEMAND"},"OpenShardCount":4,"Unknown":{}}}`
	got, f := Describe(t.Context(), newClient(t, serve(t, says(200, amzJSON, full))), events)
	if f != nil {
		t.Fatal(f)
	}
	want := Summary{
		Name: "events", ARN: "arn:aws:kinesis:eu-west-1:123456789012:stream/events", Status: "ACTIVE", Created: got.Created,
		MaxRecordSizeKiB: 10240, Distribution: "AUTO", Mode: "ON_DEMAND", OpenShards: 4,
	}
	if got != want || !got.Created.Equal(time.Unix(1.7e9, 0)) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	least := `{"StreamDescriptionSummary":{"StreamARN":"a","StreamStatus":"CREATING"}}`
	got, f = Describe(t.Context(), newClient(t, serve(t, says(200, amzJSON, least))), events)
	if want := (Summary{ARN: "a", Status: "CREATING", MaxRecordSizeKiB: 1024}); f != nil || got != want {
		t.Errorf("got  %+v %v\nwant %+v", got, f, want)
	}
}

func TestDescribeRefusesHoles(t *testing.T) {
	for _, body := range []string{"", `{}`, `{"StreamDescriptionSummary":null}`, `{"StreamDescriptionSummary":{"StreamARN":"a"}}`, `{"StreamDescriptionSummary":{"StreamStatus":"ACTIVE"}}`} {
		_, f := Describe(t.Context(), newClient(t, serve(t, says(200, amzJSON, body))), events)
		check(t, f, verdict{CodeBadAnswer, 200, true})
	}
}
