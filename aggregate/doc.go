// Package aggregate is the record format of the Kinesis Producer Library (KPL):
// many user records in one Kinesis record. [Builder] writes it, [Deaggregate]
// reads it. The package knows bytes only: no stream, no clock, no network.
//
// # The format
//
// An aggregated record is a protobuf message between a magic and a digest:
//
//	F3 89 9A C2 │ message                                  │ MD5 of the message
//	  4 bytes   │                                          │      16 bytes
//	            │
//	            ├─ 0A len key                partition key table, once per key
//	            ├─ 12 len decimal            explicit hash key table
//	            └─ 1A len record             once per user record
//	                      │
//	                      ├─ 08 index        of its partition key, from 0
//	                      ├─ 10 index        of its explicit hash key, if it has one
//	                      └─ 1A len data
//
// len and index are varints: seven bits a byte, lowest first, the high bit set in
// all but the last. The digest is over exactly the message. A record may also have
// tags (22 len tag), which no producer is known to write.
//
// User records with the same key share one entry of the table. Keys are the same
// when their bytes are, whatever they hash to: different keys with one explicit
// hash key, or with one MD5, stay different.
//
// # Writing
//
// A Builder holds the three parts of the message, each in its final bytes:
//
//	keys     0A 03 'f' 'o' 'o' 0A 03 'b' 'a' 'r'  ┐
//	hashes   12 01 '7'                            ├─ AppendTo: magic, the three, MD5
//	records  1A 05 08 00 1A 01 'x'                ┘
//
// So sizes are exact while it fills, which is what limits are compared with, and
// the result is byte for byte what protobuf's deterministic encoding gives. Fit
// foretells size and memory of an append, so that the caller can refuse it, or
// pay for it, before it happens. A record that stayed alone is better sent plain:
// see Lone.
//
// # The KCL's contract
//
// The Kinesis Client Library decides what readers get, and Deaggregate does the
// same (AggregatorUtil of KCL 3.5):
//
//   - Without the magic, with 16 bytes or fewer behind it, with another digest, or
//     with a message that does not parse, the record is plain: one user record,
//     as it is.
//   - Parsing is protobuf's: unknown fields are skipped, tables may stand behind
//     the records, the last of a repeated value counts, index and data are required.
//   - A user record whose index points behind its table, or whose explicit hash key
//     is no number, ends the aggregate there: those in front of it are delivered.
//   - The hash key of each user record is its explicit hash key, else the MD5 of its
//     partition key. If one lies outside of the shard's range, nothing of the
//     aggregate is delivered. The KCL is silent about it; Deaggregate is not.
//   - The data of a user record is never looked into again.
//
// Hence the first duty of a producer: all user records of an aggregate must belong
// to the shard in which it lands.
//
// Deaggregate differs on purpose in three things that no producer means to write.
// An index of 2^32 or more is behind its table; Java keeps its low 32 bits. An
// explicit hash key below 0 or above 2^128-1 is malformed; to the KCL it is a hash
// key outside of every shard. Keys stay the bytes they are; Java replaces what is
// not UTF-8.
package aggregate
