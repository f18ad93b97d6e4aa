package shard

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// The codes of PutRecords and ListShards in the Kinesis API reference, and the errors common to all AWS services, as a
// whole call's 400 and as one record's code. Written down apart from the table in class.go, so that a line lost there
// is missed here.
func TestClassOfServiceCodes(t *testing.T) {
	checked := 0
	for class, codes := range map[Class][]string{
		Fatal: {
			"AccessDenied", "AccessDeniedException", "NotAuthorized", "OptInRequired", "ResourceNotFoundException",
			"UnknownOperationException", "InvalidAction", "DryRunOperationException", CodeAutoDistribution,
			CodeOtherStream, CodeSecondName,
			"KMSAccessDeniedException", "KMSDisabledException", "KMSNotFoundException", "KMSOptInRequired",
		},
		Throttled: {
			"ProvisionedThroughputExceededException", "LimitExceededException", "KMSThrottlingException",
			"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
			"RequestLimitExceeded", "TooManyRequestsException",
		},
		Transient: {
			"ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed",
			"InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException",
			"InvalidClientTokenId", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
			"UnrecognizedClientException", "KMSInvalidStateException", "ResourceInUseException", "ExpiredNextTokenException",
		},
		Invalid: {"ValidationException", "InvalidArgumentException", "SerializationException"},
	} {
		checked += len(codes)
		for _, code := range codes {
			for _, f := range []Failure{
				{Code: code, Status: 400, Sent: true},
				{Code: code, Status: 400},
				{Code: code, Status: 403, Sent: true},
				{Code: code, Sent: true}, // a client without HTTP
			} {
				if got := f.Class(); got != class || f.MaybeWritten() {
					t.Errorf("%+v: %v, may be written %v; want %v and not written", f, got, f.MaybeWritten(), class)
				}
			}
			if got := ClassOfCode(code); got != class {
				t.Errorf("ClassOfCode(%q) = %v, want %v", code, got, class)
			}
			if f := (Failure{Code: code, Status: 503, Sent: true}); f.Class() != Ambiguous {
				t.Errorf("%+v: %v, want ambiguous: a 5xx proves nothing", f, f.Class())
			}
		}
	}
	if checked != len(refusals) {
		t.Errorf("%d codes are written down here, %d in the table", checked, len(refusals))
	}
}

