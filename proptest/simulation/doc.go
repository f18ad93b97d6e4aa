// Package simulation is the deterministic simulation of the producer: its tests put the pure cores (ledger, ports, lanes,
// collector, breaker, table) together on one goroutine, under one clock that is moved by hand, between callers and a model of the
// service that does everything to them that a service, a network and a scheduler can do.
//
//	seed ──▶ plan ──▶ run: one queue of events ──▶ judge ──▶ table of what happened
//	           ▲        │ callers ─▶ ledger, port ◀─ lane ◀─ mailbox      │
//	           │        │ collector ─▶ call ─▶ service ─▶ answers         │ a law is broken
//	           └────────┴──────────── shrink ◀────────────────────────────┘──▶ story
//
// A run follows from its plan: the same seed gives the same run, event by event, on any number of processors. A plan that breaks a
// law is made smaller by leaving out what it does not need, and the smallest one is told as a story.
//
// The laws:
//
//	once         every admitted record ends exactly once, and its end is told once; a refused one never
//	readable     acknowledged means that a KCL reader finds it where its result says, with its own key
//	not written  a failure that says "not written" is true
//	bound        outstanding records and bytes keep within their bounds, at every event
//	flush        a flush ends after all that was put before it
//	back-off     no shard is offered anything before its back-off is over
//	breaker      an endpoint that fails gets one attempt a back-off step
//	time         nothing is sent when its time is over; attempts, when they are used up
//	rest         everything comes to rest, and nothing is left after Close
//	order        per key, no inversion of first copies, ever
//	gap          per key, where failures halt: nothing is acknowledged that waited behind a record that failed
//
// What is simulated are the cores themselves; the shells around them are written anew here in a few lines each, from the same
// description. The whole producer, shells and goroutines included, is tested by the state machine in package proptest.
//
//	go test ./proptest/simulation          the first 2,000 seeds
//	make soak MINUTES=10                   new seeds for ten minutes
package simulation
