package conformance

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// The servers of the table of known differences.
const (
	Kinesistest  = "kinesistest"
	KinesisLocal = "kinesis-local 0.6.2"
	Kinesalite   = "kinesalite 3.3.3"
)

// Servers returns them in the order of the table.
func Servers() []string { return []string{Kinesistest, KinesisLocal, Kinesalite} }

// Difference is what a server answers otherwise than Kinesis Data Streams.
type Difference struct {
	// Answer is the server's, or NotAsked.
	Answer string
	// Reason says why the server answers so, or what a user of it has to mind.
	Reason string
}

// Known is the table of differences: by server, by probe. kinesistest has none.
var Known = map[string]map[string]Difference{
	Kinesistest: {},
	KinesisLocal: {
		"create-bad-name":         {"InvalidArgumentException", refusesOtherwise},
		"create-no-shards":        {"LimitExceededException", refusesOtherwise},
		"describe":                {"PROVISIONED, 3 open shards, no size a record", sizesOfSome},
		"ranges-of-2":             {rangesOneOff, oneOff},
		"place-by-hash-key":       {"0 1 1 1", oneOff},
		"hash-key-negative":       {"InvalidArgumentException", refusesOtherwise},
		"hash-key-text":           {"HTTP 500", "it parses the number without a check"},
		"hash-key-01":             {"InvalidArgumentException", refusesOtherwise},
		"key-empty":               {"InvalidArgumentException", refusesOtherwise},
		"key-of-257-characters":   {"InvalidArgumentException", refusesOtherwise},
		"one-bad-of-three":        {"InvalidArgumentException, 0 stored", refusesOtherwise},
		"put-0-records":           {"0 stored", noRequestLimits},
		"put-501-records":         {"501 stored", noRequestLimits},
		"record-of-1-MiB-and-key": {"1 stored", "it counts the data without the key"},
		"record-over-1-MiB":       {"0 stored, 1 refused: InvalidArgumentException", "it refuses the record instead of the call"},
		"request-over-10-MiB":     {"11 stored", noRequestLimits},
		"bad-iterator":            {"HTTP 500", "it decrypts the iterator without a check"},
		"split-at-the-start":      {ok, "it makes a child of the hash keys 0 to -1"},
		"read-0-records":          {"InvalidArgumentException", refusesOtherwise},
		"split-twice":             {"ResourceInUseException", refusesOtherwise},
		"merge-twice":             {"ResourceInUseException", refusesOtherwise},
		"on-demand":               {"ON_DEMAND, 4 open shards, no size a record", sizesOfSome},
		"update-stream-mode":      {"ON_DEMAND, 2 open shards, no size a record", sizesOfSome},
		"dry-run":                 {"1 stored", noDryRun},
		"record-size-of-11-MiB":   {"InvalidArgumentException", refusesOtherwise},
		"ending-number":           {"below numbers of the shard", "each closed shard ends at 2^63-1, a number of 19 digits"},
	},
	Kinesalite: {
		"describe":                {"no mode, 3 open shards, no size a record", olderThanModes},
		"describe-by-arn":         {"ValidationException", noARN},
		"pages":                   {"8", "it ignores MaxResults"},
		"shards-by-arn":           {"InvalidArgumentException", noARN},
		"bad-token":               {NotAsked, "ListShards with a token and no name ends its process"},
		"put-by-arn":              {"ValidationException", noARN},
		"hash-key-negative":       {"InvalidArgumentException", "it is older than the pattern for hash keys"},
		"hash-key-01":             {"1 stored", "it is older than the pattern for hash keys"},
		"record-of-1-MiB-and-key": {"1 stored", "it counts the data without the key"},
		"request-of-6-MiB":        {"HTTP 413", "it reads at most 7 MiB of JSON, about 5.2 MB of data"},
		"request-over-10-MiB":     {"HTTP 413", "it reads at most 7 MiB of JSON, about 5.2 MB of data"},
		"update-shard-count":      {"UnknownOperationException", olderThanCall},
		"count-over-double":       {"UnknownOperationException", olderThanCall},
		"update-stream-mode":      {"UnknownOperationException", olderThanCall},
		"update-record-size":      {"UnknownOperationException", olderThanCall},

		"shards-after":                 {"2 shards", noFilter},
		"shards-after-nothing":         {"2 shards", noFilter},
		"shards-at-latest-after-split": {"3 shards", noFilter},
		"token-and-name":               {"no token: ok", "it ignores MaxResults"},
		"split-twice":                  {ok, "it splits and merges closed shards, so that shards overlap"},
		"merge-twice":                  {ok, "it splits and merges closed shards, so that shards overlap"},

		"on-demand":               {"ValidationException", olderThanModes},
		"create-with-record-size": {"no mode, 1 open shards, no size a record", olderThanModes},
		"record-of-2-MiB":         {"ValidationException", olderThanModes},
		"record-size-of-11-MiB":   {"no mode, 1 open shards, no size a record", olderThanModes},
		"put-by-foreign-arn":      {"ValidationException", noARN},
		"dry-run":                 {"1 stored", noDryRun},
	},
}

// Reasons that stand more than once.
const (
	refusesOtherwise = "it refuses with another code"
	noRequestLimits  = "it has no limits for a request"
	noARN            = "it is older than StreamARN: streams go by name"
	sizesOfSome      = "it names the size only of streams created with one"
	noDryRun         = "it ignores DryRun, and stores the record"
	noFilter         = "it ignores ShardFilter"
	olderThanCall    = "it is older than the operation"
	olderThanModes   = "it is older than stream modes and record sizes"
	oneOff           = "it divides 2^128-1, not 2^128, among the shards"
)

const rangesOneOff = "0-170141183460469231731687303715884105726 " +
	"170141183460469231731687303715884105727-340282366920938463463374607431768211455"

// Want returns the answer that a server of the table must give to a probe.
func Want(server string, p Probe) string {
	if d, differs := Known[server][p.Name]; differs {
		return d.Answer
	}
	return p.Service
}

// Verdict is one answer of one server.
type Verdict struct {
	// Probe is the question.
	Probe Probe
	// Answer is the server's, Want the known one. A server passes when they are equal for all probes.
	Answer, Want string
}

// Run puts all questions to a server of the table, one after the other, at the base endpoint that client has. It returns the
// verdicts in the order of Probes.
func Run(ctx context.Context, server string, client *kinesis.Client) []Verdict {
	probes := Probes()
	verdicts := make([]Verdict, 0, len(probes))
	for _, p := range probes {
		v := Verdict{Probe: p, Answer: NotAsked, Want: Want(server, p)}
		if v.Want != NotAsked {
			v.Answer = p.Ask(ctx, client)
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}
