// Package wire makes one call to Kinesis through the AWS SDK and says what came of it, as facts.
//
//	entries ──▶ PutRecords ──▶ *kinesis.Client ──────────────────────────────▶ network
//	               │             │ middlewares, endpoint, credentials, signature: all the SDK's own
//	               │             │
//	               │             ├─ seam, where the SDK asks its protocol: our body for the request, out of the buffers of
//	               │             │  the aggregates; our scanner for a 200. Errors of the service the SDK reads itself
//	               │             │
//	               │             ├─ presign, before the signature: the body's SHA-256, made while it was written
//	               │             │
//	               │             └─ transit, innermost: hides io.WriterTo from the body (the cure), bounds the answer, and
//	               │                notes how far the call got
//	               ▼
//	   one Answer for each entry        the call was answered, and the answer makes sense
//	   or one *Failure                  everything else: Code, Status, and might it have been written?
//
// The seam and presign are the shortcut, and only of PutRecords by a *kinesis.Client that speaks awsJson1_1. All other
// clients get ordinary records, and so does one whose owner chose another protocol:
//
//	entry ─▶ compose ─▶ requestBody ─▶ HTTP client      bytes of the buffers leave by Read alone, under a mutex
//	            │            │
//	            ▼            ▼ PutRecords returns: no more bytes for anybody
//	         pool ◀──────────┘
//
// In base64 all of a body is in buffers from the pool. In CBOR long data stays where it is, in the entries' own.
//
// What is written in JSON is byte for byte what the SDK would write, and so is the signature; the results are read as the SDK reads
// them. That is held by tests and fuzzing against the SDK itself. What it saves are the SDK's growing buffers, its copy of the
// finished body and a second reading for the hash.
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
