// Package wire makes one call to Kinesis through the AWS SDK and says what came of it, as facts.
//
//	entries ──▶ PutRecords ──▶ *kinesis.Client ──▶ network
//	               │                │
//	               │                └─ transit, innermost in the SDK's stack: hides io.WriterTo from the body (the cure),
//	               │                   bounds the answer, and notes how far the call got
//	               ▼
//	   one Answer for each entry        the call was answered, and the answer makes sense
//	   or one *Failure                  everything else: Code, Status, and might it have been written?
//
// It decides nothing. Whether a failure is retried, which class it has and what it costs is the caller's policy; here is
// only what the policy needs to know, and two things that no caller could find out alone:
//
//   - An answer is believed only when it fits the question. The SDK reports success for an empty 200, for a 200 from a
//     proxy's "{}" and for too few results; here these are failures. FailedRecordCount is never looked at.
//   - Failure.Sent is a measurement where the client lets us measure: net/http tells when it began to write. Nothing is
//     inferred from error texts.
//
// The SDK's own retries are off for PutRecords, since a repeated call writes its records twice and tells nobody. They
// stay on for ListShards and Describe, which change nothing.
//
// All functions may be called from any number of goroutines. They block until the client answers or ctx ends, start no
// goroutine, and keep nothing after they return. A client that panics panics through them.
package wire
