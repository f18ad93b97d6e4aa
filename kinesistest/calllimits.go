package kinesistest

import "time"

// callLimit is how often a second an operation may be called, from the API reference of the
// operation and the service's page of quotas.
type callLimit struct {
	perSecond float64
	perStream bool // else for the whole account
}

var callLimits = map[Operation]callLimit{
	CreateStream:                           {5, false},
	DeleteStream:                           {5, false},
	DescribeStream:                         {10, false},
	DescribeStreamSummary:                  {20, false},
	ListShards:                             {1000, true},
	ListStreams:                            {5, false},
	MergeShards:                            {5, true},
	SplitShard:                             {5, true},
	UpdateShardCount:                       {10, false},
	UpdateStreamRecordDistributionStrategy: {5, false},
}

// CallLimits has the service's own limits on how often a second the operations about streams
// and shards may be called: 20 DescribeStreamSummary for the account, 1000 ListShards for each
// stream and so on. A call beyond them is answered with LimitExceededException. Without this
// option they may be called at any rate.
func CallLimits() Option {
	return Option{apply: func(s *service) error {
		s.rates = map[rateKey]*bucket{}
		return nil
	}}
}

// rateKey is what a limit is for: an operation, on one stream or, with "", on all of them.
type rateKey struct {
	op     Operation
	stream string
}

// spendCall takes a call from its limit, if there is one, or refuses it.
func (s *service) spendCall(op Operation, stream string) error {
	limit, limited := callLimits[op]
	if s.rates == nil || !limited {
		return nil
	}
	key, whose := rateKey{op: op}, "account "+s.account
	if limit.perStream {
		key.stream, whose = stream, "stream "+stream+" under account "+s.account
	}
	b := s.rates[key]
	if b == nil {
		fresh := newBucket(limit.perSecond, 0, time.Second)
		b = &fresh
		s.rates[key] = b
	}
	if b.fill(s.now()); !b.has(1) {
		return refuse(codeLimitExceeded, "Rate exceeded for %s.", whose)
	}
	b.tokens--
	return nil
}
