// Package proptest holds the laws of kinecast as rapid properties. [Laws] runs those that a user's own type, serializer and
// partitioner must obey; the tests of this package run the rest, up to the whole producer under faults.
//
// # The laws of a user's type
//
// A [kinecast.Config] brings code of the user's into the producer, which calls it from many goroutines with buffers that it
// uses again. Most mistakes in such code pass every ordinary test, and lose or garble records under load:
//
//	law          what it asks of a drawn value                                    what breaks without it
//	keys         a stream, a key of 1 to 256 characters, the same one each time   the record is refused, or its order is lost
//	             where the order depends on it
//	buffers      its bytes decode to an equal value; what is appended to dst      a record holds bytes of another one
//	             and at.Key is not kept, and lies in nobody else's memory
//	concurrency  many calls at a time answer as one does alone                    the same, under load only
//	delivery     through a producer into a stream: it arrives exactly once, at    consumers do not see what was put
//	             the place that its Result names, with its key, hash key and value
//
// They are asked in this order, and the first that is broken ends the test, since those behind it would only say the same in a
// more complicated way. rapid finds a smallest value that breaks it; the text says what is wrong, with which value, and what
// to do.
//
// # The laws of kinecast
//
//	partitioning   find_test.go      Find equals a linear scan
//	               cover_test.go     the ranges of a stream's shards partition the key space
//	               keys_test.go      a key is admitted if it is valid, and arrives as it was given
//	               landing_test.go   an explicit hash key lands where it says
//	               samehash_test.go  different keys with equal hash keys stay different
//	aggregation    inverse_test.go   deaggregate inverts aggregate
//	               sizes_test.go     foretold sizes are exact
//	               limits_test.go    no limit is exceeded, by the records and requests of a whole producer
//	the producer   stress_test.go    every admitted record ends exactly once, whatever happens
//
// The judge of them all is package kcl: the KCL's rules once more, on protobuf's generated code. The last one is a
// state machine (machine_test.go) between its callers' book (book_test.go) and the weather (weather_test.go):
//
//	callers ──▶ producer ──▶ weather ──▶ kinesistest
//	   │           │         faults,        │
//	   ▼           ▼         slow calls     ▼
//	  book ◀── callbacks                 kcl_test.go reads everything back
//	   └──────────── verdict_test.go ───────┘
//
// Below it, package simulation runs the producer's pure cores on one goroutine, where the same seed gives the same run; kcl is the
// judge of both.
//
// How often each property is tried is rapid's flag: go test ./proptest -rapid.checks=10000.
package proptest
