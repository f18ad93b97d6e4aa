package kinecast_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/internal/snapshot"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// left is the snapshot of a producer with v0 … v(n-1) outstanding, none of which was sent.
func left(t testing.TB, n int, change ...func(*config)) []byte {
	t.Helper()
	client, _ := gate(kinesistest.New(t, kinesistest.Stream("s", 4)))
	p := newProducer(t, client, append([]func(*config){func(c *config) { c.RecordMaxBufferedTime = time.Hour }}, change...)...)
	puts(t, p, n)
	snap := snapshotOf(t, p)
	_ = p.Close(ended())
	return snap
}

// What one producer left is delivered by the next one, once, before what is put to it, and its callbacks are told that there
// are bytes and no value.
func TestRestore(t *testing.T) {
	for name, change := range map[string]func(*config){"plain": plain, "aggregated": func(*config) {}} {
		bubble(t, name, func(t *testing.T) {
			snap := left(t, 100)
			srv := kinesistest.New(t, kinesistest.Stream("s", 3))
			told := map[string]bool{}
			p := newProducer(t, srv.Client(), change, restore(snap), func(c *config) {
				c.OnResult = func(d kinecast.Delivery[string]) {
					r := d.Restored
					switch {
					case d.Err != nil || d.Value != "" && r != nil || d.Value == "" && r == nil:
						t.Errorf("told %+v", d)
					case r != nil:
						if told[string(r.Data)] || r.Key != string(r.Data) || r.Explicit || r.MaybeWritten || d.Result.Stream != "s" || d.Result.SequenceNumber == "" {
							t.Errorf("told %+v of %q", d, r.Data)
						}
						told[string(r.Data)] = true
					}
				}
			})
			if s := p.Stats(); s.UserRecordsRestored != 100 || s.UserRecordsReceived != 100 || s.OutstandingRecords != 100 {
				t.Errorf("%+v", s)
			}
			must(t, p.Put(t.Context(), "v100"))
			must(t, p.Checkpoint(t.Context()))
			wantStored(t, srv, "s", 101)
			if len(told) != 100 {
				t.Errorf("%d restored records were told of, want 100", len(told))
			}
		})
	}
}

// A restored record keeps key, hash key, stream and mark, also through a second snapshot.
func TestRestoreKeepsWhatWasSaved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		middle, err := shard.HashKeySlice(1, 2)
		must(t, err)
		srv := kinesistest.New(t, kinesistest.Stream("s", 4), kinesistest.Stream("other", 1))
		client, _ := gate(srv)
		p := newProducer(t, client, func(c *config) {
			c.TargetStream = func(v string) (string, error) {
				if v == "v3" {
					return "other", nil
				}
				return "", nil
			}
			c.Partitioner = kinecast.ByKeyAndHash(func(v string) (string, kinecast.HashKey) { return "Zürich 東京 " + v, middle })
		})
		puts(t, p, 5)
		time.Sleep(time.Second)
		must(t, p.Put(t.Context(), "v5"))
		first := snapshotOf(t, p)
		second := snapshotOf(t, newProducer(t, client, restore(first), func(c *config) { c.RecordMaxBufferedTime = time.Hour }))
		for name, snap := range map[string][]byte{"first": first, "second": second} {
			all := saved(t, snap)
			for i := range 6 {
				v := fmt.Sprint("v", i)
				r := all[v]
				stream := "s"
				if i == 3 {
					stream = "other"
				}
				if r.Stream != stream || string(r.Key) != "Zürich 東京 "+v || !r.Explicit || r.HashKey != middle.Bytes() || r.MaybeWritten != (i < 5) {
					t.Errorf("%s: %s is saved as %+v", name, v, r)
				}
			}
		}
	})
}

// A mark survives in the result of a failure; a record without one is not tarred with it. A failure nobody asked about sticks.
func TestRestoredFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := kinesistest.New(t, kinesistest.Stream("s", 1))
		client, _ := gate(srv)
		old := newProducer(t, client)
		puts(t, old, 3)
		time.Sleep(time.Second)
		must(t, old.Put(t.Context(), "v3"))
		snap := snapshotOf(t, old)

		srv.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.RecordError("AccessDeniedException", "no")})
		failed := map[string]bool{}
		p := newProducer(t, srv.Client(), restore(snap), func(c *config) {
			c.OnFailure = func(d kinecast.Delivery[string]) {
				failed[string(d.Restored.Data)] = d.Result.MaybeWritten
				if wantDelivery(t, d.Err).MaybeWritten != d.Result.MaybeWritten {
					t.Errorf("%q: %+v", d.Restored.Data, d)
				}
			}
		})
		must(t, p.Flush(t.Context()))
		for i := range 4 {
			if maybe, ok := failed[fmt.Sprint("v", i)]; !ok || maybe != (i < 3) {
				t.Errorf("v%d: failed %v, may be written %v", i, ok, maybe)
			}
		}
		wantDelivery(t, p.Err())
	})
}

