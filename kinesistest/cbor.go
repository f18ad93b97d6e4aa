package kinesistest

import (
	"encoding/json"
	"reflect"
)

// cborProtocol is the protocol awsCbor 1.1, of which there is no description but the SDK for
// Java, which speaks it unless told otherwise: JSON's members, with blobs as they are and times
// in milliseconds.
type cborProtocol struct{}

const contentCBOR = "application/x-amz-cbor-1.1"

func (cborProtocol) name() string { return "CBOR" }

func (cborProtocol) contentType() string { return contentCBOR }

func (cborProtocol) decode(op Operation, body []byte) (request, error) {
	r := cborReader{buf: body}
	if len(body) == 0 {
		return nil, r.broken("there is no request")
	}
	if op == PutRecords {
		p := cborParser{cborReader: r, gathering: gather()}
		req, err := p.parse()
		return req, err
	}
	members := map[string]any{}
	err := r.object(func(name []byte) (err error) {
		members[string(name)], err = r.value()
		return err
	})
	if err != nil {
		return nil, err
	}
	// The other calls are rare enough to go on as JSON, and to be refused in its words.
	text, err := json.Marshal(members)
	if err != nil {
		return nil, refuse(codeSerialization, "%v", err)
	}
	return jsonProtocol{}.decode(op, text)
}

func (cborProtocol) appendError(b []byte, e *apiError) []byte {
	b = appendCBORHead(b, cborMap, 2)
	b = appendCBORText(appendCBORText(b, "__type"), e.code)
	return appendCBORText(appendCBORText(b, "message"), e.message)
}

func (cborProtocol) appendAnswer(b []byte, answer any) []byte {
	switch a := answer.(type) {
	case *putRecordsAnswer:
		return a.appendCBOR(b)
	case struct{}:
		return b
	case nil:
		return appendCBORHead(b, cborMap, 0)
	}
	return appendCBOR(b, reflect.ValueOf(answer))
}

func (a *putRecordsAnswer) appendCBOR(b []byte) []byte {
	b = appendCBORHead(b, cborMap, 2)
	b = appendCBORInt(appendCBORText(b, "FailedRecordCount"), int64(a.failed))
	b = appendCBORHead(appendCBORText(b, "Records"), cborList, uint64(len(a.results)))
	var numbers sequenceWriter
	var number [64]byte
	for i := range a.results {
		r := &a.results[i]
		b = appendCBORHead(b, cborMap, 2)
		if r.shard == nil {
			b = appendCBORText(appendCBORText(b, "ErrorCode"), r.code)
			b = appendCBORText(appendCBORText(b, "ErrorMessage"), r.message)
			continue
		}
		text := numbers.append(number[:0], r.seq)
		b = appendCBORHead(appendCBORText(b, "SequenceNumber"), cborText, uint64(len(text)))
		b = append(b, text...)
		b = appendCBORText(appendCBORText(b, "ShardId"), r.shard.id)
	}
	return b
}