// What servers, proxies and networks do to a call, and how it looks through the SDK.
func TestClassOfFailure(t *testing.T) {
	for _, row := range []struct {
		what    string
		failure Failure
		want    Class
	}{
		{"429 with a code", Failure{Code: "TooManyRequestsException", Status: 429, Sent: true}, Throttled},
		{"429 empty", Failure{Code: "UnknownError", Status: 429, Sent: true}, Throttled},
		{"500 typed", Failure{Code: "InternalFailureException", Status: 500, Sent: true}, Ambiguous},
		{"500 generic", Failure{Code: "InternalFailure", Status: 500, Sent: true}, Ambiguous},
		{"502 empty", Failure{Code: "UnknownError", Status: 502, Sent: true}, Ambiguous},
		{"502 HTML", Failure{Code: CodeBadAnswer, Status: 502, Sent: true}, Ambiguous},
		{"503 JSON", Failure{Code: "ServiceUnavailable", Status: 503, Sent: true}, Ambiguous},
		{"504 empty", Failure{Code: "UnknownError", Status: 504, Sent: true}, Ambiguous},
		{"503 before the body", Failure{Code: "ServiceUnavailable", Status: 503}, Transient},
		{"internal failure without a status", Failure{Code: "InternalFailureException", Sent: true}, Ambiguous},
		{"internal failure on a 400", Failure{Code: "InternalFailure", Status: 400, Sent: true}, Ambiguous},
		{"413 empty", Failure{Code: "UnknownError", Status: 413, Sent: true}, Invalid},
		{"413 before the body", Failure{Status: 413}, Invalid},
		{"400 empty", Failure{Code: "UnknownError", Status: 400, Sent: true}, Ambiguous},
		{"400 no code", Failure{Status: 400, Sent: true}, Ambiguous},
		{"404 text", Failure{Code: CodeBadAnswer, Status: 404, Sent: true}, Ambiguous},
		{"408", Failure{Code: "RequestTimeoutException", Status: 408, Sent: true}, Ambiguous},
		{"400 with a code of next year", Failure{Code: "StreamTooOldException", Status: 400, Sent: true}, Invalid},
		{"a code of next year without a status", Failure{Code: "StreamTooOldException", Sent: true}, Ambiguous},
		{"302", Failure{Status: 302, Sent: true}, Ambiguous},

		{"200 empty or {}: no results", Failure{Code: CodeCountMismatch, Status: 200, Sent: true}, Ambiguous},
		{"200 truncated, HTML or short", Failure{Code: CodeBadAnswer, Status: 200, Sent: true}, Ambiguous},
		{"reset in the body of a 200", Failure{Code: CodeNoAnswer, Status: 200, Sent: true}, Ambiguous},
		{"200 of a client that says nothing was sent", Failure{Code: CodeBadAnswer, Status: 200}, Ambiguous},

		{"close, reset, half a status line", Failure{Code: CodeNoAnswer, Sent: true}, Ambiguous},
		{"deadline", Failure{Code: CodeTimeout, Sent: true}, Ambiguous},
		{"deadline while connecting", Failure{Code: CodeTimeout}, Transient},
		{"refused, DNS, TLS, signing", Failure{Code: CodeNoAnswer}, Transient},
		{"nothing known", Failure{}, Transient},
		{"nothing known, sent", Failure{Sent: true}, Ambiguous},
	} {
		if got := row.failure.Class(); got != row.want || row.failure.MaybeWritten() != (row.want == Ambiguous) {
			t.Errorf("%s: %v, may be written %v; want %v", row.what, got, row.failure.MaybeWritten(), row.want)
		}
	}
	for _, code := range []string{"InternalFailure", "InternalFailureException", "ServiceUnavailable", "", "SomethingNew"} {
		if got := ClassOfCode(code); got != Ambiguous {
			t.Errorf("ClassOfCode(%q) = %v, want ambiguous", code, got)
		}
	}
}

// Whatever comes, a failure has a class, its message does not matter, and only what certainly left nothing behind is
// said to have left nothing behind.
func TestClassLaws(t *testing.T) {
	codes := []string{"", "UnknownError", "SomethingNew", CodeNoAnswer, CodeTimeout, CodeBadAnswer, CodeCountMismatch, "InternalFailure"}
	for code := range refusals {
		codes = append(codes, code)
	}
	rapid.Check(t, func(t *rapid.T) {
		f := Failure{
			Code:   rapid.SampledFrom(codes).Draw(t, "code"),
			Status: rapid.OneOf(rapid.IntRange(100, 599), rapid.Just(0), rapid.Int()).Draw(t, "status"),
			Sent:   rapid.Bool().Draw(t, "sent"),
		}
		class := f.Class()
		if class < Fatal || class > Invalid {
			t.Fatalf("%+v has no class", f)
		}
		told := f
		told.Message = rapid.String().Draw(t, "message")
		if told.Class() != class {
			t.Fatalf("the message changed the class of %+v", f)
		}
		if f.Sent && f.Status >= 500 && f.Status < 600 && !f.MaybeWritten() {
			t.Fatalf("%+v is said not to be written", f)
		}
		if !f.Sent && f.Status == 0 && f.MaybeWritten() {
			t.Fatalf("%+v was never sent, and may be written", f)
		}
	})
}

func TestClassWords(t *testing.T) {
	want := "none fatal throttled transient ambiguous invalid Class(6)"
	if got := fmt.Sprint(Class(0), Fatal, Throttled, Transient, Ambiguous, Invalid, Class(6)); got != want {
		t.Errorf("classes read %q, want %q", got, want)
	}
	for class, retry := range map[Class]bool{0: false, Fatal: false, Throttled: true, Transient: true, Ambiguous: true, Invalid: false} {
		if class.Retryable() != retry {
			t.Errorf("%v.Retryable() = %v", class, !retry)
		}
	}
}
