package kinesistest

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// shardsPerPage bounds ListShards: its API reference.
const shardsPerPage = 1000

type listShardsRequest struct {
	target
	ExclusiveStartShardId   *string
	MaxResults              *int
	NextToken               *string
	ShardFilter             *shardFilter
	StreamCreationTimestamp *instant
}

// shardFilter chooses shards by when they were open.
type shardFilter struct {
	Type      types.ShardFilterType
	ShardId   *string
	Timestamp *instant
}

type listShardsAnswer struct {
	NextToken string `json:",omitempty"`
	Shards    []shardDescription
}

// address knows the stream of a token, too, so that rules strike every page.
func (r *listShardsRequest) address() target {
	if r.NextToken != nil {
		if f, ok := openToken(*r.NextToken, listingFields); ok {
			return target{StreamName: &f[2]}
		}
	}
	return r.target
}

func (r *listShardsRequest) check() error {
	var c checks
	r.target.check(&c)
	if r.ExclusiveStartShardId != nil {
		c.name("exclusiveStartShardId", *r.ExclusiveStartShardId)
	}
	c.between("maxResults", r.MaxResults, 1, 10_000)
	if r.NextToken != nil {
		c.length("nextToken", *r.NextToken, 1<<20)
	}
	if r.ShardFilter != nil {
		r.ShardFilter.check(&c)
	}
	if err := c.err(); err != nil {
		return err
	}
	named := r.StreamName != nil || r.StreamARN != nil
	switch {
	case !named && r.NextToken == nil:
		return refuse(codeInvalidArgument, "Either NextToken or StreamName should be provided.")
	case named && r.NextToken != nil:
		return refuse(codeInvalidArgument, "NextToken and StreamName cannot be provided together.")
	case r.NextToken != nil && r.StreamCreationTimestamp != nil:
		return refuse(codeInvalidArgument, "NextToken and StreamCreationTimestamp cannot be provided together.")
	case r.NextToken != nil && (r.ExclusiveStartShardId != nil || r.ShardFilter != nil):
		return refuse(codeInvalidArgument, "NextToken already says which shards to list; "+
			"ExclusiveStartShardId and ShardFilter cannot be provided with it.")
	}
	if r.ShardFilter != nil {
		return r.ShardFilter.complete()
	}
	return nil
}

func (f *shardFilter) check(c *checks) {
	c.notNull("shardFilter.type", f.Type == "")
	if f.Type != "" {
		c.oneOf("shardFilter.type", string(f.Type), "AFTER_SHARD_ID", "AT_TRIM_HORIZON", "FROM_TRIM_HORIZON",
			"AT_LATEST", "AT_TIMESTAMP", "FROM_TIMESTAMP")
	}
	if f.ShardId != nil {
		c.name("shardFilter.shardId", *f.ShardId)
	}
}

// complete checks that the filter has the member that its type needs, and no other.
func (f *shardFilter) complete() error {
	needsID := f.Type == types.ShardFilterTypeAfterShardId
	needsTime := f.Type == types.ShardFilterTypeAtTimestamp || f.Type == types.ShardFilterTypeFromTimestamp
	switch {
	case needsID != (f.ShardId != nil):
		return refuse(codeInvalidArgument, "ShardId must be provided with ShardFilter type AFTER_SHARD_ID and with "+
			"no other; the type is %s.", f.Type)
	case needsTime != (f.Timestamp != nil):
		return refuse(codeInvalidArgument, "Timestamp must be provided with ShardFilter types AT_TIMESTAMP and "+
			"FROM_TIMESTAMP and with no other; the type is %s.", f.Type)
	}
	return nil
}

// listing is what a page continues: which shards of which stream, after which one.
type listing struct {
	st    *stream
	after string // shard id; "" for the beginning
	kind  types.ShardFilterType
	at    time.Time // for filters by time
}

// has reports whether the filter lets a shard pass. Nothing is trimmed from this server, so
// the trim horizon is the stream's creation, and the shards that were open then are those
// without parents. A shard may close and its children open in one and the same millisecond,
// at which all of them were open.
func (l *listing) has(sh *shard) bool {
	closedBefore := sh.isClosed() && sh.closed.Before(l.at)
	switch l.kind {
	case types.ShardFilterTypeAtLatest:
		return !sh.isClosed()
	case types.ShardFilterTypeAtTrimHorizon:
		return len(sh.parents) == 0
	case types.ShardFilterTypeAtTimestamp:
		return !sh.opened.After(l.at) && !closedBefore
	case types.ShardFilterTypeFromTimestamp:
		return !closedBefore
	}
	return true
}

func (r *listShardsRequest) perform(s *service) (any, error) {
	turn := r.begin
	if r.NextToken != nil {
		turn = r.resume
	}
	l, err := turn(s)
	if err != nil {
		return nil, err
	}
	limit := shardsPerPage
	if r.MaxResults != nil {
		limit = min(limit, *r.MaxResults)
	}
	var page []*shard
	answer := new(listShardsAnswer)
	for _, sh := range l.st.after(l.after) {
		if !l.has(sh) {
			continue
		}
		if len(page) == limit {
			l.after = page[limit-1].id
			answer.NextToken = l.token(s.now())
			break
		}
		page = append(page, sh)
	}
	answer.Shards = describeShards(page)
	return answer, nil
}

// begin is the first page.
func (r *listShardsRequest) begin(s *service) (listing, error) {
	st, err := s.resolveReady(r.target)
	if err != nil {
		return listing{}, err
	}
	if c := r.StreamCreationTimestamp; c != nil && !c.Equal(st.created) {
		return listing{}, refuse(codeNotFound, "Stream %s under account %s created at %s not found.",
			st.name, s.account, c.Format(time.RFC3339Nano))
	}
	l := listing{st: st}
	if r.ExclusiveStartShardId != nil {
		l.after = *r.ExclusiveStartShardId
	}
	if f := r.ShardFilter; f != nil {
		l.kind = f.Type
		if f.ShardId != nil {
			l.after = max(l.after, *f.ShardId)
		}
		if f.Timestamp != nil {
			l.at = f.Timestamp.Time
		}
	}
	return l, nil
}

// listingFields is how many fields the token of a listing has.
const listingFields = 7

func (l *listing) token(now time.Time) string {
	return sealToken("shards", millis(now), l.st.name, millis(l.st.created), l.after, string(l.kind), millis(l.at))
}

// resume is a page after the first. It shows the shards as they are now, which may have
// changed since the page before.
func (r *listShardsRequest) resume(s *service) (listing, error) {
	f, ok := openToken(*r.NextToken, listingFields)
	if !ok || f[0] != "shards" {
		return listing{}, refuse(codeInvalidArgument, "Invalid NextToken.")
	}
	if age := s.now().Sub(fromMillis(f[1])); age > tokenLife {
		return listing{}, refuse(codeExpiredToken, "NextToken has expired: it was given %d milliseconds ago, "+
			"and is good for %d milliseconds.", age.Milliseconds(), tokenLife.Milliseconds())
	}
	st, err := s.resolveReady(target{StreamName: &f[2]})
	if err == nil && !st.created.Equal(fromMillis(f[3])) {
		err = noStream(st.name, s.account) // it was deleted, and created again
	}
	return listing{st: st, after: f[4], kind: types.ShardFilterType(f[5]), at: fromMillis(f[6])}, err
}

func millis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// fromMillis reads a time that millis wrote.
func fromMillis(s string) time.Time {
	ms, _ := strconv.ParseInt(s, 10, 64)
	return time.UnixMilli(ms)
}