// Snapshots of three producers go to two; each record to one of them, and those of a key stay together and in order.
func TestRestoreMergesAndSplits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var snaps [][]byte
		for i := range 3 {
			snaps = append(snaps, left(t, 100, byGroup, func(c *config) {
				c.Serializer = kinecast.SerializerFunc[string](func(dst []byte, v string) ([]byte, error) {
					return fmt.Appendf(dst, "w%d-%s:", i, v[1:]), nil
				})
			}))
		}
		snaps = append(snaps, bytes.Join(snaps[1:], nil)) // one reader may hold several
		snaps = append(snaps[:1], snaps[3])
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		keys := map[string]int{}
		total := 0
		for part := range 2 {
			client, _ := gate(srv)
			p := newProducer(t, client, restore(snaps...), func(c *config) { c.RestorePart = kinecast.SnapshotPart{Index: part, Total: 2} })
			last := map[string]int{}
			for _, r := range saved(t, snapshotOf(t, p)) {
				if before, ok := keys[string(r.Key)]; ok && before != part {
					t.Errorf("key %s is in both parts", r.Key)
				}
				keys[string(r.Key)] = part
				total++
			}
			snapshot.Read(bytes.NewReader(snapshotOf(t, p)), func(r snapshot.Record) {
				var w, i int
				_, err := fmt.Sscanf(string(r.Data), "w%d-%d:", &w, &i)
				must(t, err)
				if before, ok := last[string(r.Key)]; ok && before >= 1000*w+i {
					t.Errorf("key %s: %d stands behind %d", r.Key, 1000*w+i, before)
				}
				last[string(r.Key)] = 1000*w + i
			})
		}
		if total != 300 || len(keys) != 10 {
			t.Errorf("%d records of %d keys in both parts, want 300 of 10", total, len(keys))
		}
	})
}

// More may be restored than the queue takes: nothing is lost and nothing waits for ever, but callers do until there is room.
func TestRestoreMoreThanTheBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		snap := left(t, 2000, plain)
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		client, open := gate(srv)
		p := newProducer(t, client, plain, restore(snap), func(c *config) { c.QueueLimit, c.QueueBytes = 10, 64<<10 })
		if s := p.Stats(); s.OutstandingRecords != 2000 || s.OutstandingBytes < 2000*100 || s.MemoryBound < s.OutstandingBytes {
			t.Errorf("%+v", s)
		}
		wantIs(t, p.TryPut("v2000"), kinecast.ErrQueueFull)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantIs(t, p.Put(ctx, "v2000"), context.DeadlineExceeded)
		open()
		must(t, p.Put(t.Context(), "v2000"))
		must(t, p.Checkpoint(t.Context()))
		wantStored(t, srv, "s", 2001)
	})
}

func TestRestoreOfTheLargest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := bytes.Repeat([]byte("0123456789"), 1<<20)[1:] // 10 MiB with the key
		var b bytes.Buffer
		w := snapshot.NewWriter(&b)
		must(t, w.Add(&snapshot.Record{Stream: "s", Key: []byte("k"), Data: data}))
		must(t, w.Close())
		srv := kinesistest.New(t, kinesistest.Stream("s", 1, kinesistest.MaxRecordSize(10240)))
		p := newProducer(t, srv.Client(), restore(b.Bytes()), func(c *config) { c.QueueBytes = 1 << 20 })
		must(t, p.Checkpoint(t.Context()))
		if n := p.Stats().UserRecordsDataPut; n != int64(len(data)) {
			t.Errorf("%d bytes are stored, want %d", n, len(data))
		}
	})
}

