package main

import (
	"bytes"
	"crypto/md5"
	"maps"
	"slices"
	"testing"

	"github.com/kinecast/kinecast/kinesistest"
)

// Every sort of damage on the server, done between putting and reading back, has to be found.
func TestTampering(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(shards map[string][]kinesistest.Record)
		found func(figures) bool
	}{
		{"nothing", func(map[string][]kinesistest.Record) {}, func(f figures) bool { return f.ReadBack == 1707 }},
		{"one byte", func(shards map[string][]kinesistest.Record) {
			victim(shards).Data[100] ^= 1
		}, func(f figures) bool { return f.Missing > 0 && f.Foreign == 1 }},
		{"one byte and the digest", func(shards map[string][]kinesistest.Record) {
			data := victim(shards).Data
			data[len(data)-md5.Size-1] ^= 1 // the end of the last event
			redigest(data)
		}, func(f figures) bool { return f.Missing == 1 && f.Foreign == 1 && f.ReadBack == 1706 }},
		{"one key", func(shards map[string][]kinesistest.Record) {
			data := victim(shards).Data
			data[6] ^= 1 // behind magic, tag and length: the first letter of the key table
			redigest(data)
		}, func(f figures) bool { return f.WrongKey > 0 && f.Missing == 0 }},
		{"one shard", func(shards map[string][]kinesistest.Record) {
			ids := filled(shards)
			shards[ids[1]] = append(shards[ids[1]], shards[ids[0]][0])
			shards[ids[0]] = shards[ids[0]][1:]
		}, func(f figures) bool {
			return f.Missing > 0 && f.DroppedCopies == f.Missing && f.DroppedKinesisRecords == 1 && f.Duplicates == 0
		}},
		{"one record lost", func(shards map[string][]kinesistest.Record) {
			id := filled(shards)[0]
			shards[id] = shards[id][1:]
		}, func(f figures) bool { return f.Missing > 0 && f.Duplicates == 0 }},
		{"one record twice", func(shards map[string][]kinesistest.Record) {
			id := filled(shards)[0]
			shards[id] = append(shards[id], shards[id][0])
		}, func(f figures) bool { return f.Duplicates > 0 && f.Missing == 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := execute(t, func(cmd *command) {
				cmd.produced = func(s *service) {
					s.embedded.Rewrite("earthquakes", func(shards map[string][]kinesistest.Record) {
						if !bytes.HasPrefix(victim(shards).Data, []byte("\xf3\x89\x9a\xc2\n")) {
							t.Error("the first record is no aggregated one that begins with its key table")
						}
						c.edit(shards)
					})
				}
			}, "-json")
			code := exitUnproved
			if c.name == "nothing" {
				code = exitProved
			}
			o.want(t, code)
			if f := o.figures(t); !c.found(f) || f.Proved != (code == exitProved) {
				t.Errorf("%+v", f)
			}
		})
	}
}

// filled returns the ids of the shards that hold something, of which there are at least two.
func filled(shards map[string][]kinesistest.Record) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(shards)), func(id string) bool { return len(shards[id]) == 0 })
}

// victim returns the first record of the first shard that has one.
func victim(shards map[string][]kinesistest.Record) *kinesistest.Record {
	return &shards[filled(shards)[0]][0]
}

// redigest makes the digest at the end of an aggregated record right again.
func redigest(data []byte) {
	body := data[4 : len(data)-md5.Size]
	digest := md5.Sum(body)
	copy(data[4+len(body):], digest[:])
}
