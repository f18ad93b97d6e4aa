package kinesistest_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/kinecast/kinecast/kinesistest"
)

const (
	arnOfA    = "arn:aws:kinesis:us-east-1:123456789012:stream/a"
	arnOfB    = "arn:aws:kinesis:us-east-1:123456789012:stream/b"
	maxHash   = "340282366920938463463374607431768211455"
	overHash  = "340282366920938463463374607431768211456"
	kib       = 1 << 10
	mib       = 1 << 20
	validText = "1 validation error detected: "
)

// putCase is a PutRecords call and what the service makes of it: code "" for success.
type putCase struct {
	name       string
	in         *kinesis.PutRecordsInput
	code, text string
}

func entryOf(key string, size int) types.PutRecordsRequestEntry {
	return types.PutRecordsRequestEntry{PartitionKey: &key, Data: make([]byte, size)}
}

func hashed(explicit string) *kinesis.PutRecordsInput {
	in := put("a", "k")
	in.Records[0].ExplicitHashKey = &explicit
	return in
}

func sized(stream string, sizes ...int) *kinesis.PutRecordsInput {
	in := put(stream)
	for _, size := range sizes {
		in.Records = append(in.Records, entryOf("k", size-1))
	}
	return in
}

func addressed(name, arn *string) *kinesis.PutRecordsInput {
	in := put("", "k")
	in.StreamName, in.StreamARN = name, arn
	return in
}

func times(n int, key string) []string {
	return strings.Split(strings.TrimSuffix(strings.Repeat(key+" ", n), " "), " ")
}

var putCases = []putCase{
	{"one record", put("a", "k"), "", ""},
	{"no record", put("a"), "ValidationException", validText + "Value '[]' at 'records' failed to satisfy constraint: " +
		"Member must have length greater than or equal to 1"},
	{"500 records", put("a", times(500, "k")...), "", ""},
	{"501 records", put("a", times(501, "k")...), "ValidationException", "'records' failed to satisfy constraint: " +
		"Member must have length less than or equal to 500"},

	{"data and key of 1 MiB", sized("a", mib), "", ""},
	{"data and key of 1 MiB and a byte", sized("a", 5, mib+1, 5), "ValidationException", validText +
		"Value at 'records.2.member.data' failed to satisfy constraint: Member must have length less than or equal to 1048576"},
	{"data and key of 2 MiB on a stream for it", sized("large", 2*mib), "", ""},
	{"data and key over 2 MiB on a stream for that", sized("large", 2*mib+1), "ValidationException",
		"less than or equal to 2097152"},
	{"10 MiB in one record", sized("largest", 10*mib), "", ""},
	{"more than 10 MiB in one record", sized("largest", 10*mib+1), "ValidationException", "less than or equal to 10485760"},
	{"10 MiB in a request", sized("a", mib, mib, mib, mib, mib, mib, mib, mib, mib, mib), "", ""},
	{"more than 10 MiB in a request", sized("a", mib, mib, mib, mib, mib, mib, mib, mib, mib, mib, 1),
		"InvalidArgumentException", "Records size exceeds 10 MB limit"},

	{"key of 256 characters", put("a", strings.Repeat("ü", 256)), "", ""},
	{"key of 257 characters", put("a", strings.Repeat("ü", 257)), "ValidationException",
		"at 'records.1.member.partitionKey' failed to satisfy constraint: Member must have length less than or equal to 256"},
	{"empty key", put("a", "good", ""), "ValidationException", "Value '' at 'records.2.member.partitionKey' " +
		"failed to satisfy constraint: Member must have length greater than or equal to 1"},
	{"no key", &kinesis.PutRecordsInput{StreamName: aws.String("a"), Records: []types.PutRecordsRequestEntry{{Data: []byte("x")}}},
		"ValidationException", "Value null at 'records.1.member.partitionKey' failed to satisfy constraint: Member must not be null"},
	{"two bad keys", put("a", "", "good", ""), "ValidationException", "2 validation errors detected: Value '' at 'records.1."},

	{"hash key 0", hashed("0"), "", ""},
	{"hash key 2^128-1", hashed(maxHash), "", ""},
	{"hash key 2^128", hashed(overHash), "InvalidArgumentException", "Invalid ExplicitHashKey. ExplicitHashKey must be " +
		"in the range: [0, 2^128-1]. Specified value was " + overHash},
	{"hash key of 40 digits", hashed("1" + maxHash), "ValidationException", `regular expression pattern: 0|([1-9]\d{0,38})`},
	{"hash key 01", hashed("01"), "ValidationException", "regular expression"},
	{"hash key -1", hashed("-1"), "ValidationException", "regular expression"},
	{"hash key abc", hashed("abc"), "ValidationException", "Value 'abc' at 'records.1.member.explicitHashKey'"},
	{"empty hash key", hashed(""), "ValidationException", "regular expression"},

	{"by ARN", addressed(nil, aws.String(arnOfA)), "", ""},
	{"by name and ARN", addressed(aws.String("a"), aws.String(arnOfA)), "", ""},
	{"name and ARN of two streams", addressed(aws.String("a"), aws.String(arnOfB)), "InvalidArgumentException", "do not name the same"},
	{"ARN of another region", addressed(nil, aws.String("arn:aws:kinesis:eu-west-1:123456789012:stream/a")),
		"ResourceNotFoundException", "eu-west-1"},
	{"ARN of another account", addressed(nil, aws.String("arn:aws:kinesis:us-east-1:999999999999:stream/a")),
		"ResourceNotFoundException", "under account 999999999999 not found"},
	{"no ARN at all", addressed(nil, aws.String("kinesis:a")), "ValidationException", "'streamARN'"},
	{"neither name nor ARN", addressed(nil, nil), "InvalidArgumentException", "must be provided"},
	{"bad name", put("a/b", "k"), "ValidationException", "[a-zA-Z0-9_.-]+"},
	{"missing stream", put("nowhere", "k"), "ResourceNotFoundException", "Stream nowhere under account 123456789012 not found."},
	{"stream that is CREATING", put("creating", "k"), "ResourceNotFoundException", "Stream creating under account 123456789012 not found."},
	{"stream that is DELETING", put("deleting", "k"), "ResourceNotFoundException", "Stream deleting under account"},
	{"stream that is UPDATING", put("updating", "k"), "", ""},
}