// Damage is named, with what can be saved, and nothing is started. On request what is intact is restored all the same.
func TestRestoreDamaged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		whole := left(t, 100, large)
		flipped := bytes.Clone(whole)
		flipped[3*(60<<10)] ^= 1
		srv := kinesistest.New(t, kinesistest.Stream("s", 4))
		cfg := config{DefaultStream: "s", Serializer: kinecast.String(), DefaultPartition: "k", Logger: newLogbook().logger()}
		restore(whole, flipped, whole[:len(whole)-1], nil)(&cfg)
		_, err := kinecast.New(srv.Client(), cfg)
		wantIs(t, err, kinecast.ErrSnapshot)
		var damaged *kinecast.SnapshotError
		if !errors.As(err, &damaged) || damaged.Reader != 1 || damaged.Offset < 100<<10 || damaged.Offset > 180<<10 ||
			damaged.Intact != 99 || damaged.Damages != 1 || !strings.Contains(damaged.Reason, "checksum") {
			t.Errorf("got %+v", damaged)
		}
		for _, want := range []string{"Restore[1] at offset", "Restore[2] at offset", "Restore[3] at offset 0: it is empty", "100 records are intact"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error does not say %q: %v", want, err)
			}
		}
		time.Sleep(time.Minute)
		if n := len(srv.Calls()); n != 0 {
			t.Errorf("%d calls were made", n)
		}

		book := newLogbook()
		p := newProducer(t, srv.Client(), restore(flipped, nil), func(c *config) { c.RestoreDamaged, c.Logger = true, book.logger() })
		must(t, p.Checkpoint(t.Context()))
		if n := len(places(t, srv, "s")); n != 99 || len(book.with("snapshot is damaged")) != 2 {
			t.Errorf("%d records are stored, want 99; the log has %q", n, book.lines)
		}
	})
}

// Readers that fail or panic are damage, too; what cannot be a setting is a fault of the configuration.
func TestRestoreRefuses(t *testing.T) {
	broken := errors.New("broken")
	whole := left(t, 3)
	srv := kinesistest.New(t, kinesistest.Stream("s", 1))
	for name, c := range map[string]struct {
		change func(*config)
		want   error
		says   string
	}{
		"reader fails":       {func(c *config) { c.Restore = []io.Reader{iotest.ErrReader(broken)} }, broken, "Restore[0] at offset 0: it cannot be read: broken"},
		"reader panics":      {func(c *config) { c.Restore = []io.Reader{iotest.DataErrReader(nil)} }, kinecast.ErrPanic, "Restore[0]"},
		"nil reader":         {func(c *config) { c.Restore = []io.Reader{bytes.NewReader(whole), nil} }, nil, "Restore[1] is nil"},
		"part beyond total":  {func(c *config) { c.RestorePart = kinecast.SnapshotPart{Index: 2, Total: 2} }, nil, "RestorePart: index 2 of 2"},
		"negative part":      {func(c *config) { c.RestorePart = kinecast.SnapshotPart{Index: -1} }, nil, "RestorePart: index -1 of 0"},
		"a second New":       {func(c *config) { restore(whole)(c); _, _ = io.Copy(io.Discard, c.Restore[0]) }, kinecast.ErrSnapshot, "it is empty"},
		"a stream too many":  {func(c *config) { c.MaxStreams = 1; c.Restore = []io.Reader{bytes.NewReader(twoStreams(t))} }, kinecast.ErrInvalidRecord, "MaxStreams is 1"},
		"a name that is not": {func(c *config) { c.Restore = []io.Reader{bytes.NewReader(misnamed(t))} }, kinecast.ErrInvalidRecord, "Restore"},
	} {
		cfg := config{DefaultStream: "s", Serializer: kinecast.String(), DefaultPartition: "k"}
		c.change(&cfg)
		p, err := kinecast.New(srv.Client(), cfg)
		if p != nil || err == nil || !strings.Contains(err.Error(), c.says) || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want one that says %q", name, err, c.says)
		}
	}
}

func snapshotWith(t testing.TB, streams ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := snapshot.NewWriter(&b)
	for _, s := range streams {
		must(t, w.Add(&snapshot.Record{Stream: s, Key: []byte("k")}))
	}
	must(t, w.Close())
	return b.Bytes()
}

func twoStreams(t testing.TB) []byte { t.Helper(); return snapshotWith(t, "s", "other") }

func misnamed(t testing.TB) []byte { t.Helper(); return snapshotWith(t, "no such: name") }
