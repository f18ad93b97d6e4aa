package kinesistest

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"time"
)

// tokenLife is how long shard iterators and next tokens are good for: 300 s, from the API
// reference of GetShardIterator and ListShards.
const tokenLife = 300 * time.Second

// sealToken packs fields, none of which holds a "/", into one opaque text. The checksum
// tells what the server made from what it did not; it is no protection against forgery.
func sealToken(fields ...string) string {
	b := []byte(strings.Join(fields, "/"))
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.StdEncoding.EncodeToString(b)
}

// openToken returns the n fields of a token; ok is false for anything that sealToken did
// not make of n fields.
func openToken(token string, n int) (fields []string, ok bool) {
	b, err := base64.StdEncoding.DecodeString(token)
	if err != nil || len(b) < 4 {
		return nil, false
	}
	b, sum := b[:len(b)-4], b[len(b)-4:]
	if crc32.ChecksumIEEE(b) != binary.BigEndian.Uint32(sum) {
		return nil, false
	}
	fields = strings.Split(string(b), "/")
	return fields, len(fields) == n
}
