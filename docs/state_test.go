package docs_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kinecast/kinecast"
	"github.com/kinecast/kinecast/kinesistest"
	"github.com/kinecast/kinecast/shard"
)

// save is the page's own.
func save(ctx context.Context, producer *kinecast.Producer[string], name string) error {
	file, err := os.Create(name + ".next")
	if err != nil {
		return err
	}
	err = producer.Snapshot(ctx, file)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err // the old one still stands
	}
	return os.Rename(file.Name(), name)
}

// TestFormatAsDescribed reads what a producer saved with a reader that was written from the tables of state.md alone.
func TestFormatAsDescribed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := kinesistest.New(t, kinesistest.Stream("orders", 3))
		hash := shard.HashKeyOf("somewhere")
		cfg := kinecast.Config[string]{
			DefaultStream: "orders", Serializer: kinecast.String(), RecordMaxBufferedTime: time.Hour,
			Partitioner: kinecast.PartitionerFunc[string](func(v string, at *kinecast.Placement) error {
				at.Key = append(at.Key, "Kunde "+v...)
				if v[len(v)-1] == '7' {
					at.SetHashKey(hash)
				}
				return nil
			}),
		}
		producer, err := kinecast.New(server.Client(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer producer.Close(context.Background())
		for i := range 5000 {
			if err := producer.Put(t.Context(), fmt.Sprintf("Bestellung-%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		name := filepath.Join(t.TempDir(), "state")
		if err := save(t.Context(), producer, name); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := readAsDescribed(b)
		if err != nil || len(got) != 5000 {
			t.Fatalf("%d records, %v", len(got), err)
		}
		for i := range 5000 {
			v := fmt.Sprintf("Bestellung-%d", i)
			want := fmt.Sprintf("orders 0 Kunde %s ", v)
			if i%10 == 7 {
				want = fmt.Sprintf("orders 1 Kunde %s %x", v, hash.Bytes())
			}
			if got[v] != want {
				t.Errorf("%s is saved as %q, want %q", v, got[v], want)
			}
		}
	})
}

// readAsDescribed returns stream, flags, key and hash key of each record, by its data.
func readAsDescribed(b []byte) (map[string]string, error) {
	castagnoli := func(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }
	whole, n32, n16 := b, binary.BigEndian.Uint32, binary.BigEndian.Uint16
	if !bytes.Equal(b[:8], []byte{0x89, 0x4B, 0x43, 0x53, 0x0D, 0x0A, 0x1A, 0x0A}) || n16(b[8:]) != 1 || n16(b[10:]) != 0 || n32(b[12:]) != castagnoli(b[:12]) {
		return nil, errors.New("header")
	}
	all, records, blocks := map[string]string{}, uint64(0), uint64(0)
	for b = b[16:]; ; {
		n := int(n32(b[1:]))
		kind, payload := b[0], b[9:9+n]
		if n32(b[5:]) != castagnoli(b[:5]) || n32(b[9+n:]) != castagnoli(payload) {
			return nil, errors.New("frame")
		}
		if kind == 'E' {
			sum := sha256.Sum256(whole[:len(whole)-len(b)])
			if binary.BigEndian.Uint64(payload) != records || binary.BigEndian.Uint64(payload[8:]) != blocks || !bytes.Equal(payload[16:48], sum[:]) || len(b) != 9+48+4 {
				return nil, errors.New("trailer")
			}
			return all, nil
		}
		b, blocks = b[9+n+4:], blocks+1
		s := int(n16(payload))
		stream, rest := string(payload[2:2+s]), payload[2+s:]
		for len(rest) > 0 {
			flags, k, d := rest[0], int(n16(rest[1:])), int(n32(rest[3:]))
			rest = rest[7:]
			hash := ""
			if flags&1 != 0 {
				hash, rest = fmt.Sprintf("%x", rest[:16]), rest[16:]
			}
			all[string(rest[k:k+d])] = fmt.Sprintf("%s %d %s %s", stream, flags, rest[:k], hash)
			rest, records = rest[k+d:], records+1
		}
	}
}

// The snippet about restoring, with three new producers of which each takes its part.
func Example_restore() {
	server, err := kinesistest.Start(kinesistest.Stream("orders", 3))
	if err != nil {
		panic(err)
	}
	defer server.Close()
	deaf := server.Inject(kinesistest.Rule{On: kinesistest.PutRecords, Do: kinesistest.Refuse()}) // to the former instances
	client := server.Client()
	cfg := kinecast.Config[string]{
		DefaultStream: "orders", Serializer: kinecast.String(), Partitioner: kinecast.ByKey(func(v string) string { return v }),
		RecordMaxBufferedTime: time.Hour,
	}
	var states [2]bytes.Buffer
	for i := range states {
		producer, err := kinecast.New(server.Client(), cfg)
		if err != nil {
			panic(err)
		}
		for n := range 500 {
			if err := producer.Put(context.Background(), fmt.Sprintf("order-%d-%d", i, n)); err != nil {
				panic(err)
			}
		}
		if err := producer.Snapshot(context.Background(), &states[i]); err != nil {
			panic(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = producer.Close(ctx) // it has to go at once
	}

	deaf()
	for part := range 3 {
		first, second := bytes.NewReader(states[0].Bytes()), bytes.NewReader(states[1].Bytes())
		cfg.Restore = []io.Reader{first, second}                       // of all former instances
		cfg.RestorePart = kinecast.SnapshotPart{Index: part, Total: 3} // of three new ones, this one
		producer, err := kinecast.New(client, cfg)
		if err != nil {
			panic(err)
		}
		if err := producer.Close(context.Background()); err != nil {
			panic(err)
		}
		fmt.Println("part", part, "has", producer.Stats().UserRecordsRestored)
	}
	fmt.Println("in the stream:", len(server.Consume("orders")))
	// Output:
	// part 0 has 336
	// part 1 has 326
	// part 2 has 338
	// in the stream: 1000
}
