package kinesistest

import (
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

const (
	// shardQuota is the account's number of shards: the quota of the largest regions.
	shardQuota = 20_000
	// onDemandShards is what a new on-demand stream begins with.
	onDemandShards = 4
	// streamsPerPage bounds ListStreams: its API reference.
	streamsPerPage = 100
	// transitionDefault is how long a stream is CREATING or DELETING unless [Transition] says
	// otherwise. The service takes some seconds.
	transitionDefault = 500 * time.Millisecond
)

type streamMode struct{ StreamMode types.StreamMode }

type createStreamRequest struct {
	StreamName                 string
	ShardCount                 *int
	MaxRecordSizeInKiB         *int
	StreamModeDetails          *streamMode
	RecordDistributionStrategy types.RecordDistributionStrategy
	noStreamYet
}

// noStreamYet is the address of a request that is not about a stream that exists.
type noStreamYet struct{}

func (noStreamYet) address() target                      { return target{} }
func (noStreamYet) touches(*stream, string, string) bool { return false }
func (noStreamYet) volume() (records, bytes int)         { return 0, 0 }

func (r *createStreamRequest) address() target { return target{StreamName: &r.StreamName} }

func (r *createStreamRequest) check() error {
	var c checks
	c.name("streamName", r.StreamName)
	c.between("shardCount", r.ShardCount, 1, 100_000)
	c.between("maxRecordSizeInKiB", r.MaxRecordSizeInKiB, minMaxRecordKiB, maxMaxRecordKiB)
	if m := r.StreamModeDetails; m != nil {
		c.oneOf("streamModeDetails.streamMode", string(m.StreamMode), "PROVISIONED", "ON_DEMAND")
	}
	if d := r.RecordDistributionStrategy; d != "" {
		c.oneOf("recordDistributionStrategy", string(d), "USER_PARTITION_KEY", "AUTO")
	}
	if err := c.err(); err != nil {
		return err
	}
	switch {
	case r.mode() == types.StreamModeProvisioned && r.ShardCount == nil:
		return refuse(codeValidation, "ShardCount is required for streams in PROVISIONED mode.")
	case r.mode() == types.StreamModeOnDemand && r.ShardCount != nil:
		return refuse(codeValidation, "ShardCount must not be given for streams in ON_DEMAND mode.")
	case r.mode() == types.StreamModeProvisioned && r.RecordDistributionStrategy != "":
		return refuse(codeValidation, "RecordDistributionStrategy must not be given for streams in PROVISIONED mode.")
	}
	return nil
}

func (r *createStreamRequest) mode() types.StreamMode {
	if r.StreamModeDetails != nil {
		return r.StreamModeDetails.StreamMode
	}
	return types.StreamModeProvisioned
}

func (r *createStreamRequest) perform(s *service) (any, error) {
	if s.find(r.StreamName) != nil {
		return nil, refuse(codeInUse, "Stream %s under account %s already exists.", r.StreamName, s.account)
	}
	shards := onDemandShards
	if r.ShardCount != nil {
		shards = *r.ShardCount
	}
	if err := s.roomFor(shards); err != nil {
		return nil, err
	}
	st := newStream(r.StreamName, s.arn(r.StreamName), shards, s.creation(r.StreamName))
	st.mode, st.auto = r.mode(), r.RecordDistributionStrategy == types.RecordDistributionStrategyAuto
	if r.MaxRecordSizeInKiB != nil {
		st.maxRecord = *r.MaxRecordSizeInKiB << 10
	}
	s.pass(st, types.StreamStatusCreating)
	s.streams[st.name], s.created[st.name] = st, st.created
	return struct{}{}, nil
}

// creation is the time at which a stream of this name is created: now, but later than the
// stream of the same name before it was, since the time is what tells the two apart.
func (s *service) creation(name string) time.Time {
	now := s.now()
	if before, ok := s.created[name]; ok && !now.After(before) {
		return before.Add(time.Millisecond)
	}
	return now
}

// pass puts a stream into a state that it leaves by itself.
func (s *service) pass(st *stream, status types.StreamStatus) {
	st.status, st.until, st.unfinished = status, s.now().Add(s.transition), nil
	s.noteStream(st)
}

type deleteStreamRequest struct{ target }

func (r *deleteStreamRequest) check() error {
	var c checks
	r.target.check(&c)
	return c.err()
}

func (r *deleteStreamRequest) perform(s *service) (any, error) {
	st, err := s.resolveReady(r.target)
	if err != nil {
		return nil, err
	}
	s.pass(st, types.StreamStatusDeleting)
	return struct{}{}, nil
}

type listStreamsRequest struct {
	ExclusiveStartStreamName string
	Limit                    *int
	NextToken                *string
	noStreamYet
}

type streamSummary struct {
	StreamARN               string
	StreamName              string
	StreamStatus            types.StreamStatus
	StreamCreationTimestamp instant
	StreamModeDetails       streamMode
}

type listStreamsAnswer struct {
	HasMoreStreams  bool
	NextToken       string `json:",omitempty"`
	StreamNames     []string
	StreamSummaries []streamSummary
}

func (r *listStreamsRequest) check() error {
	var c checks
	if r.ExclusiveStartStreamName != "" {
		c.name("exclusiveStartStreamName", r.ExclusiveStartStreamName)
	}
	c.between("limit", r.Limit, 1, 10_000)
	return c.err()
}

func (r *listStreamsRequest) perform(s *service) (any, error) {
	start := r.ExclusiveStartStreamName
	if r.NextToken != nil {
		fields, ok := openToken(*r.NextToken, 2)
		if !ok || fields[0] != "streams" {
			return nil, refuse(codeInvalidArgument, "Invalid NextToken.")
		}
		start = fields[1]
	}
	limit := streamsPerPage
	if r.Limit != nil {
		limit = min(limit, *r.Limit)
	}
	answer := &listStreamsAnswer{StreamNames: []string{}, StreamSummaries: []streamSummary{}}
	for _, name := range slices.Sorted(maps.Keys(s.streams)) {
		st := s.find(name)
		if st == nil || name <= start {
			continue
		}
		if len(answer.StreamNames) == limit {
			answer.HasMoreStreams = true
			answer.NextToken = sealToken("streams", answer.StreamNames[limit-1])
			break
		}
		answer.StreamNames = append(answer.StreamNames, name)
		answer.StreamSummaries = append(answer.StreamSummaries, streamSummary{
			StreamARN:               st.arn,
			StreamName:              name,
			StreamStatus:            st.status,
			StreamCreationTimestamp: instant{st.created},
			StreamModeDetails:       streamMode{st.mode},
		})
	}
	return answer, nil
}
