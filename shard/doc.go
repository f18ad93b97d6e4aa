// Package shard is where the producer thinks: which shard a record belongs to, what is sent when, and what an answer
// means. It has no goroutine, no clock and no network: time and answers come in as arguments, effects and requests come
// out as values. Package actors calls it, and nothing in it calls back but a port's bell and clock, a retry policy's
// Backoff, and what a [Table] was given to make lanes and publish routes.
//
// # Facts and machines
//
// Half of the room is values: [HashKey] and [Range] are the key space, [Map] is an immutable picture of a stream's
// shards, [Failure] has a [Class], [RetryPolicy] turns a class into a [Verdict], [Attempts] is a record's history.
//
// The other half are five machines around one [Record], which is one Kinesis record, aggregated or plain:
//
//	callers ──Append──▶ Port ◀──Prepend── Table      Port: one a shard; the only place that is shared, under its mutex
//	                     │ ▲                 ▲       Lane: judges the answers of one shard, offers what may be taken
//	                take │ │ Answer          │       Collector: starts and fills the requests of one stream
//	                     ▼ │                 │       Breaker: keeps requests from an endpoint that refuses them whole
//	       Collector ──Request──▶ (sender)   │       Table: the lanes of a stream, and the way from one map to the next
//	           ▲  ▲                          │
//	           │  └─ Breaker                 │
//	           └──── Offer ── Lane ─ Reroute ┘
//	                            └─ Ended ──▶ (ledger, callbacks)
//
// # The life of a record
//
//	        Append             full, due, other epoch          take
//	(none) ────────▶ filling ────────────────────────▶ sealed ──────▶ in a request
//	                                                    ▲  ▲               │
//	                                       put in front │  │ tried again   │ Answer
//	                                                    │  │               ▼
//	            routed again: moved, or taken apart ────┘  └──────────  judged ─────▶ ended
//	                         ▲                                           │   ▲
//	                         │  the shard has closed, or                 │   │ after the next map
//	                         └─ readers drop what it was stored as ──────┤   │
//	                                                                     └▶ limbo: no map knows
//	                                                                        where it was stored
//
// Drop, Expire and Shut turn what waits into answers, so that it is judged without having been sent.
//
// A record is in exactly one place, and has one owner at a time: the port while it fills or waits there, the request
// that carries it, the lane once its answer has been drained, whoever holds an effect until [Lane.Done]. It ends once. A
// lone user record travels plain. What failed is sent again as it was; only a map that has changed, a stream without a
// map, or readers who dropped it twice take it apart.
//
// # The life of a port
//
//	held ──release──▶ open ──retire──▶ retired
//
// A held port takes records and gives none: before a stream's first map, and in a new shard until what waited in its
// parents stands in front of what it was given itself, and, in order, until nothing of theirs is unresolved. A retired port takes nothing, and the caller routes again; answers
// go on arriving until its lane rests. After Shut a port of any state keeps nothing waiting.
//
// # Who owns what
//
//	a Port        anybody: its mutex guards it, and is held for the copy of one record at most
//	a Lane        one actor at a time, which may die: what was drained and what was decided stay in the lane
//	a Collector   one actor; made anew when the actor is: the ports offer again
//	a Breaker     the same, one after another: what is known of an endpoint outlives them
//	a Table       one actor, the stream's front; its Routes are immutable and read by all callers
//	a Request     the call that it is for
//
// Whatever these do depends on their inputs only, never on the order of a Go map, so a run can be repeated.
//
// # Compatibility
//
// What the root package shows of this one is stable: [HashKey] with its functions, [Class], [Attempt], [Attempts]; and
// [Range]. For the rest there is no compatibility promise: it is a room of the producer, not an API.
package shard
