package actors

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"github.com/kinecast/kinecast/shard"
)

// control is embedded by every message: none of them is worth a line in the dead letters of a user's actor system, and
// those that name records must never be printed there.
type control struct{}

// IgnoreDeadLetterLogging keeps the message out of the dead-letter log.
func (control) IgnoreDeadLetterLogging() {}

type (
	// wake tells a shard to look at its port.
	wake struct{ control }
	// remap tells a shard that a newer map has been loaded.
	remap struct{ control }
	// offer tells a collector what a port has.
	offer struct {
		control
		shard.Offer
	}
	// look tells a collector that a request has ended, that a sender may be free, that time has passed, or that somebody is in
	// a hurry.
	look struct{ control }
	// send gives a sender its request.
	send struct {
		control
		stream *Stream
		req    *shard.Request
		seat   seat

		// Of its call, under the tree's mutex.
		watch                      *time.Timer
		returned, abandoned, freed bool
	}
	// revive tells a parent to restart a child after its pause. It goes through the parent's mailbox, so that no child is
	// restarted that has been told to stop: it would come back to life with nobody to stop it again.
	revive struct {
		control
		child *actor.PID
	}
	// escalate tells the guard to fail.
	escalate struct {
		control
		reason error
	}
	// forgiven reaches the guard when its parent has let it go on.
	forgiven struct{ control }
	// sweep tells the front to look for records whose time is over.
	sweep struct{ control }
	// refresh asks for a map loaded after the message was sent.
	refresh struct{ control }
	// loaded is a refresher's answer to itself, then to the front.
	loaded struct {
		control
		stream *Stream
		Loaded
	}
	// adopt gives the front a stream.
	adopt struct {
		control
		stream *Stream
	}
	// release asks the front to let a stream go.
	release struct {
		control
		stream *Stream
	}
	// tidy tells the front that records were left to be routed again, or that a retired lane rests.
	tidy struct {
		control
		stream *Stream
	}
)

// Those without content are sent many times and allocated once.
var (
	theWake    = &wake{}
	theRemap   = &remap{}
	theLook    = &look{}
	theRefresh = &refresh{}
	theSweep   = &sweep{}
)
