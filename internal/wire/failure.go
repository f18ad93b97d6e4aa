package wire

import (
	"fmt"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// Codes of failures that have no service code. They are stable. The words before CodeBadAnswer come with Status 0, unless
// the answer broke off; a service code comes with the Status of its answer.
const (
	CodeConnectionRefused = "ConnectionRefused" // nobody listens at the endpoint
	CodeDNS               = "DNS"               // the endpoint's name does not resolve
	CodeTLS               = "TLS"               // no trusted TLS connection
	CodeUnreachable       = "Unreachable"       // the connection could not be made for another reason
	CodeTimeout           = "Timeout"           // ctx's deadline, or a time limit of the HTTP client
	CodeCanceled          = "Canceled"          // ctx was canceled
	CodeConnectionReset   = "ConnectionReset"   // the connection ended before an answer
	CodeNetwork           = "Network"           // the HTTP client failed in another way
	CodeSigning           = "Signing"           // no credentials, or no signature
	CodeClient            = "Client"            // the client refused or failed without naming any of the others
	CodeBadAnswer         = "BadAnswer"         // an answer that is not Kinesis' or not complete
	CodeWrongCount        = "WrongCount"        // 200, but not one result for each record
)

// meaning begins the message of each code of ours. BadAnswer and WrongCount have messages for each case.
var meaning = map[string]string{
	CodeConnectionRefused: "nobody listens at the endpoint",
	CodeDNS:               "the endpoint's host name does not resolve",
	CodeTLS:               "no trusted TLS connection to the endpoint; check its scheme, name and certificate",
	CodeUnreachable:       "no connection to the endpoint",
	CodeTimeout:           "the time for the call ran out",
	CodeCanceled:          "the call was canceled",
	CodeConnectionReset:   "the connection ended before the answer was there",
	CodeNetwork:           "the HTTP exchange failed",
	CodeSigning:           "the request was not signed; check that the client has credentials and can fetch them",
	CodeClient:            "the client gave no answer",
}

// Failure is how a call ended that has no answers. A *Failure is nil when there is none; it is immutable and safe to share.
type Failure struct {
	// Code is the service's error code ("ResourceNotFoundException") or one of the words above. At most 128 bytes of
	// a-z A-Z 0-9 . _ -
	Code string
	// Message is for people: one line of valid UTF-8, at most 512 bytes. Credentials, signed headers and quoted values from
	// records are withheld in all the forms that the SDK and the service are known to use, and a web page is only named.
	Message string
	// Status is the HTTP status of the answer, 200 for any client's success that we do not believe; 0 if no answer came or
	// the client does not tell.
	Status int
	// Sent says that the server may have acted on the call: a byte of the body may have left, and no refusal came back.
	// A refusal is an answer with a 4xx status and a service code; nothing was written then.
	//
	// A *kinesis.Client over net/http is measured. Every other client is judged by its error: failures to resolve, to dial,
	// to verify the server, to sign, to accept the input, and service errors that are the client's fault were not sent.
	// Everything else, known or unknown, may have been.
	Sent bool
	// RequestID is the service's id of the call, which AWS support asks for; "" if no answer had one. At most 128 bytes.
	RequestID string
	// Err is the client's error without the HTTP request and response around it, for errors.Is and errors.As; nil if the
	// client saw none. Its own text is not cleaned: show the Failure instead.
	Err error
}

// Error returns code, status, request id and message in one line of at most 1 KiB.
func (f *Failure) Error() string {
	switch {
	case f.Status == 0:
		return f.Code + ": " + f.Message
	case f.RequestID == "":
		return fmt.Sprintf("%s (HTTP %d): %s", f.Code, f.Status, f.Message)
	}
	return fmt.Sprintf("%s (HTTP %d, request %s): %s", f.Code, f.Status, f.RequestID, f.Message)
}

// Unwrap returns Err.
func (f *Failure) Unwrap() error { return f.Err }

// badAnswer is the failure of a call that the server says went well, in words we cannot believe.
func badAnswer(message string) *Failure {
	return &Failure{Code: CodeBadAnswer, Status: 200, Sent: true, Message: message}
}

// withRequestID adds what the metadata of a 200 says, before anybody else has seen f. A nil f stays nil.
func (f *Failure) withRequestID(md middleware.Metadata) *Failure {
	if id, ok := awsmiddleware.GetRequestIDMetadata(md); ok && f != nil && wellFormedCode(id) {
		f.RequestID = id
	}
	return f
}
