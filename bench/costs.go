package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strconv"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/bench/internal/far"
	"github.com/kinecast/kinecast/bench/internal/load"
	"github.com/kinecast/kinecast/bench/internal/measure"
	"github.com/kinecast/kinecast/internal/wire"
)

// against names the base of a ratio.
const (
	cpuToFloor = "CPU / floor"
	cpuToTen   = "CPU / CPU at 10 shards"
	// speedToCore has the work of one core as its base, so it says what the others bring.
	speedToCore = "speed / one caller's on one core"
)

// floorTerms measures each term by itself, and all of them.
func floorTerms(ctx context.Context, s *session) error {
	server, err := far.Start(ctx, far.Options{Shards: 1})
	if err != nil {
		return err
	}
	defer server.Close()
	drain, err := server.Drain(ctx)
	if err != nil {
		return err
	}
	defer drain.Close()
	f := newFloor(standard.Size, load.KeySize, drain)
	note := func(name string, do func() int) error {
		s.stepf("floor: %s", name)
		one := func() (int, error) {
			n := 0
			for range 10 {
				n += do()
			}
			return n, nil
		}
		p, err := measure.Clock(measure.CPU).Compare(ctx, measure.Slices, one, one)
		if err != nil {
			return err
		}
		s.add(result{Scenario: "floor", Case: name, What: "CPU", Unit: "ns/record", Figure: p.Work})
		return nil
	}
	for _, t := range terms {
		if err := note(t.name, func() int { t.do(f); return f.records * f.entries }); err != nil {
			return err
		}
	}
	if err := note("all, JSON", func() int { return f.all(false) }); err != nil {
		return err
	}
	return note("all, CBOR", func() int { return f.all(true) })
}

// wireBytes compares ten records of 50 KiB by internal/wire with base64, SHA-256 and a write of as many bytes.
func wireBytes(ctx context.Context, s *session) error {
	server, err := far.Start(ctx, far.Options{Shards: 1})
	if err != nil {
		return err
	}
	defer server.Close()
	drain, err := server.Drain(ctx)
	if err != nil {
		return err
	}
	defer drain.Close()
	client, call := server.Client(), wireCall()
	work := func() (int, error) {
		for range 10 {
			if _, f := wire.PutRecords(ctx, client, wire.Stream{Name: far.Stream}, call); f != nil {
				return 0, f
			}
		}
		return 10 * len(call) * len(call[0].Data), nil
	}
	s.stepf("wire")
	p, err := measure.Clock(measure.CPU).Compare(ctx, measure.Slices, encodeHashWrite(call, drain), work)
	if err != nil {
		return err
	}
	s.add(result{Scenario: "wire", Case: "JSON", What: "CPU / base64 + SHA-256 + write", Unit: "×", Figure: p.Ratio})
	s.add(result{Scenario: "wire", Case: "JSON", What: "CPU", Unit: "ns/byte", Figure: p.Work})
	s.add(result{Scenario: "wire", Case: "JSON", What: "CPU of the base", Unit: "ns/byte", Figure: p.Base})
	return nil
}

func wireCall() []wire.Entry {
	call := make([]wire.Entry, 10)
	for i := range call {
		call[i] = wire.Entry{PartitionKey: []byte("key"), HashKey: []byte("1"), Data: make([]byte, 50<<10)}
		for j := range call[i].Data {
			call[i].Data[j] = byte(i + j*31)
		}
	}
	return call
}

// encodeHashWrite is what wireBytes compares with.
func encodeHashWrite(call []wire.Entry, to net.Conn) measure.Work {
	each := base64.StdEncoding.EncodedLen(len(call[0].Data))
	body := make([]byte, len(call)*each)
	return func() (int, error) {
		for range 10 {
			for i := range call {
				base64.StdEncoding.Encode(body[i*each:], call[i].Data)
			}
			_ = sha256.Sum256(body)
			if _, err := to.Write(body); err != nil {
				return 0, err
			}
		}
		return 10 * len(call) * len(call[0].Data), nil
	}
}

// toFloor measures one case of a producer against the floor.
func toFloor(ctx context.Context, s *session, r result, callers int, spec load.Spec) error {
	cfg := config()
	cbor := r.Case == "CBOR"
	if cbor {
		cfg.Protocol = kinecast.AWSCBOR
	}
	g, err := setUp(ctx, far.Options{Shards: 10}, cfg)
	if err != nil {
		return err
	}
	n := s.sliceOf(spec)
	r.What = cpuToFloor
	err = s.compare(ctx, measure.CPU, r, g.floorWork(spec, n, cbor), puts(ctx, g.producer, spec, callers, n))
	if err == nil {
		err = g.close(ctx)
	}
	return err
}

