package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kinecast/kinecast"
)

// A record is its number. Caller c of n puts the numbers c, c+n, c+2n …, each under one of its own keys, so within a key numbers
// rise in the order of the puts.
const (
	keysEach = 500
	dataSize = 32
)

func keyOf(id uint64, callers int) uint64 {
	return id%uint64(callers)*keysEach + id/uint64(callers)%keysEach
}

// ending is a line of the results: how one record ended.
type ending struct {
	id     uint64
	how    byte
	placed uint32 // a digest of the place, if it was acknowledged
}

const (
	acknowledged byte = 1 << iota
	failed
	ambiguous // an attempt may have written it although no answer said so

	endingSize = 13
)

func (e ending) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, e.id)
	dst = append(dst, e.how)
	return binary.LittleEndian.AppendUint32(dst, e.placed)
}

func readEnding(b []byte) ending {
	return ending{binary.LittleEndian.Uint64(b), b[8], binary.LittleEndian.Uint32(b[9:])}
}

// digest stands for a place.
func digest(shard, sequence string, position int) uint32 {
	h := fnv.New32a()
	_, _ = io.WriteString(h, shard+"/"+sequence+"/"+strconv.Itoa(position))
	return h.Sum32()
}

// produce is the producer's process.
func produce(ctx context.Context, set settings, _ io.Writer) (err error) {
	file, err := os.Create(set.results)
	if err != nil {
		return err
	}
	results := bufio.NewWriterSize(file, 1<<20)
	var line []byte
	p, err := kinecast.New(newClient(set.url, transport(set.certificate, 24)), kinecast.Config[uint64]{
		DefaultStream: stream,
		Serializer: kinecast.SerializerFunc[uint64](func(dst []byte, id uint64) ([]byte, error) {
			dst = binary.LittleEndian.AppendUint64(dst, id)
			return append(dst, make([]byte, dataSize-8)...), nil
		}),
		Partitioner: kinecast.PartitionerFunc[uint64](func(id uint64, at *kinecast.Placement) error {
			at.Key = strconv.AppendUint(append(at.Key, "key-"...), keyOf(id, set.callers), 10)
			return nil
		}),
		Ordering: ordering(set.ordered), ErrorMode: kinecast.LogAndContinue,
		RecordTTL: set.ttl, RequestTimeout: time.Second,
		OnResult: func(d kinecast.Delivery[uint64]) { // one at a time
			e := ending{id: d.Value, how: acknowledged}
			if d.Err != nil {
				e.how = failed
			} else {
				e.placed = digest(d.Result.ShardID, d.Result.SequenceNumber, d.Result.Position)
			}
			if d.Result.Attempts.MaybeWritten() || d.Result.MaybeWritten {
				e.how |= ambiguous
			}
			line = e.append(line[:0])
			_, _ = results.Write(line) // Flush tells
		},
	})
	if err != nil {
		return err
	}
	done := make(chan struct{})
	go litter(done)
	put := putAll(ctx, set, p)
	closed := p.Close(ctx)
	close(done)
	if err := errors.Join(closed, results.Flush(), file.Close()); err != nil {
		return err
	}
	return os.WriteFile(set.results+".txt", fmt.Appendf(nil, "%d %d", put, peak()), 0o600)
}

func ordering(keep bool) kinecast.Ordering {
	if keep {
		return kinecast.PerKey
	}
	return kinecast.Unordered
}

// putAll puts all records and counts those that were admitted.
func putAll(ctx context.Context, set settings, p *kinecast.Producer[uint64]) int64 {
	var put atomic.Int64
	var callers sync.WaitGroup
	begin := time.Now()
	for c := range set.callers {
		callers.Go(func() {
			for id := uint64(c); id < uint64(set.records); id += uint64(set.callers) {
				if err := p.Put(ctx, id); err != nil {
					fmt.Fprintln(os.Stderr, "chaos: put:", err)
					return
				}
				put.Add(1)
				if due := time.Duration(float64(set.least) * float64(id) / float64(set.records)); due > time.Since(begin)+time.Millisecond {
					time.Sleep(due - time.Since(begin))
				}
			}
		})
	}
	callers.Wait()
	return put.Load()
}

// litter keeps the garbage collector busy.
func litter(done <-chan struct{}) {
	for ticker := time.NewTicker(20 * time.Millisecond); ; {
		select {
		case <-ticker.C:
			for range 16 {
				garbage := make([]byte, 64<<10)
				litterBin.Store(&garbage)
			}
		case <-done:
			ticker.Stop()
			return
		}
	}
}

var litterBin atomic.Pointer[[]byte] // has garbage made where it is collected

// peak is the most memory that the process has had, in bytes: resident as Linux counts it, else what Go has from the system.
func peak() uint64 {
	text, err := os.ReadFile("/proc/self/status")
	if err == nil {
		for l := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(l, "VmHWM:"); ok {
				kib, err := strconv.ParseUint(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
				if err == nil {
					return kib << 10
				}
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys
}
