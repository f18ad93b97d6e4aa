package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/kinecast/kinecast/proptest/kcl"
)

// account is what the producer said, held against what a consumer reads.
type account struct {
	put, acknowledged, failed, maybe int64
	peak                             uint64

	kinesis     int64 // Kinesis records in the stream
	dropped     int64 // of those, what the KCL drops
	read        int64 // user records that a consumer reads, all copies
	lost        int64 // acknowledged, and not read where the result says
	untold      int64 // admitted, and never told of, or told twice
	untrue      int64 // reported as not written, and there
	duplicated  int64 // records that are there more than once
	unexplained int64 // of those, without an ambiguous attempt
	inverted    int64 // read before an earlier one of the same key, first copies
}

// fate is what is kept of a record: how it ended, and what was read.
type fate struct {
	how    byte
	ends   uint8
	copies uint8
	found  bool // where its result says
	placed uint32
}

// reconcile reads the results and the stream.
func reconcile(ctx context.Context, set settings, s *server) (*account, error) {
	a := &account{}
	fates := make([]fate, set.records)
	if err := a.results(set.results, fates); err != nil {
		return nil, err
	}
	if err := a.readBack(ctx, set, s, fates); err != nil {
		return nil, err
	}
	for i := range fates {
		f := &fates[i]
		if f.copies > 1 {
			a.duplicated++
			if f.how&ambiguous == 0 {
				a.unexplained++
			}
		}
		switch {
		case f.ends != 1:
			a.untold++
		case f.how&acknowledged != 0 && !f.found:
			a.lost++
		case f.how == failed && f.copies > 0:
			a.untrue++
		}
	}
	return a, nil
}

// results reads how each record ended.
func (a *account) results(name string, fates []fate) error {
	text, err := os.ReadFile(name + ".txt") //nolint:gosec // our own file
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(string(text), &a.put, &a.peak); err != nil {
		return fmt.Errorf("what the producer has left: %w", err)
	}
	file, err := os.Open(name) //nolint:gosec // our own file
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<20)
	for {
		var line [endingSize]byte
		if _, err := io.ReadFull(in, line[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		e := readEnding(line[:])
		f := &fates[e.id]
		f.how, f.placed = e.how, e.placed
		f.ends++
		switch {
		case e.how&acknowledged != 0:
			a.acknowledged++
		case e.how&ambiguous != 0:
			a.maybe++
		default:
			a.failed++
		}
	}
}

// stored is a line of kinesistest's /records.
type stored struct {
	Shard           string `json:"shard"`
	SequenceNumber  string `json:"sequenceNumber"`
	PartitionKey    string `json:"partitionKey"`
	ExplicitHashKey string `json:"explicitHashKey"`
	Data            []byte `json:"data"`
}

// readBack reads the stream in a consumer's order: parents before their children, each shard by sequence number.
func (a *account) readBack(ctx context.Context, set settings, s *server, fates []fate) error {
	shards, err := shardsOf(ctx, s.client(), false)
	if err != nil {
		return err
	}
	ranges := map[string]kcl.Range{}
	for _, sh := range shards {
		r, err := kcl.ParseRange(aws.ToString(sh.HashKeyRange.StartingHashKey), aws.ToString(sh.HashKeyRange.EndingHashKey))
		if err != nil {
			return err
		}
		ranges[*sh.ShardId] = r
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/records/"+stream, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := (&http.Client{Transport: transport(s.certificate, 1)}).Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	newest := make([]uint64, set.callers*keysEach) // of each key: the highest number that was read first, plus one
	for d := json.NewDecoder(answer.Body); d.More(); {
		var line stored
		if err := d.Decode(&line); err != nil {
			return fmt.Errorf("read the stream back: %w", err)
		}
		if err := a.take(line, ranges[line.Shard], set, fates, newest); err != nil {
			return err
		}
	}
	return nil
}

// take takes one Kinesis record apart.
func (a *account) take(line stored, in kcl.Range, set settings, fates []fate, newest []uint64) error {
	a.kinesis++
	users, dropped, err := kcl.Read(kcl.Kinesis{Key: line.PartitionKey, HashKey: line.ExplicitHashKey, Data: line.Data}, in)
	if err != nil {
		return err
	}
	if dropped {
		a.dropped++
	}
	for position, u := range users {
		if len(u.Data) != dataSize {
			return fmt.Errorf("a record of %d bytes, which nobody put", len(u.Data))
		}
		id := binary.LittleEndian.Uint64(u.Data)
		if id >= uint64(len(fates)) || u.Key != fmt.Sprint("key-", keyOf(id, set.callers)) {
			return fmt.Errorf("record %d with key %s, which nobody put", id, u.Key)
		}
		f := &fates[id]
		a.read++
		if f.copies < 255 {
			f.copies++
		}
		f.found = f.found || f.placed == digest(line.Shard, line.SequenceNumber, position)
		if f.copies > 1 || f.how&acknowledged == 0 {
			continue // order is that of first copies of what was acknowledged
		}
		if last := &newest[keyOf(id, set.callers)]; *last > id+1 {
			a.inverted++
		} else {
			*last = id + 1
		}
	}
	return nil
}

// kept says whether the promises were.
func (a *account) kept(ordered bool) bool {
	return a.lost == 0 && a.untold == 0 && a.untrue == 0 && a.unexplained == 0 && (!ordered || a.inverted == 0) && a.acknowledged > 0
}

// write writes the table.
func (a *account) write(out io.Writer, set settings, s *storm, took time.Duration) {
	fmt.Fprintf(out, "seed %d, ordered %t: %d server processes killed (%d outages beyond RecordTTL), %d stops, %d splits, %d merges\n\n",
		set.seed, set.ordered, s.kills, s.outages, s.stops, s.splits, s.merges)
	row := func(name string, value any, note string) { fmt.Fprintf(out, "%-28s %14v  %s\n", name, value, note) }
	row("put", a.put, "user records")
	row("acknowledged", a.acknowledged, "")
	row("reported failed", a.failed, "not written")
	row("maybe written", a.maybe, "reported failed, and said so")
	row("read back", a.read, fmt.Sprintf("from %d Kinesis records, of which readers drop %d", a.kinesis, a.dropped))
	row("lost", a.lost, "must be 0: acknowledged, and not where the result says")
	row("not told, or told twice", a.untold, "must be 0")
	row("untruly not written", a.untrue, "must be 0")
	row("duplicated", a.duplicated, fmt.Sprintf("%d without an ambiguous attempt, must be 0", a.unexplained))
	inverted := "no order was asked for"
	if set.ordered {
		inverted = "must be 0: first copies"
	}
	row("inverted", a.inverted, inverted)
	row("peak memory", fmt.Sprintf("%d MiB", a.peak>>20), "of the producer's process, resident")
	row("time", took.Round(time.Millisecond), fmt.Sprintf("%.0f records a second", float64(a.put)/took.Seconds()))
}
