// Package kinesistest is an Amazon Kinesis Data Streams in memory, for tests and for programs
// that want to run without an account. It keeps the service's rules and speaks its words:
// exact shard ranges, sequence numbers, limits, states, pages, and the texts of its errors.
// And it can be broken on purpose.
//
//	func TestUpload(t *testing.T) {
//		server := kinesistest.New(t, kinesistest.Stream("events", 4))
//		server.Inject(kinesistest.Rule{Every: 3, Do: kinesistest.RecordError(
//			"ProvisionedThroughputExceededException", "Rate exceeded")})
//
//		upload(server.Client()) // the code under test
//
//		for shard, records := range server.Records("events") {
//			t.Log(shard, len(records))
//		}
//	}
//
// # Two doors, one core
//
//	any AWS SDK, CLI, language                       Go
//	        │ HTTP, awsJson 1.1                      │ function calls
//	        ▼                                        ▼
//	┌───────────────────┐                  ┌───────────────────┐
//	│ Server.URL        │                  │ Server.Client     │
//	│ Server.ServeHTTP  │                  │ the SDK's methods │
//	└─────────┬─────────┘                  └─────────┬─────────┘
//	          └──────────────┐        ┌──────────────┘
//	                         ▼        ▼
//	   faults (Inject) ─▶ checks ─▶ streams, shards, records ─▶ log (Calls)
//	                                 ▲
//	                       Records, Rewrite, Clock
//
// The HTTP door is opened by [Server.URL], on a free port of the loopback interface. Give the
// URL to an SDK as its endpoint. Any credentials will do, unless [AccessKeys] names the ones
// that are accepted; signatures are not verified.
//
// The direct door, [Server.Client], has the methods of *kinesis.Client, and gives the same
// answers and the same error values. It starts no goroutine and no timer, so it works inside
// a testing/synctest bubble, where streams, tokens and iterators age in virtual time. It is
// also several times cheaper.
//
// # What it does
//
// CreateStream, DeleteStream, DescribeStream, DescribeStreamSummary, ListStreams, ListShards,
// PutRecord, PutRecords, GetShardIterator and GetRecords. There is no resharding, no
// throttling but what is injected, no encryption, no consumers with fan-out, and of protocols
// only JSON. Records are kept as long as the server is: there is no retention period that
// would remove them, so a program that writes without end needs memory without end.
//
// Where the wording of an error is not known from the service or from its documentation, it
// is this package's own, under the service's code.
//
// # Plain HTTP and the SDK for Go
//
// The SDK for Go has a fault that shows on plain HTTP with fast servers: in about one of a
// hundred PutRecords calls of more than 4 KB it cuts the connection while the answer is read,
// and its default retryer silently sends the records again. Duplicates seen here need not be
// your code's. Turn retries off to see the error, or hide the WriterTo of the request's
// stream in a Build middleware to be rid of it.
package kinesistest
