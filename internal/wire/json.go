package wire

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// jsonText is the dialect of JSON. Members come in the order of the alphabet, as the SDK writes them:
//
//	{"Records":[{"Data":"86…","ExplicitHashKey":"7","PartitionKey":"k"},…],"StreamName":"events"}
type jsonText struct{}

func (jsonText) raw() bool { return false }

func (jsonText) head(dst []byte, in *kinesis.PutRecordsInput, _ int) []byte {
	dst = append(dst, '{')
	if in.DryRun != nil {
		dst = append(dst, `"DryRun":`...)
		dst = strconv.AppendBool(dst, *in.DryRun)
		dst = append(dst, ',')
	}
	return append(dst, `"Records":[`...)
}

func (jsonText) tail(dst []byte, in *kinesis.PutRecordsInput) []byte {
	dst = append(dst, ']')
	dst = appendMember(dst, `,"StreamARN":`, in.StreamARN)
	dst = appendMember(dst, `,"StreamId":`, in.StreamId)
	dst = appendMember(dst, `,"StreamName":`, in.StreamName)
	return append(dst, '}')
}

func appendMember(dst []byte, name string, value *string) []byte {
	if value == nil {
		return dst
	}
	return appendQuoted(append(dst, name...), []byte(*value))
}

func (jsonText) before(dst []byte, i int, _ *Entry) []byte {
	if i > 0 {
		dst = append(dst, ',')
	}
	return append(dst, `{"Data":"`...)
}

func (jsonText) after(dst []byte, e *Entry) []byte {
	if len(e.HashKey) > 0 {
		dst = append(dst, `","ExplicitHashKey":`...)
		dst = appendQuoted(dst, e.HashKey)
		dst = append(dst, `,"PartitionKey":`...)
	} else {
		dst = append(dst, `","PartitionKey":`...)
	}
	return append(appendQuoted(dst, e.PartitionKey), '}')
}
