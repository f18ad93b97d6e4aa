package interop

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"

	"google.golang.org/protobuf/encoding/prototext"

	"github.com/kinecast/kinecast/internal/kplpb"
)

const magic = "\xf3\x89\x9a\xc2"

// protoc decodes each aggregated record with protobuf's own compiler, and has it encoded again: the bytes must be the same.
func protoc(ctx context.Context, records []stored) ([]user, error) {
	var users []user
	for i, r := range records {
		if !bytes.HasPrefix(r.data, []byte(magic)) {
			users = append(users, user{record: i, key: r.key, data: r.data})
			continue
		}
		message, err := messageOf(r.data)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
		text, err := run(ctx, bytes.NewReader(message), "protoc", kplProto("--decode")...)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
		again, err := run(ctx, bytes.NewReader(text), "protoc", kplProto("--encode")...)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
		if !bytes.Equal(again, message) {
			return nil, fmt.Errorf("record %d: protoc encodes it differently:\n%x\n%x", i, message, again)
		}
		found, err := usersIn(text)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
		for _, u := range found {
			u.record = i
			users = append(users, u)
		}
	}
	return users, nil
}

func kplProto(verb string) []string {
	return []string{verb + "=kinecast.kpl.AggregatedRecord", "--proto_path=../internal/kplpb", "kpl.proto"}
}

// messageOf returns what lies between the magic and the digest, which must be right.
func messageOf(data []byte) ([]byte, error) {
	if len(data) < len(magic)+md5.Size {
		return nil, fmt.Errorf("%d bytes are too few for magic and digest", len(data))
	}
	message, digest := data[len(magic):len(data)-md5.Size], data[len(data)-md5.Size:]
	if sum := md5.Sum(message); !bytes.Equal(sum[:], digest) {
		return nil, fmt.Errorf("digest %x, want %x", digest, sum)
	}
	return message, nil
}

// usersIn reads protoc's text.
func usersIn(text []byte) ([]user, error) {
	var message kplpb.AggregatedRecord
	if err := prototext.Unmarshal(text, &message); err != nil {
		return nil, err
	}
	keys, hashKeys := message.GetPartitionKeyTable(), message.GetExplicitHashKeyTable()
	var users []user
	for position, r := range message.GetRecords() {
		if r.GetPartitionKeyIndex() >= uint64(len(keys)) || r.ExplicitHashKeyIndex != nil && r.GetExplicitHashKeyIndex() >= uint64(len(hashKeys)) {
			return nil, fmt.Errorf("user record %d points behind a table", position)
		}
		u := user{position: position, aggregated: true, key: keys[r.GetPartitionKeyIndex()], data: r.GetData()}
		if r.ExplicitHashKeyIndex != nil {
			u.hashKey = hashKeys[r.GetExplicitHashKeyIndex()]
		}
		users = append(users, u)
	}
	return users, nil
}
