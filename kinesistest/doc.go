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
// docs/kinesistest.md shows more, step by step.
//
// # Two doors, one core
//
//	any AWS SDK, CLI, language                       Go
//	        │ HTTP/1.1, HTTP/2; JSON, CBOR           │ function calls
//	        ▼                                        ▼
//	┌───────────────────┐                  ┌───────────────────┐
//	│ Server.URL        │                  │ Server.Client     │
//	│ Server.ServeHTTP  │                  │ the SDK's methods │
//	└─────────┬─────────┘                  └─────────┬─────────┘
//	          └──────────────┐        ┌──────────────┘
//	                         ▼        ▼
//	   Intercept, Inject ─▶ checks ─▶ streams, shards, records ─▶ log (Calls)
//	                                 ▲                 │
//	    Split, Merge, UpdateShardCount, Step,          ▼
//	    Throttle, Rewrite, Clock               Records, Consume, Want
//
// The HTTP door is opened by [Server.URL], on a free port of the loopback interface. Give the
// URL to an SDK as its endpoint. It speaks awsJson 1.1 and, as the SDK for Java does, CBOR;
// with [TLS] also HTTP/2. Any credentials will do, unless [AccessKeys] names the ones that are
// accepted; signatures are not verified.
//
// The direct door, [Server.Client], has the methods of *kinesis.Client, and gives the same
// answers and the same error values. It starts no goroutine, and no timer but where a fault
// waits, so it works inside a testing/synctest bubble, where streams, tokens and iterators age
// in virtual time. It is also several times cheaper.
//
// # What can be done to it
//
//   - Shards: [Server.Split], [Server.Merge] and [Server.UpdateShardCount] do what clients can
//     do, and say whether children open at once, late, or when the test takes the next
//     [Server.Step]. Puts never fail meanwhile; they go to the shard that is open.
//   - Growth: with [AutoScale] on-demand streams split their hot shards under load, by the clock.
//   - Throughput: [Throttled] and [Server.Throttle] limit what shards take, [CallLimits] how
//     often they may be listed. Refused records use up nothing.
//   - Faults: a [Rule] says when, a [Fault] says what; [Server.Intercept] does everything else.
//   - Time: [Clock] sets the service's.
//   - Death: a server with a [Journal] goes on where a killed one ended.
//
// # What it does not do
//
// There is no encryption, no consumer with fan-out, no tag and no policy. Records are kept as
// long as the server is, unless [Keep] says otherwise.
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
