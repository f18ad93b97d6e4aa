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
	PutRecord             Operation = "PutRecord"
	PutRecords            Operation = "PutRecords"
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
	PutRecord:             func() request { return new(putRecordRequest) },
	PutRecords:            func() request { return new(putRecordsRequest) },
}

func (op Operation) known() bool { return newRequest[op] != nil }
