package kinesistest

// Operation is the name of an API operation, as "PutRecords".
type Operation string

// The operations that the server has.
const (
	CreateStream          Operation = "CreateStream"
	DeleteStream          Operation = "DeleteStream"
	DescribeStream        Operation = "DescribeStream"
	DescribeStreamSummary Operation = "DescribeStreamSummary"
	GetRecords            Operation = "GetRecords"
	GetShardIterator      Operation = "GetShardIterator"
	ListShards            Operation = "ListShards"
	ListStreams           Operation = "ListStreams"
	MergeShards           Operation = "MergeShards"
	PutRecord             Operation = "PutRecord"
	PutRecords            Operation = "PutRecords"
	SplitShard            Operation = "SplitShard"
	UpdateMaxRecordSize   Operation = "UpdateMaxRecordSize"
	UpdateShardCount      Operation = "UpdateShardCount"
	UpdateStreamMode      Operation = "UpdateStreamMode"

	UpdateStreamRecordDistributionStrategy Operation = "UpdateStreamRecordDistributionStrategy"
)

// newRequest holds, for each operation there is, an empty request to decode into.
var newRequest = map[Operation]func() request{
	CreateStream:          func() request { return new(createStreamRequest) },
	DeleteStream:          func() request { return new(deleteStreamRequest) },
	DescribeStream:        func() request { return new(describeStreamRequest) },
	DescribeStreamSummary: func() request { return new(describeStreamSummaryRequest) },
	GetRecords:            func() request { return new(getRecordsRequest) },
	GetShardIterator:      func() request { return new(getShardIteratorRequest) },
	ListShards:            func() request { return new(listShardsRequest) },
	ListStreams:           func() request { return new(listStreamsRequest) },
	MergeShards:           func() request { return new(mergeShardsRequest) },
	PutRecord:             func() request { return new(putRecordRequest) },
	PutRecords:            func() request { return new(putRecordsRequest) },
	SplitShard:            func() request { return new(splitShardRequest) },
	UpdateMaxRecordSize:   func() request { return new(updateMaxRecordSizeRequest) },
	UpdateShardCount:      func() request { return new(updateShardCountRequest) },
	UpdateStreamMode:      func() request { return new(updateStreamModeRequest) },

	UpdateStreamRecordDistributionStrategy: func() request { return new(updateDistributionRequest) },
}

func (op Operation) known() bool { return newRequest[op] != nil }