func TestPutRecordsLimits(t *testing.T) {
	bothDoors(t, func(t *testing.T, s *kinesistest.Server, c client) {
		for _, tc := range putCases {
			t.Run(tc.name, func(t *testing.T) {
				out, err := c.PutRecords(context.Background(), tc.in)
				if tc.code != "" {
					wantError(t, err, tc.code, tc.text)
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if len(out.Records) != len(tc.in.Records) || *out.FailedRecordCount != 0 {
					t.Errorf("%d results, %d failed, want %d and 0", len(out.Records), *out.FailedRecordCount, len(tc.in.Records))
				}
			})
		}
	},
		kinesistest.Stream("a", 3),
		kinesistest.Stream("b", 1),
		kinesistest.Stream("large", 1, kinesistest.MaxRecordSize(2*kib)),
		kinesistest.Stream("largest", 1, kinesistest.MaxRecordSize(10*kib)),
		kinesistest.Stream("creating", 1, kinesistest.Status(types.StreamStatusCreating)),
		kinesistest.Stream("deleting", 1, kinesistest.Status(types.StreamStatusDeleting)),
		kinesistest.Stream("updating", 1, kinesistest.Status(types.StreamStatusUpdating)),
	)
}

// A call that is refused stores nothing, whatever was good in it.
func TestRefusedCallStoresNothing(t *testing.T) {
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		_, err := c.PutRecords(context.Background(), put("a", "good", ""))
		wantError(t, err, "ValidationException", "records.2")
		dry := put("a", "good")
		dry.DryRun = aws.Bool(true)
		_, err = c.PutRecords(context.Background(), dry)
		wantError(t, err, "DryRunOperationException", "")
		if n := stored(s, "a"); n != 0 {
			t.Errorf("%d records stored, want none", n)
		}
		dry.StreamName = aws.String("nowhere")
		_, err = c.PutRecords(context.Background(), dry)
		wantError(t, err, "ResourceNotFoundException", "nowhere")
	}, kinesistest.Stream("a", 1))
}

func TestPutRecordLimits(t *testing.T) {
	bothDoors(t, func(t *testing.T, s *kinesistest.Server, c client) {
		single := func(key string, size int, hash, ordering *string, dry bool) (*kinesis.PutRecordOutput, error) {
			return c.PutRecord(context.Background(), &kinesis.PutRecordInput{
				StreamName: aws.String("a"), PartitionKey: &key, Data: bytes.Repeat([]byte("x"), size),
				ExplicitHashKey: hash, SequenceNumberForOrdering: ordering, DryRun: &dry,
			})
		}
		out := must[*kinesis.PutRecordOutput](t)(single("k", mib-1, nil, nil, false))
		if *out.ShardId != "shardId-000000000001" || len(*out.SequenceNumber) != 56 {
			t.Errorf("%s %s", *out.ShardId, *out.SequenceNumber)
		}
		must[*kinesis.PutRecordOutput](t)(single("k", 1, nil, out.SequenceNumber, false))
		_, err := single("k", mib, nil, nil, false)
		wantError(t, err, "ValidationException", "Value at 'data' failed")
		_, err = single("", 1, nil, nil, false)
		wantError(t, err, "ValidationException", "'partitionKey'")
		_, err = single("k", 1, aws.String(overHash), nil, false)
		wantError(t, err, "InvalidArgumentException", overHash)
		_, err = single("k", 1, nil, aws.String("x"), false)
		wantError(t, err, "ValidationException", "'sequenceNumberForOrdering'")
		_, err = single("k", 1, nil, aws.String(strings.Repeat("9", 100)), false)
		wantError(t, err, "InvalidArgumentException", "ExclusiveMinimumSequenceNumber")
		_, err = single("k", 1, nil, nil, true)
		wantError(t, err, "DryRunOperationException", "")
		if n := stored(s, "a"); n != 2 {
			t.Errorf("%d records stored, want 2", n)
		}
	}, kinesistest.Stream("a", 2))
}

// What the SDK refuses to send, the direct client refuses in the same words.
func TestMissingMembers(t *testing.T) {
	texts := map[string]string{}
	eachDoor(t, func(t *testing.T, s *kinesistest.Server, c client) {
		for name, in := range map[string]*kinesis.PutRecordsInput{
			"records": {StreamName: aws.String("a")},
			"data":    {StreamName: aws.String("a"), Records: []types.PutRecordsRequestEntry{{PartitionKey: aws.String("k")}}},
		} {
			_, err := c.PutRecords(context.Background(), in)
			if err == nil {
				t.Fatalf("no error without %s", name)
			}
			if text, ok := texts[name]; ok && text != err.Error() {
				t.Errorf("%q at one door, %q at the other", text, err)
			}
			texts[name] = err.Error()
		}
		cancelled, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := c.PutRecords(cancelled, put("a", "k")); err == nil || !strings.Contains(err.Error(), "context canceled") {
			t.Errorf("error %v, want one that says: context canceled", err)
		}
		if len(s.Calls()) != 0 {
			t.Errorf("calls %+v, want none", s.Calls())
		}
	}, kinesistest.Stream("a", 1))
}
