package kinesistest

import (
	"errors"
	"fmt"
)

// Fault is what a [Rule] does: make it with [RecordError], [CallError], [EmptyOK], [HTML],
// [Refuse] or [TooFew]. A Fault is a value and may be used in any number of rules.
type Fault struct {
	kind    faultKind
	status  int
	code    string
	message string
	results int
}

type faultKind uint8

const (
	faultNone faultKind = iota
	faultRecord
	faultCall
	faultEmpty
	faultHTML
	faultRefuse
	faultTooFew
)

// RecordError refuses single records of a PutRecords call with this code and message, as
// the service does when a shard is throttled; the records beside them are stored. A
// PutRecord call fails as a whole. The codes that the service gives to records are
// ProvisionedThroughputExceededException and InternalFailure; any other may be tried.
func RecordError(code, message string) Fault {
	return Fault{kind: faultRecord, code: code, message: message}
}

// CallError refuses the whole call with this HTTP status, code and message; nothing is
// stored. The service answers 400 to what the caller did wrong or too much of, 500 with
// InternalFailureException and 503 with ServiceUnavailable. A code that the SDK knows
// becomes its type, any other a *smithy.GenericAPIError.
func CallError(status int, code, message string) Fault {
	return Fault{kind: faultCall, status: status, code: code, message: message}
}

// EmptyOK answers HTTP 200 with an empty body; nothing is stored. The SDK takes that for a
// success without results.
func EmptyOK() Fault { return Fault{kind: faultEmpty} }

// HTML answers with this HTTP status and a page of HTML, as a proxy does that has lost the
// service; nothing is stored. The SDK answers with a *smithy.DeserializationError.
func HTML(status int) Fault { return Fault{kind: faultHTML, status: status} }

// Refuse lets nobody connect. A rule that says nothing but Do: Refuse() closes the HTTP
// listener while it stands, and the connections that wait for a next request. A rule with
// conditions can be judged only when the request is there: then the connection is dropped
// unanswered. The direct client gets a *net.OpError that is ECONNREFUSED either way; over
// HTTP, a client that had a connection open may find that broken first.
func Refuse() Fault { return Fault{kind: faultRefuse} }

// TooFew stores all records of a PutRecords call and answers with the results of the first
// n alone. A call of n records or fewer is not changed.
func TooFew(n int) Fault { return Fault{kind: faultTooFew, results: n} }

// String says in words what the fault does.
func (f Fault) String() string {
	switch f.kind {
	case faultRecord:
		return "record error " + f.code
	case faultCall:
		return fmt.Sprintf("call error %d %s", f.status, f.code)
	case faultEmpty:
		return "empty 200"
	case faultHTML:
		return fmt.Sprintf("HTML %d", f.status)
	case faultRefuse:
		return "connection refused"
	case faultTooFew:
		return fmt.Sprintf("no more than %d results", f.results)
	}
	return "no fault"
}

// spoils reports that the fault lets the call happen and damages the answer.
func (f *Fault) spoils() bool { return f.kind == faultTooFew }

func (f *Fault) spoil(answer any) {
	if a, ok := answer.(*putRecordsAnswer); ok && len(a.results) > f.results {
		a.results = a.results[:f.results]
	}
}

// errRefused stands for a connection that did not come about.
var errRefused = errors.New("connection refused")

// pageError is an answer that is none of the service's: its status and body as they are.
type pageError struct {
	status int
	html   string
}

func (e *pageError) Error() string {
	return fmt.Sprintf("HTTP %d with a body that is no JSON", e.status)
}

// failure is how a call ends that the fault keeps from happening.
func (f *Fault) failure() error {
	switch f.kind {
	case faultCall:
		return &apiError{f.status, f.code, f.message}
	case faultEmpty:
		return &pageError{status: 200}
	case faultHTML:
		return &pageError{f.status, fmt.Sprintf("<html>\n<head><title>%d</title></head>\n"+
			"<body><center><h1>%[1]d</h1></center></body>\n</html>\n", f.status)}
	}
	return errRefused
}
