package figures

// Metric is one figure: the values under one name of one stream, one shard, or all of them.
type Metric struct {
	// Name is the KPL's, or for what only Flink's producer has, that one's; see the Name constants of this package.
	Name string
	// Unit is what the values count.
	Unit Unit
	// Kind says how to read them.
	Kind Kind
	// Dimensions say what they are of; none for a figure of the whole producer.
	Dimensions []Dimension
	// Distribution holds them, from the start of the producer.
	Distribution
}

// Dimension is one of the KPL's: "ErrorCode", "StreamName", "ShardId", in this order.
type Dimension struct{ Name, Value string }

// The names of dimensions.
const (
	ErrorCode  = "ErrorCode"
	StreamName = "StreamName"
	ShardID    = "ShardId"
)

// Kind says how a metric is to be read.
type Kind uint8

const (
	// Histogram: each value is a measurement.
	Histogram Kind = iota
	// Counter: Sum has been counted since the start; there is nothing else to it.
	Counter
	// Gauge: Sum is how much there is now.
	Gauge
)

// Unit is what the values of a metric count. The words are CloudWatch's.
type Unit string

// The units in use. The KPL has milliseconds where we have microseconds.
const (
	Count        Unit = "Count"
	Bytes        Unit = "Bytes"
	Microseconds Unit = "Microseconds"
)

// The fifteen metrics of the KPL, in its words; what is counted is noted where it is ours to choose.
const (
	// UserRecordsReceived counts the records admitted.
	UserRecordsReceived = "UserRecordsReceived"
	// UserRecordsPending samples the outstanding records of the stream each time that a request ends.
	UserRecordsPending = "UserRecordsPending"
	// UserRecordsPut has a 1 for each record stored and a 0 for each that failed: its mean is the rate of success.
	UserRecordsPut = "UserRecordsPut"
	// UserRecordsDataPut has the data of the records stored, by Kinesis record.
	UserRecordsDataPut = "UserRecordsDataPut"
	// UserRecordExpired has a 1 for each record that a time limit ended.
	UserRecordExpired = "UserRecordExpired"
	// KinesisRecordsPut has a 1 for each attempt of a Kinesis record that stored it and a 0 for each that did not.
	KinesisRecordsPut = "KinesisRecordsPut"
	// KinesisRecordsDataPut has the data of each Kinesis record stored.
	KinesisRecordsDataPut = "KinesisRecordsDataPut"
	// ErrorsByCode has a 1 for each attempt that failed, by code: the service's, one of package shard, or for the first of
	// more than [MaxCodes] kinds "Other". Other than in the KPL, misplaced records are among them.
	ErrorsByCode = "ErrorsByCode"
	// AllErrors has a 1 for each attempt of a Kinesis record that failed and a 0 for each that did not.
	AllErrors = "AllErrors"
	// RetriesPerRecord has the attempts beyond the first, for each user record.
	RetriesPerRecord = "RetriesPerRecord"
	// BufferingTime has the wait before each attempt of a Kinesis record; see Attempt.Delay.
	BufferingTime = "BufferingTime"
	// RequestTime has the duration of each PutRecords call.
	RequestTime = "RequestTime"
	// UserRecordsPerKinesisRecord has the size of each Kinesis record that ended.
	UserRecordsPerKinesisRecord = "UserRecordsPerKinesisRecord"
	// KinesisRecordsPerPutRecordsRequest and UserRecordsPerPutRecordsRequest have the size of each call.
	KinesisRecordsPerPutRecordsRequest = "KinesisRecordsPerPutRecordsRequest"
	UserRecordsPerPutRecordsRequest    = "UserRecordsPerPutRecordsRequest"
)

// The two metrics of FlinkKinesisProducer, in its words, of the whole producer at every level.
const (
	// BackpressureCycles counts the Puts that had to wait for room.
	BackpressureCycles = "backpressureCycles"
	// OutstandingRecordsCount is the number of records admitted and not ended.
	OutstandingRecordsCount = "outstandingRecordsCount"
)

// figure is an index of what a node keeps. Those of a shard come first.
type figure int

const (
	userPut figure = iota
	userData
	userExpired
	kinesisPut
	kinesisData
	allErrors
	retries
	buffering
	perRecord
	pending
	requestTime
	recordsPerRequest
	usersPerRequest
	ofStreams // how many there are
)

const ofShards = pending // how many of them are a shard's

// known says of each figure what its metric is called and at which level it is kept, as in the KPL.
var known = [ofStreams]struct {
	name  string
	unit  Unit
	level Level
}{
	userPut:           {UserRecordsPut, Count, Summary},
	userData:          {UserRecordsDataPut, Bytes, Detailed},
	userExpired:       {UserRecordExpired, Count, Summary},
	kinesisPut:        {KinesisRecordsPut, Count, Summary},
	kinesisData:       {KinesisRecordsDataPut, Bytes, Detailed},
	allErrors:         {AllErrors, Count, Summary},
	retries:           {RetriesPerRecord, Count, Detailed},
	buffering:         {BufferingTime, Microseconds, Summary},
	perRecord:         {UserRecordsPerKinesisRecord, Count, Detailed},
	pending:           {UserRecordsPending, Count, Detailed},
	requestTime:       {RequestTime, Microseconds, Detailed},
	recordsPerRequest: {KinesisRecordsPerPutRecordsRequest, Count, Detailed},
	usersPerRequest:   {UserRecordsPerPutRecordsRequest, Count, Detailed},
}
