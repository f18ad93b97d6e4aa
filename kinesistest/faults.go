package kinesistest

import (
	"fmt"
	"strings"
	"time"
)

// Fault is what a [Rule] does to a call. It is a value: a chain of steps, made with the
// functions of this package and joined with [Fault.Then], and may be used in any number of
// rules.
//
//	kinesistest.RecordError("InternalFailure", "Internal Service Failure")
//	kinesistest.Store().Then(kinesistest.Lose(kinesistest.Reset))
//	kinesistest.Delay(time.Second).Then(kinesistest.HTML(503))
//
// A chain that comes to its end without an answer ends with the call's own, which is carried
// out then if no step has done it. So Delay(d) makes a call late, and Store().Then(Delay(d)) its
// answer alone.
type Fault struct {
	kind    faultKind
	status  int
	code    string
	message string // or body
	n       int    // of results, records, calls
	loss    Loss
	least   time.Duration
	most    time.Duration
	until   <-chan struct{}
	run     func()
	then    *Fault
}

type faultKind uint8

const (
	faultNone faultKind = iota
	// Of single records.
	faultRecord
	// Steps on the way.
	faultDelay
	faultDelayUntil
	faultRun
	faultStore
	faultStorePart
	faultStoreAfterCalls
	faultStoreAfter
	faultTooFew
	faultTooMany
	faultWrongCount
	faultGoAway
	// Ends.
	faultCall
	faultPage
	faultRefuse
	faultLose
)

// ends reports that nothing can follow.
func (f *Fault) ends() bool { return f.kind >= faultCall }

// Then returns the fault with next after its last step.
func (f Fault) Then(next Fault) Fault {
	if f.then != nil {
		next = f.then.Then(next)
	}
	f.then = &next
	return f
}

// RecordError refuses single records of a PutRecords call with this code and message, as
// the service does when a shard is throttled; the records beside them are stored. A
// PutRecord call fails as a whole. The codes that the service gives to records are
// ProvisionedThroughputExceededException and InternalFailure; any other may be tried.
// It stands alone: nothing goes before or after it.
func RecordError(code, message string) Fault {
	return Fault{kind: faultRecord, code: code, message: message}
}

// CallError refuses the call with this HTTP status, code and message. The service answers 400
// to what the caller did wrong or too much of, 500 with InternalFailureException and 503 with
// ServiceUnavailable. A code that the SDK knows becomes its type, any other a
// *smithy.GenericAPIError.
func CallError(status int, code, message string) Fault {
	return Fault{kind: faultCall, status: status, code: code, message: message}
}

// ExpiredCredentials refuses the call as the service does when a session token is too old,
// which the SDK does not try again.
func ExpiredCredentials() Fault {
	return CallError(400, "ExpiredTokenException", "The security token included in the request is expired")
}

// Answer answers with this HTTP status and body, which need be no JSON. An empty body has no
// content type.
func Answer(status int, body string) Fault {
	return Fault{kind: faultPage, status: status, message: body, code: contentJSON}
}

// EmptyOK answers HTTP 200 with an empty body. The SDK takes that for a success without
// results.
func EmptyOK() Fault { return Answer(200, "") }

// HTML answers with this HTTP status and a page of HTML, as a proxy does that has lost the
// service. The SDK answers with a *smithy.DeserializationError.
func HTML(status int) Fault {
	page := fmt.Sprintf("<html>\n<head><title>%d</title></head>\n<body><center><h1>%[1]d</h1></center></body>\n</html>\n", status)
	return Fault{kind: faultPage, status: status, message: page, code: "text/html"}
}

// Refuse lets nobody connect. A rule that says nothing but Do: Refuse() closes the HTTP
// listener while it stands, and the connections that wait for a next request. A rule with
// conditions can be judged only when the request is there: then the connection is dropped
// unanswered. The direct client gets a *net.OpError that is ECONNREFUSED either way; over
// HTTP, a client that had a connection open may find that broken first. It stands alone.
func Refuse() Fault { return Fault{kind: faultRefuse} }

// Loss is a way in which a call gets no answer.
type Loss uint8

// The ways to lose an answer, and what the SDK for Go makes of them.
const (
	// Close closes the connection (over HTTP/2: the stream) without an answer: a
	// *http.RequestSendError that wraps io.EOF, which is tried again.
	Close Loss = iota
	// Reset resets the connection: likewise, with ECONNRESET.
	Reset
	// HalfBody sends the head of the answer and half of its body, then closes: a
	// *smithy.DeserializationError that wraps io.ErrUnexpectedEOF, which is not tried again.
	HalfBody
	// HalfBodyReset sends as much, then resets the connection: a *smithy.DeserializationError that wraps
	// ECONNRESET, which is tried again, so the default retryer puts the records twice and says
	// nothing.
	HalfBodyReset
	// Hang never answers. The call ends when the caller's context does, and at the direct door
	// by nothing else.
	Hang
)

// String names the loss.
func (l Loss) String() string {
	return [...]string{"close", "reset", "half a body", "half a body, then reset", "hang"}[l]
}

// leavesHalf reports that the caller sees the first half of the answer.
func (l Loss) leavesHalf() bool { return l == HalfBody || l == HalfBodyReset }

// Lose loses the answer. By itself the call is lost on its way to the service: nothing is
// stored. Behind [Store] it is lost on its way back.
func Lose(how Loss) Fault { return Fault{kind: faultLose, loss: how} }

// String says in words what the fault does.
func (f Fault) String() string {
	var words []string
	for step := &f; step != nil; step = step.then {
		words = append(words, step.words())
	}
	return strings.Join(words, ", then ")
}

func (f *Fault) words() string {
	switch f.kind {
	case faultRecord:
		return "record error " + f.code
	case faultCall:
		return fmt.Sprintf("call error %d %s", f.status, f.code)
	case faultPage:
		return f.page()
	case faultRefuse:
		return "connection refused"
	case faultLose:
		return "answer lost: " + f.loss.String()
	case faultNone:
		return "no fault"
	}
	return f.stepWords()
}

func (f *Fault) page() string {
	switch {
	case f.message == "":
		return fmt.Sprintf("empty %d", f.status)
	case f.code == contentJSON:
		return fmt.Sprintf("answer %d with %d bytes", f.status, len(f.message))
	}
	return fmt.Sprintf("HTML %d", f.status)
}
