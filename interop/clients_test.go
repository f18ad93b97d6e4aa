package interop

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kinecast/kinecast/kinesistest"
)

// sdk is a client of another language: a program that uses a stream in the steps of README.md and says what it saw.
type sdk struct {
	name    string
	command func(t *testing.T, endpoint, stream, certificate string) []string
	via     string // how its calls come unless it is told otherwise, as Server.Calls says it
}

// sdks returns those that are installed.
func sdks() []sdk {
	all := []sdk{{"SDK for JavaScript", func(t *testing.T, endpoint, stream, _ string) []string {
		return []string{"node", filepath.Join(abs(t, "node"), "client.js"), endpoint, stream}
	}, "HTTP/2.0 JSON"}}
	if python != "" {
		all = append(all, sdk{"boto3", func(t *testing.T, endpoint, stream, certificate string) []string {
			return []string{python, filepath.Join(abs(t, "python"), "client.py"), endpoint, stream, certificate}
		}, "HTTP/1.1 JSON"})
	}
	if javaClasses != "" {
		all = append(all, sdk{"SDK for Java", func(_ *testing.T, endpoint, stream, certificate string) []string {
			return []string{"java", "-cp", javaClasses, "SdkClient", endpoint, stream, certificate}
		}, "HTTP/2.0 CBOR"})
	}
	return all
}

// every is one byte of each value.
var every = func() (all []byte) {
	for i := range 256 {
		all = append(all, byte(i))
	}
	return all
}()

// seen is what each client has to say. The middle of the key space parts the two shards; the MD5 of Zürich is below it.
var seen = []string{
	"created ACTIVE 2 now",
	"put 1 0 0 1 ProvisionedThroughputExceededException",
	"put-one 1 56",
	"missing ResourceNotFoundException",
	"bad-hash ValidationException",
	"shard 0 0 170141183460469231731687303715884105727",
	"shard 1 170141183460469231731687303715884105728 340282366920938463463374607431768211455",
	"read 0 WsO8cmljaA== " + base64.StdEncoding.EncodeToString(every) + " now",
	"read 0 aw==  now",
	"read 1 aw== eA== now",
	"read 1 aw== b25l now",
	"count 2 4",
	"open 2 6 7 8",
	"end 2 2 3",
	"too-many InvalidArgumentException",
	"deleted ResourceNotFoundException",
}

// TestClients has SDKs of other languages use kinesistest, each as it comes: create, put, list, read, reshard, delete, over
// TLS and without. One record is throttled, which they have to see; one call fails, which they have to try again.
func TestClients(t *testing.T) {
	installed(t)
	for _, c := range sdks() {
		t.Run(c.name, func(t *testing.T) {
			t.Run("TLS", func(t *testing.T) { use(t, c, kinesistest.TLS()) })
			t.Run("plain", func(t *testing.T) { use(t, c) })
		})
	}
}

func use(t *testing.T, c sdk, opts ...kinesistest.Option) {
	t.Helper()
	s := kinesistest.New(t, append(opts, kinesistest.Transition(0))...)
	s.Inject(kinesistest.Rule{Key: "refused", Do: kinesistest.RecordError("ProvisionedThroughputExceededException", "Rate exceeded")})
	s.Inject(kinesistest.Rule{On: kinesistest.ListShards, Nth: 1, Do: kinesistest.CallError(500, "InternalFailureException", "try again")})
	certificate := filepath.Join(t.TempDir(), "certificate.pem")
	if err := os.WriteFile(certificate, s.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NODE_EXTRA_CA_CERTS", certificate)
	line := c.command(t, s.URL(), "events", certificate)
	out, err := run(t.Context(), nil, line[0], line[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Split(strings.TrimSpace(string(out)), "\n"); !slices.Equal(got, seen) {
		t.Errorf("it saw\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(seen, "\n"))
	}
	calls := s.Calls()
	for _, call := range calls {
		if call.Via != c.via {
			t.Errorf("%s came by %s, want %s", call.Operation, call.Via, c.via)
			break
		}
	}
	if !slices.ContainsFunc(calls, func(call kinesistest.Call) bool { return call.Operation == kinesistest.ListShards && call.Attempt == 2 }) {
		t.Error("no second attempt of ListShards in the log")
	}
	t.Logf("%d calls by %s", len(calls), c.via)
}

// TestCLI has the AWS CLI use kinesistest.
func TestCLI(t *testing.T) {
	installed(t)
	if python == "" {
		t.Skip("make interop-full installs the AWS CLI")
	}
	s := kinesistest.New(t, kinesistest.Transition(0))
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDINTEROP", "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_DEFAULT_REGION": "us-east-1", "AWS_PAGER": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	cli := func(args string, more ...string) string {
		t.Helper()
		words := append(strings.Fields("-m awscli --endpoint-url "+s.URL()+" --output text kinesis "+args), more...)
		out, err := run(t.Context(), nil, python, words...)
		if err != nil {
			t.Fatalf("%s: %v", args, err)
		}
		return strings.Join(strings.Fields(string(out)), " ")
	}
	iterator := func(shard int) string {
		return cli(fmt.Sprintf("get-shard-iterator --stream-name events --shard-id shardId-%012d --shard-iterator-type TRIM_HORIZON", shard))
	}
	for _, step := range []struct{ args, want string }{
		{"create-stream --stream-name events --shard-count 2", ""},
		{"wait stream-exists --stream-name events", ""},
		{"list-streams --query StreamNames", "events"},
		{"put-record --stream-name events --partition-key k --data aGVsbG8= --explicit-hash-key 0 --query ShardId", "shardId-000000000000"},
		{"put-records --stream-name events --records Data=aGk=,PartitionKey=k --query FailedRecordCount", "0"},
		{"list-shards --stream-name events --query Shards[].ShardId", "shardId-000000000000 shardId-000000000001"},
		{"get-records --shard-iterator ITERATOR --query Records[0].PartitionKey", "k"},
		{"split-shard --stream-name events --shard-to-split shardId-000000000000 --new-starting-hash-key 42", ""},
		{"update-shard-count --stream-name events --target-shard-count 4 --scaling-type UNIFORM_SCALING --query TargetShardCount", "4"},
		{"describe-stream-summary --stream-name events --query StreamDescriptionSummary.OpenShardCount", "4"},
		{"delete-stream --stream-name events", ""},
		{"list-streams --query StreamNames", ""},
	} {
		if strings.Contains(step.args, "ITERATOR") {
			step.args = strings.ReplaceAll(step.args, "ITERATOR", iterator(0))
		}
		if got := cli(step.args); got != step.want {
			t.Errorf("aws kinesis %s: %q, want %q", step.args, got, step.want)
		}
	}
}
