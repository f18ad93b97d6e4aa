package wire

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

// The same calls to a Kinesis that keeps the service's rules, once by HTTP and once as function calls.
func TestBothDoors(t *testing.T) {
	for name, door := range map[string]func(*kinesistest.Server) API{
		"HTTP":   func(s *kinesistest.Server) API { return newClient(t, s.URL()) },
		"CBOR":   func(s *kinesistest.Server) API { return newClient(t, s.URL()) },
		"direct": func(s *kinesistest.Server) API { return s.Client() },
	} {
		t.Run(name, func(t *testing.T) {
			format := JSON
			if name == "CBOR" {
				format = CBOR
			}
			server := kinesistest.New(t, kinesistest.Region("eu-west-1"), kinesistest.Stream("events", 2))
			api := door(server)
			sum, f := Describe(t.Context(), api, events)
			if f != nil || sum.Status != "ACTIVE" || sum.OpenShards != 2 || sum.MaxRecordSizeKiB != DefaultMaxRecordSizeKiB {
				t.Fatal(sum, f)
			}
			stream, region, _, err := ParseStream(sum.ARN)
			if err != nil || region != "eu-west-1" || stream.Name != "events" {
				t.Fatal(stream, region, err)
			}
			shards, f := ListShards(t.Context(), api, stream)
			if f != nil || len(shards) != 2 {
				t.Fatal(shards, f)
			}
			half := "170141183460469231731687303715884105728"
			if shards[1].First != half || shards[0].First != "0" || shards[1].Closed {
				t.Errorf("%+v", shards)
			}
			entries := []Entry{{PartitionKey: []byte("a"), HashKey: []byte(half), Data: []byte("one")}, {PartitionKey: []byte("b"), HashKey: []byte("0")}}
			answers, f := format.PutRecords(t.Context(), api, stream, entries)
			if f != nil {
				t.Fatal(f)
			}
			if got := []string{answers[0].ShardID, answers[1].ShardID}; !slices.Equal(got, []string{shards[1].ID, shards[0].ID}) {
				t.Errorf("landed in %v", got)
			}

			server.Inject(kinesistest.Rule{Key: "b", Do: kinesistest.RecordError("ProvisionedThroughputExceededException", "Rate exceeded"), Times: 1})
			answers, f = format.PutRecords(t.Context(), api, stream, entries)
			if f != nil || answers[0].Code != "" || answers[1] != (Answer{Code: "ProvisionedThroughputExceededException", Message: "Rate exceeded"}) {
				t.Error(answers, f)
			}

			for _, c := range []struct {
				fault kinesistest.Fault
				want  verdict
			}{
				{kinesistest.CallError(500, "InternalFailureException", "sorry"), verdict{"InternalFailureException", 500, true}},
				{kinesistest.EmptyOK(), verdict{CodeWrongCount, 200, true}},
				{kinesistest.TooFew(1), verdict{CodeWrongCount, 200, true}},
				{kinesistest.HTML(502), verdict{CodeBadAnswer, 502, true}},
				{kinesistest.Refuse(), verdict{CodeConnectionRefused, 0, false}},
			} {
				fresh := door(server) // with no old connection: a byte written to a dead one counts as sent
				remove := server.Inject(kinesistest.Rule{Do: c.fault})
				_, f := format.PutRecords(t.Context(), fresh, stream, entries)
				check(t, f, c.want)
				remove()
			}
			api = door(server)
			_, f = format.PutRecords(t.Context(), api, Stream{Name: "missing"}, entries)
			check(t, f, verdict{"ResourceNotFoundException", 400, false})
			if format == JSON && !errors.As(f, new(*types.ResourceNotFoundException)) { // in CBOR the code says it
				t.Errorf("%#v", f.Err)
			}
			_, f = format.PutRecords(t.Context(), api, stream, []Entry{{PartitionKey: []byte("")}})
			check(t, f, verdict{"ValidationException", 400, false})
		})
	}
}
