package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// session is one run whose flags and input are good: from the first call to the verdict.
type session struct {
	*service
	options  options
	command  *command
	progress progress
	reader   *reader
	from     positions // where each shard stood before
	journal  *journal
	reshards *resharding // nil without -reshard
	delivery delivery
}

// open connects, says what is going to be written where, and brings the stream into a state in which it takes
// records.
func (c *command) open(ctx context.Context, o options, f *feed) (*session, error) {
	service, err := connect(o, c.env, c.tweak)
	if err != nil {
		return nil, err
	}
	s := &session{
		service: service, options: o, command: c,
		progress: progress{to: c.stderr, live: isTerminal(c.stderr), quiet: o.json},
		reader:   &reader{client: service.client, stream: o.stream, pause: c.pause, patience: c.patience},
		journal:  newJournal(f, o.repeat),
	}
	if o.reshard {
		s.reshards = newResharding(s.client, o.stream, s.journal)
	}
	s.announce()
	if err := s.ready(ctx); err != nil {
		s.close()
		return nil, explain(err, s.where, o)
	}
	return s, nil
}

// announce names the target and the amount before the first call. To AWS it is said in every form of output, since
// it costs money.
func (s *session) announce() {
	size := amount(float64(s.journal.feed.size(s.options.repeat)))
	text := fmt.Sprintf("%s, %s, to stream %s on %s", count(len(s.journal.fates), "record"), size, s.options.stream, s.where)
	if s.options.aws {
		fmt.Fprintln(s.command.stderr, text)
		return
	}
	s.progress.say(text)
}

// ready prepares the stream, and notes where its shards stand unless nothing can be in them.
func (s *session) ready(ctx context.Context) error {
	if s.embedded != nil {
		s.reader.patience = 0 // all its records show at once
		return nil
	}
	fresh, now, err := prepare(ctx, s.client, s.options, s.command.pause)
	if err != nil || fresh {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, readBudget(0))
	defer cancel()
	s.from, err = s.reader.before(ctx, now)
	return err
}

// admitted returns how many records Put took.
func (s *session) admitted() (n int) {
	for _, f := range s.journal.fates {
		if f != notPut {
			n++
		}
	}
	return n
}

// send puts everything, and complains about what was refused or failed. The error is why it ended early.
func (s *session) send(ctx context.Context, ttl time.Duration) (err error) {
	j := s.journal
	end := s.progress.step("delivered", "records", len(j.fates), func() int { return int(j.arrived.Load()) })
	s.delivery, err = produce(ctx, s.client, s.options, ttl, j, s.reshards)
	end()
	s.command.complainLines("refused", s.delivery.faults, s.delivery.refused)
	if j.cause != nil {
		s.command.complain(fmt.Errorf("first failure: %w", explain(j.cause, s.where, s.options)))
	}
	if err != nil {
		return explain(err, s.where, s.options)
	}
	return nil
}

// judge reads back what the run wrote and compares it with the journal.
func (s *session) judge(ctx context.Context) (report, error) {
	ctx, cancel := context.WithTimeout(ctx, readBudget(s.journal.bytes))
	defer cancel()
	shards, err := listShards(ctx, s.client, s.options.stream)
	if err != nil {
		return report{}, explain(err, s.where, s.options)
	}
	p := newProof(s.journal, len(shards), s.options.ordered)
	var mutex sync.Mutex
	end := s.progress.step("read back", "records", p.put, func() int {
		mutex.Lock()
		defer mutex.Unlock()
		return p.readBack
	})
	err = s.reader.readBack(ctx, shards, s.from, s.journal.last, func(shard shardInfo, r types.Record) {
		users := consume(shard, r)
		mutex.Lock()
		defer mutex.Unlock()
		for _, user := range users {
			p.observe(user)
		}
	})
	end()
	if err != nil {
		return report{}, fmt.Errorf("nothing is proved: %w", explain(err, s.where, s.options))
	}
	return s.report(shards, p.conclude()), nil
}

// readBudget bounds the reading: a shard gives 2 MiB a second, and half of that is to be had even from one that
// others read too.
func readBudget(bytes int64) time.Duration {
	return 2*time.Minute + time.Duration(bytes>>20)*time.Second
}

func (s *session) report(shards []shardInfo, v verdict) report {
	r := report{
		stream: s.options.stream.String(), where: s.where, exclusive: s.embedded != nil,
		ordered: s.options.ordered, interrupted: s.delivery.interrupted, total: len(s.journal.fates),
		skipped: s.journal.feed.skipped, refused: s.delivery.refused,
		bytes: s.journal.bytes, sent: s.delivery.sent, elapsed: s.delivery.elapsed,
		shards: shards, verdict: v,
	}
	if s.reshards != nil {
		r.reshards = s.reshards.done
	}
	return r
}
