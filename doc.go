// Package kinecast is a typed producer for Amazon Kinesis Data Streams.
//
// You hand a [Producer] values of your own type. It serializes them, picks their shard, packs them into the aggregated
// records of the Kinesis Producer Library, which every KCL consumer reads, sends those with as few PutRecords calls as the
// limits allow, tries again what failed, bounds its memory, and tells you the fate of every single record.
//
// # The journey of one record
//
//	caller's goroutine
//	  Put(ctx, v)
//	    Serializer, Partitioner, TargetStream → data, key, hash key, stream
//	    the ledger gives room, or the caller waits for it
//	    the port of the shard copies the record into the Kinesis record that is filling
//	       │ a wake, only when the port was empty or a record is full
//	       ▼
//	shard actor        says what may be taken, and from when on
//	       │ an offer
//	       ▼
//	collector actor    starts a request when the oldest record is due or enough waits, and fills it from all shards
//	       │ a request
//	       ▼
//	sender             one PutRecords call; each record's answer goes back to its port
//	       │ a wake
//	       ▼
//	shard actor        stored: settle · failed: again, or give up · stored where readers drop it: take apart, send again
//	       ▼
//	callbacks run, the room is free, Flush counts down
//
// # Choosing a verb
//
// [Producer.Put] for throughput: it waits for room only. [Producer.TryPut] where nothing may wait: in callbacks, in actors.
// [Producer.PutSync] when the answer decides what happens next. [Producer.PutAsync] when somebody else waits for it.
// [Producer.Checkpoint] before you commit a position in the source that the records came from; [Producer.Snapshot] where that
// must not wait for the stream.
//
// # What it promises
//
// Each admitted record ends exactly once, in success or in a reported failure. Delivery is at least once: an attempt whose
// answer was lost is repeated, and what may have been written says so ([DeliveryError.MaybeWritten]). A verb that returns
// an error has admitted nothing. Memory stays under [Stats.MemoryBound]. Records of one key keep no order in this version.
//
// # Concurrency
//
// A Producer is safe for concurrent use and works inside testing/synctest bubbles. It starts goroutines for what is under
// way, none per shard and none per record, and none is left when [Producer.Close] has returned.
package kinecast
