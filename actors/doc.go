// Package actors holds the protoactor shells of the producer. They are thin: what thinks lives in package shard and is
// called from here; what an actor needs to survive its own death lives outside of it, in [Stream] and in the lanes.
//
//	  caller's parent, or the root of the process-wide actor system
//	     └── guard          decides what a failure of the front means
//	           └── front    control only: streams, lanes, maps; no record passes through it
//	                 ├── shard…       one per open shard: drives its lane after a wake
//	                 ├── collector…   one per stream: starts requests
//	                 ├── refresher…   one per stream: loads maps
//	                 └── sender…      a fixed pool: one PutRecords each
//
//	port.bell ─wake→ shard ─offer→ collector ─send→ sender ─(answers at the ports)─ port.bell
//	                  │  └─refresh→ refresher ─loaded→ front ─remap→ shard
//	                  └── settles what has ended
//
// Mailboxes carry wakes and control, never the only copy of anything: records and answers lie at the ports, offers are
// posted again by whoever starts, so a lost message loses nothing.
//
// Every goroutine, timer and channel belongs to one [Tree] and ends with its Stop; the actor system itself holds none.
//
// There is no compatibility promise for this package: it is a room of the producer, not an API.
package actors
