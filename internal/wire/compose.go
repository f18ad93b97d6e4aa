package wire

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/aggregate"
)

// composer writes the body of one PutRecords request, byte for byte the SDK's, into one buffer that is exactly long enough:
//
//	{"Records":[{"Data":"86…","ExplicitHashKey":"7","PartitionKey":"k"},…],"StreamName":"events"}
//	                     ▲
//	                     └─ base64 of magic │ keys │ hashes │ records │ MD5, straight from the aggregate's segments
//
// Each part is hashed as soon as it is written, while the nearest cache still has it.
type composer struct {
	body       []byte
	head, tail []byte    // of the body, around the entries
	hashed     int       // so much of the body is in sum
	sum        hash.Hash // SHA-256 of the body
	digest     hash.Hash // MD5 of an aggregate's segments
	rest       [3]byte   // of the data: bytes that wait for the third of their three
	resting    int
	scratch    [sha256.Size]byte // for a sum: on the stack it would be allocated, as it is passed through an interface
}

var composers = sync.Pool{New: func() any { return &composer{sum: sha256.New(), digest: md5.New()} }}

// compose returns the body for a request to in's stream with these entries, in a buffer from takeBuffer, and its SHA-256 in
// hexadecimal. Of in it takes everything but the records.
func compose(in *kinesis.PutRecordsInput, entries []Entry) (body []byte, hash string) {
	c := composers.Get().(*composer)
	defer composers.Put(c)
	c.frame(in)
	size := len(c.head) + len(c.tail)
	for i := range entries {
		size += entrySize(&entries[i])
	}
	if len(entries) > 1 {
		size += len(entries) - 1 // commas
	}
	c.body, c.hashed, c.resting = takeBuffer(size), 0, 0
	c.sum.Reset()

	c.body = append(c.body, c.head...)
	for i := range entries {
		if i > 0 {
			c.body = append(c.body, ',')
		}
		c.entry(&entries[i])
	}
	c.body = append(c.body, c.tail...)
	c.hash()

	body, c.body = c.body, nil
	return body, hex.EncodeToString(c.sum.Sum(c.scratch[:0]))
}

// frame writes what stands around the entries. Members come in the order of the alphabet.
func (c *composer) frame(in *kinesis.PutRecordsInput) {
	c.head = append(c.head[:0], '{')
	if in.DryRun != nil {
		c.head = append(c.head, `"DryRun":`...)
		c.head = strconv.AppendBool(c.head, *in.DryRun)
		c.head = append(c.head, ',')
	}
	c.head = append(c.head, `"Records":[`...)
	c.tail = append(c.tail[:0], ']')
	c.tail = appendMember(c.tail, `,"StreamARN":`, in.StreamARN)
	c.tail = appendMember(c.tail, `,"StreamId":`, in.StreamId)
	c.tail = appendMember(c.tail, `,"StreamName":`, in.StreamName)
	c.tail = append(c.tail, '}')
}

func appendMember(dst []byte, name string, value *string) []byte {
	if value == nil {
		return dst
	}
	return appendQuoted(append(dst, name...), []byte(*value))
}

// entrySize is the number of bytes that entry appends.
func entrySize(e *Entry) int {
	n := len(`{"Data":"","PartitionKey":}`) + base64Len(e.size()) + quotedLen(e.PartitionKey)
	if len(e.HashKey) > 0 {
		n += len(`,"ExplicitHashKey":`) + quotedLen(e.HashKey)
	}
	return n
}

func (c *composer) entry(e *Entry) {
	c.body = append(c.body, `{"Data":"`...)
	if e.Aggregate == nil {
		c.write(e.Data)
	} else if e.Aggregate.Len() > 0 {
		c.aggregate(e.Aggregate)
	}
	c.pad()
	if len(e.HashKey) > 0 {
		c.body = append(c.body, `","ExplicitHashKey":`...)
		c.body = appendQuoted(c.body, e.HashKey)
		c.body = append(c.body, `,"PartitionKey":`...)
	} else {
		c.body = append(c.body, `","PartitionKey":`...)
	}
	c.body = appendQuoted(c.body, e.PartitionKey)
	c.body = append(c.body, '}')
}

// aggregate writes what b.AppendTo writes.
func (c *composer) aggregate(b *aggregate.Builder) {
	keys, hashes, records := b.Segments()
	c.write([]byte(aggregate.Magic))
	c.digest.Reset()
	for _, segment := range [...][]byte{keys, hashes, records} {
		c.digest.Write(segment)
		c.write(segment)
	}
	c.write(c.digest.Sum(c.scratch[:0]))
}