func endToEnd(ctx context.Context, s *session) error {
	for _, protocol := range []string{"JSON", "CBOR"} {
		if err := toFloor(ctx, s, result{Scenario: "end to end", Case: protocol}, 1, standard); err != nil {
			return err
		}
	}
	return cborToJSON(ctx, s)
}

// cborToJSON compares the two with each other.
func cborToJSON(ctx context.Context, s *session) error {
	shorter := config()
	shorter.Protocol = kinecast.AWSCBOR
	json, err := setUp(ctx, far.Options{Shards: 10}, config())
	if err != nil {
		return err
	}
	cbor, err := setUp(ctx, far.Options{Shards: 10}, shorter)
	if err != nil {
		return err
	}
	n := s.sliceOf(standard)
	pair, err := measure.Clock(measure.CPU).Compare(ctx, measure.Slices,
		puts(ctx, json.producer, standard, 1, n), puts(ctx, cbor.producer, standard, 1, n))
	if err != nil {
		return err
	}
	s.add(result{Scenario: "end to end", Case: "CBOR", What: "CPU / CPU in JSON", Unit: "×", Figure: pair.Ratio})
	return errors.Join(json.close(ctx), cbor.close(ctx))
}

func callers(ctx context.Context, s *session) error {
	for _, n := range []int{1, 4, 16} {
		r := result{Scenario: "callers", Case: strconv.Itoa(n), Position: float64(n)}
		if err := toFloor(ctx, s, r, n, standard); err != nil {
			return err
		}
	}
	return nil
}

// sizes goes from 50 B to the largest record that a stream takes of itself, 1 MiB with its key.
func sizes(ctx context.Context, s *session) error {
	for _, size := range []int{50, 100, 1 << 10, 10 << 10, 100 << 10, 1<<20 - load.KeySize} {
		name := fmt.Sprintf("%d B", size)
		if size >= 1<<10 {
			name = fmt.Sprintf("%d KiB", (size+load.KeySize)>>10)
		}
		r := result{Scenario: "sizes", Case: name, Position: float64(size)}
		if err := toFloor(ctx, s, r, 1, load.Spec{Size: size}); err != nil {
			return err
		}
	}
	return nil
}

func keys(ctx context.Context, s *session) error {
	for _, c := range []struct {
		name string
		spec load.Spec
	}{
		{"1", load.Spec{Keys: 1}},
		{"100", load.Spec{Keys: 100}},
		{"10,000", load.Spec{Keys: 10_000}},
		{"1,000,000", load.Spec{Keys: 1_000_000}},
		{"1,000,000, Zipf 1.1", load.Spec{Keys: 1_000_000, Zipf: 1.1}},
		{"each its own", load.Spec{}},
	} {
		c.spec.Size = standard.Size
		r := result{Scenario: "keys", Case: c.name, Position: float64(c.spec.Keys)}
		if err := toFloor(ctx, s, r, 1, c.spec); err != nil {
			return err
		}
	}
	return nil
}

// allocations counts what one record takes of the heap, all of the producer's doings included.
func allocations(ctx context.Context, s *session) error {
	g, err := setUp(ctx, far.Options{Shards: 10}, config())
	if err != nil {
		return err
	}
	if err := s.mallocs("end to end", puts(ctx, g.producer, standard, 1, s.sliceOf(standard))); err != nil {
		return err
	}
	if err := g.close(ctx); err != nil {
		return err
	}
	p, end, err := discarding(ctx, 10, config())
	if err != nil {
		return err
	}
	if err := s.mallocs("Put, with a client that discards", puts(ctx, p, standard, 1, s.sliceOf(standard))); err != nil {
		return err
	}
	return end()
}

// mallocs counts heap allocations of slices, after one that fills the pools.
func (s *session) mallocs(name string, work measure.Work) error {
	s.stepf("allocations: %s", name)
	var all []float64
	for i := range 6 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, err := work()
		if err != nil {
			return err
		}
		runtime.ReadMemStats(&after)
		if i > 0 {
			all = append(all, float64(after.Mallocs-before.Mallocs)/float64(n))
		}
	}
	s.add(result{Scenario: "allocations", Case: name, What: "allocations", Unit: "/record", Figure: measure.Of(all)})
	return nil
}

