package wire

import (
	"encoding/binary"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// cborText is the dialect of CBOR: JSON's members, lengths before what they count, and Data as it is.
//
//	map(2) "Records" list(n) [map(3) "Data" bytes(51170) … "ExplicitHashKey" "7" "PartitionKey" "k", …] "StreamName" "events"
type cborText struct{}

// The major types of CBOR, RFC 8949 section 3.1.
const (
	cborUint = iota
	cborNegative
	cborBytes
	cborString
	cborList
	cborMap
	cborTag
	cborSimple
)

const (
	cborFalse = cborSimple<<5 | 20
	cborTrue  = cborSimple<<5 | 21
)

// appendHead appends the head of an item in its shortest form.
func appendHead(dst []byte, major byte, n int) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(dst, major|byte(n))
	case n < 1<<8:
		return append(dst, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, major|25), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, major|26), uint32(n)) // a body stays far below 4 GiB
}

func appendString[S string | []byte](dst []byte, s S) []byte {
	return append(appendHead(dst, cborString, len(s)), s...)
}

func (cborText) raw() bool { return true }

func (cborText) head(dst []byte, in *kinesis.PutRecordsInput, n int) []byte {
	members := 1
	for _, there := range []bool{in.DryRun != nil, in.StreamARN != nil, in.StreamId != nil, in.StreamName != nil} {
		if there {
			members++
		}
	}
	dst = appendHead(dst, cborMap, members)
	if in.DryRun != nil {
		value := byte(cborFalse)
		if *in.DryRun {
			value = cborTrue
		}
		dst = append(appendString(dst, "DryRun"), value)
	}
	return appendHead(appendString(dst, "Records"), cborList, n)
}

func (cborText) tail(dst []byte, in *kinesis.PutRecordsInput) []byte {
	for _, m := range []struct {
		name  string
		value *string
	}{{"StreamARN", in.StreamARN}, {"StreamId", in.StreamId}, {"StreamName", in.StreamName}} {
		if m.value != nil {
			dst = appendString(appendString(dst, m.name), *m.value)
		}
	}
	return dst
}

func (cborText) before(dst []byte, _ int, e *Entry) []byte {
	members := 2
	if len(e.HashKey) > 0 {
		members = 3
	}
	return appendHead(appendString(appendHead(dst, cborMap, members), "Data"), cborBytes, e.size())
}

func (cborText) after(dst []byte, e *Entry) []byte {
	if len(e.HashKey) > 0 {
		dst = appendString(appendString(dst, "ExplicitHashKey"), e.HashKey)
	}
	return appendString(appendString(dst, "PartitionKey"), e.PartitionKey)
}
