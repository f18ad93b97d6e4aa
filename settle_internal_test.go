package kinecast

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/kinecast/kinecast/actors"
	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/internal/ledger"
	"github.com/kinecast/kinecast/internal/wire"
	"github.com/kinecast/kinecast/shard"
)

// settling is a stream whose Kinesis records end without ever being sent.
type settling struct {
	*stream

	port *shard.Port
}

func newSettling(cfg settings) settling {
	cfg.limits = shard.Limits{Aggregate: true, MaxCount: 1 << 30, MaxSize: 1 << 20}
	s := &supervisor{cfg: cfg, ledger: ledger.New(1<<30, 1<<30), tree: &actors.Tree{}, figures: figures.New(0, 0), eased: func() {}}
	s.courier = newCourier(slog.New(slog.DiscardHandler), s.settle)
	return settling{newStream(s, "s", wire.Stream{}), shard.NewPort(&cfg.limits, time.Now, func() {})}
}

// stored is the good end of a Kinesis record of so many user records, with or without somebody to tell.
func (s settling) stored(tb testing.TB, users int, reply shard.Reply) *shard.Ended {
	tb.Helper()
	for i := range users {
		e := shard.Entry{Key: fmt.Append(nil, i), Data: make([]byte, 100), Epoch: s.sup.ledger.Enter().Number(), Reply: reply}
		s.sup.ledger.Records.Force(1)
		in := s.port.Append(&e, 1<<20)
		if !in.Taken() {
			tb.Fatalf("%+v", in)
		}
		s.sup.ledger.Bytes.Force(in.Used)
		s.held.enter(in.Used)
	}
	r := s.port.Capture(nil)[0]
	return &shard.Ended{Record: r, Outcome: shard.Outcome{ShardID: "shardId-000000000000", SequenceNumber: "1", Attempts: r.Attempts()}}
}

// BenchmarkSettle is the end of a Kinesis record that was stored, by the user records in it, with nobody to tell, with
// somebody who would hear of a failure, and with somebody who hears of all.
func BenchmarkSettle(b *testing.B) {
	for _, who := range []string{"nobody", "OnFailure", "OnResult"} {
		for _, users := range []int{1, 20, 400} {
			b.Run(fmt.Sprintf("told=%s/users=%d", who, users), func(b *testing.B) {
				s := newSettling(settings{results: who == "OnResult"})
				p := &Producer[int]{}
				var reply shard.Reply
				if who != "nobody" {
					reply = &kept[int]{p: p, stream: &s.name}
				}
				b.ResetTimer()
				for range b.N {
					b.StopTimer()
					e := s.stored(b, users, reply)
					b.StartTimer()
					s.Ended(e)
					s.sup.courier.wait()
				}
				if left := s.sup.ledger.Records.Used() + s.sup.ledger.Bytes.Used() + s.held.outstanding(); left != 0 {
					b.Errorf("%d left", left)
				}
			})
		}
	}
}