// putAlone is the caller's side alone, where nothing is encoded or sent: what four callers get out of all cores, against one
// caller on one core, and against one caller who has all of them. The second says little where one caller and what goes on
// beside it, the digests and the handing over, fill all cores already.
func putAlone(ctx context.Context, s *session) error {
	p, end, err := discarding(ctx, 16, config())
	if err != nil {
		return err
	}
	n := 4 * s.sliceOf(standard)
	one, four := puts(ctx, p, standard, 1, n), puts(ctx, p, standard, 4, n)
	cores := runtime.GOMAXPROCS(0)
	name := fmt.Sprintf("4 callers on %d cores", cores)
	compare := func(base, what string, with, without measure.Work, clock measure.Clock) error {
		s.stepf("put: %s", base)
		pair, err := clock.Compare(ctx, measure.Slices, with, without)
		if err != nil {
			return err
		}
		s.add(result{Scenario: "put", Case: name, What: what, Unit: "×", Figure: pair.Ratio})
		s.add(result{Scenario: "put", Case: base, What: "time", Unit: "ns/record", Figure: pair.Work})
		return nil
	}
	elapsed := paused{clock: measure.Elapsed}
	if err := compare("1 caller on 1 core", speedToCore, elapsed.onCores(cores, four), elapsed.onCores(1, one), elapsed.read); err != nil {
		return err
	}
	runtime.GOMAXPROCS(cores)
	if err := compare("1 caller on all cores", "speed / one caller's on all cores", four, one, measure.Elapsed); err != nil {
		return err
	}
	// That callers do not hinder each other shows in what a record costs, whatever else the machine does.
	spent := paused{clock: measure.CPU}
	cpu, err := measure.Clock(spent.read).Compare(ctx, measure.Slices, spent.onCores(1, one), spent.onCores(cores, four))
	if err != nil {
		return err
	}
	s.add(result{Scenario: "put", Case: name, What: "CPU / CPU of one caller on one core", Unit: "×", Figure: cpu.Ratio})
	s.add(result{Scenario: "put", Case: name, What: "CPU", Unit: "ns/record", Figure: cpu.Work})
	s.add(result{Scenario: "put", Case: "1 caller on 1 core", What: "CPU", Unit: "ns/record", Figure: cpu.Base})
	runtime.GOMAXPROCS(cores)
	return end()
}

// paused is a clock that stands still while a slice is prepared.
type paused struct {
	clock measure.Clock
	lost  time.Duration
}

func (p *paused) read() time.Duration { return p.clock() - p.lost }

// onCores is work with so many cores for the whole process. The change takes the buffers out of all pools, so the same work
// is done once before it counts.
func (p *paused) onCores(n int, work measure.Work) measure.Work {
	return func() (int, error) {
		start := p.clock()
		runtime.GOMAXPROCS(n)
		_, err := work()
		p.lost += p.clock() - start
		if err != nil {
			return 0, err
		}
		return work()
	}
}

// shards compares streams of 10 to 10,000 shards. Nothing is flushed: aggregates go as they fill, and what has not filled
// stays.
func shards(ctx context.Context, s *session) error {
	patient := config()
	patient.RecordMaxBufferedTime = 10 * time.Minute
	patient.QueueBytes, patient.QueueLimit = 2<<30, 1<<30
	base, err := setUp(ctx, far.Options{Shards: 10}, patient)
	if err != nil {
		return err
	}
	for _, n := range []int{100, 1_000, 10_000} {
		g, err := setUp(ctx, far.Options{Shards: n}, patient)
		if err != nil {
			return err
		}
		slice := 4 * s.sliceOf(standard)
		work := unflushed(ctx, g.producer, slice)
		for range n * 400 / slice { // until aggregates are at all stages of filling
			if _, err := work(); err != nil {
				return err
			}
		}
		r := result{Scenario: "shards", Case: strconv.Itoa(n), What: cpuToTen, Position: float64(n)}
		if err := s.compare(ctx, measure.CPU, r, unflushed(ctx, base.producer, slice), work); err != nil {
			return err
		}
		if err := g.close(ctx); err != nil {
			return err
		}
	}
	return base.close(ctx)
}

// unflushed is a slice of n records that ends when all is still: what is sent has been answered, and the rest waits.
func unflushed(ctx context.Context, p *kinecast.Producer[[]byte], n int) measure.Work {
	source := load.New(standard, 1)
	return func() (int, error) {
		for range n {
			if err := p.Put(ctx, source.Next()); err != nil {
				return 0, err
			}
		}
		const look, still = 5 * time.Millisecond, 6
		for quiet, last := 0, int64(-1); quiet < still; {
			time.Sleep(look)
			if now := p.Stats().UserRecordsPut; now != last {
				quiet, last = 0, now
			} else {
				quiet++
			}
		}
		return n, p.Err()
	}
}
