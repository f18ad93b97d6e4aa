package kinesistest

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

const (
	contentJSON  = "application/x-amz-json-1.1"
	targetPrefix = "Kinesis_20131202."
	// maxBody bounds a request: 10 MiB of data in base64 is 14 MiB, the rest is for keys.
	maxBody = 16 << 20
)

// protocol is what the bytes of calls and answers mean.
type protocol interface {
	name() string
	contentType() string
	decode(op Operation, body []byte) (request, error)
	appendAnswer(buf []byte, answer any) []byte
	appendError(buf []byte, e *apiError) []byte
}

// jsonProtocol is awsJson 1.1, which all SDKs speak.
type jsonProtocol struct{}

func (jsonProtocol) name() string { return "JSON" }

func (jsonProtocol) contentType() string { return contentJSON }

func (jsonProtocol) decode(op Operation, body []byte) (request, error) {
	if op == PutRecords {
		req, err := parsePutRecords(body)
		return req, err
	}
	req := newRequest[op]()
	if err := json.Unmarshal(body, req); err != nil {
		return nil, serializationError(err)
	}
	return req, nil
}

// reply is an HTTP answer.
type reply struct {
	status      int
	contentType string
	body        []byte
	goAway      bool  // the connection ends behind it
	cut         error // *lostError, errRefused or the caller's context's: it does not arrive whole
}

// render makes the HTTP answer of how a call ended. The body is appended to buf.
func render(p protocol, buf []byte, out outcome) reply {
	var refused *apiError
	var page *pageError
	var lost *lostError
	switch {
	case out.err == nil:
		return reply{status: http.StatusOK, contentType: p.contentType(), body: p.appendAnswer(buf, out.answer), goAway: out.goAway}
	case errors.As(out.err, &refused):
		return reply{status: refused.status, contentType: p.contentType(), body: p.appendError(buf, refused), goAway: out.goAway}
	case errors.As(out.err, &page) && page.body == "":
		return reply{status: page.status}
	case errors.As(out.err, &page):
		return reply{status: page.status, contentType: page.contentType, body: append(buf, page.body...)}
	case errors.As(out.err, &lost) && lost.how.leavesHalf():
		return reply{status: http.StatusOK, contentType: p.contentType(), body: p.appendAnswer(buf, lost.answer), cut: out.err}
	}
	return reply{cut: out.err}
}

func (jsonProtocol) appendError(buf []byte, e *apiError) []byte {
	return appendMarshalled(buf, struct {
		Type    string `json:"__type"`
		Message string `json:"message,omitempty"`
	}{e.code, e.message})
}

func (jsonProtocol) appendAnswer(buf []byte, answer any) []byte {
	switch a := answer.(type) {
	case *putRecordsAnswer:
		return a.appendJSON(buf)
	case struct{}:
		return buf // CreateStream and DeleteStream answer with nothing
	case nil:
		return append(buf, "{}"...) // of a call that was not carried out
	}
	return appendMarshalled(buf, answer)
}

func appendMarshalled(buf []byte, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("kinesistest: an answer cannot be written as JSON: " + err.Error())
	}
	return append(buf, b...)
}

// appendJSON writes the answer by hand, as it is the one that is written most.
func (a *putRecordsAnswer) appendJSON(buf []byte) []byte {
	buf = append(buf, `{"FailedRecordCount":`...)
	buf = strconv.AppendInt(buf, int64(a.failed), 10)
	buf = append(buf, `,"Records":[`...)
	var numbers sequenceWriter
	for i := range a.results {
		r := &a.results[i]
		if i > 0 {
			buf = append(buf, ',')
		}
		if r.shard == nil {
			buf = appendMarshalled(buf, struct{ ErrorCode, ErrorMessage string }{r.code, r.message})
			continue
		}
		buf = append(buf, `{"SequenceNumber":"`...)
		buf = numbers.append(buf, r.seq)
		buf = append(buf, `","ShardId":"`...)
		buf = append(buf, r.shard.id...)
		buf = append(buf, `"}`...)
	}
	return append(buf, "]}"...)
}
