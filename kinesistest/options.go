package kinesistest

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// Option is a setting of a server. Their order does not matter.
type Option struct {
	stage optionStage
	apply func(*service) error
}

// optionStage orders options: streams are made with the account, region and clock that the
// others set.
type optionStage uint8

const (
	settings optionStage = iota
	contents
)

// configure applies the options, settings first, and stops at the first that is wrong.
func (s *service) configure(opts []Option) error {
	for _, stage := range []optionStage{settings, contents} {
		if stage == contents && s.journal != nil {
			if err := s.journal.open(s.replay); err != nil {
				return err
			}
		}
		for _, opt := range opts {
			if opt.apply == nil {
				return errors.New("an Option is empty; make options with the functions of this package")
			}
			if opt.stage != stage {
				continue
			}
			if err := opt.apply(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// StreamOption is a setting of one stream that a server starts with.
type StreamOption func(*stream) error

// maxShards is the most shards that a stream may have: the API reference of UpdateShardCount.
const maxShards = 10_000

// Stream gives the server a stream that is ACTIVE from the start, with shards (1 to 10,000)
// that share the key space equally: shard i of n begins at ⌊2^128·i/n⌋ and is called
// shardId-000000000000 and so on.
func Stream(name string, shards int, opts ...StreamOption) Option {
	return Option{stage: contents, apply: func(s *service) error {
		switch {
		case !namePattern.match(name) || len(name) > 128:
			return fmt.Errorf("stream name %q: must be 1 to 128 characters of a-z, A-Z, 0-9, _, . and -", name)
		case shards < 1 || shards > maxShards:
			return fmt.Errorf("stream %s has %d shards: must be 1 to %d", name, shards, maxShards)
		case s.streams[name] != nil && !s.restored[name]:
			return fmt.Errorf("stream %s is given twice", name)
		}
		st := s.streams[name]
		if st == nil {
			st = newStream(name, s.arn(name), shards, s.creation(name))
		}
		for _, opt := range opts {
			if err := opt(st); err != nil {
				return fmt.Errorf("stream %s: %w", name, err)
			}
		}
		s.streams[name], s.created[name] = st, st.created
		delete(s.restored, name)
		s.noteStream(st)
		return nil
	}}
}

// MaxRecordSize sets how large a record, data plus partition key, the stream takes, in KiB:
// 1024 to 10240. Defaults to 1024, as on the service. Clients change it with the operation
// UpdateMaxRecordSize.
func MaxRecordSize(kib int) StreamOption {
	return func(st *stream) error {
		if kib < minMaxRecordKiB || kib > maxMaxRecordKiB {
			return fmt.Errorf("MaxRecordSize(%d): must be %d to %d KiB", kib, minMaxRecordKiB, maxMaxRecordKiB)
		}
		st.maxRecord = kib << 10
		return nil
	}
}

// Status makes a stream that is, and stays, in this state: CREATING, DELETING, UPDATING or
// ACTIVE. Records can be put and read while it is ACTIVE or UPDATING; else the service says
// that there is no such stream.
func Status(status types.StreamStatus) StreamOption {
	return func(st *stream) error {
		if slices.Contains(status.Values(), status) {
			st.status = status
			return nil
		}
		return fmt.Errorf("Status(%q): must be one of %v", status, status.Values())
	}
}

// AccessKeys names the access key ids that the HTTP door accepts; others are answered with
// UnrecognizedClientException. Defaults to any. Signatures are not verified, and the direct
// client needs no key.
func AccessKeys(ids ...string) Option {
	return Option{apply: func(s *service) error {
		s.accepted = map[string]bool{}
		for _, id := range ids {
			if id == "" {
				return errors.New("AccessKeys: an access key id is empty")
			}
			s.accepted[id] = true
		}
		return nil
	}}
}

// Clock is what the service takes the time from, for arrival times, the states of streams
// and the expiry of tokens and iterators; never for the Date header of answers, from which
// an SDK works out its own clock's error. now is called with the server's lock held: it must
// not call the server. Defaults to time.Now.
func Clock(now func() time.Time) Option {
	return Option{apply: func(s *service) error {
		if now == nil {
			return errors.New("Clock(nil): give a function, or leave the option out for time.Now")
		}
		s.clock = now
		return nil
	}}
}

// Account sets the account id, twelve digits. Defaults to "123456789012".
func Account(id string) Option {
	return Option{apply: func(s *service) error {
		if !isAccount(id) {
			return fmt.Errorf("Account(%q): must be twelve digits", id)
		}
		s.account = id
		return nil
	}}
}

// Region sets the region that ARNs name, as "eu-west-1". Defaults to "us-east-1". Clients of
// any region are served.
func Region(name string) Option {
	return Option{apply: func(s *service) error {
		if name == "" || strings.ContainsAny(name, ":/ ") {
			return fmt.Errorf("Region(%q): must be a region's name, as us-east-1", name)
		}
		s.region = name
		return nil
	}}
}

// Transition sets how long a stream is CREATING after CreateStream, DELETING after DeleteStream,
// and UPDATING after a reshard whose children open [AtOnce], by the server's clock. 0 makes all
// of them take effect at once. Defaults to 500 ms.
func Transition(d time.Duration) Option {
	return Option{apply: func(s *service) error {
		if d < 0 {
			return fmt.Errorf("Transition(%v): must not be negative", d)
		}
		s.transition = d
		return nil
	}}
}

// OnDemand makes an on-demand stream: clients cannot change its shards. With the option [AutoScale]
// it scales itself under load; in any case a test can play the service that scales it, with
// [Server.Split], [Server.Merge] and [Server.UpdateShardCount]. Clients change a stream's mode with
// the operation UpdateStreamMode.
func OnDemand() StreamOption {
	return func(st *stream) error {
		st.mode = types.StreamModeOnDemand
		return nil
	}
}

// Listen sets the address of the HTTP door, as "127.0.0.1:4567"; port 0 is any free one.
// Defaults to "127.0.0.1:0". Whoever can reach the address can use the server: there are no
// secrets to keep others out.
func Listen(address string) Option {
	return Option{apply: func(s *service) error {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return fmt.Errorf("Listen(%q): must be HOST:PORT: %w", address, err)
		}
		s.listenAt = address
		return nil
	}}
}
