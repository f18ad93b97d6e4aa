package shard

import "strconv"

// Class says what a failed attempt asks for. The zero Class is no failure.
type Class uint8

const (
	// Fatal: the call was refused and will be refused again until a person changes something: no such stream, access
	// denied, the KMS key gone or disabled. Nothing was written. No retry.
	Fatal Class = iota + 1
	// Throttled: the shard, the stream or its KMS key takes no more for now. Nothing was written. Retry, slower, and
	// only there.
	Throttled
	// Transient: nothing was written, and the cause passes: no connection, an expired token, a skewed clock. Retry
	// with back-off.
	Transient
	// Ambiguous: nobody can say whether it was written: the connection or the service failed after the first byte of
	// the body. Retry with back-off, and remember that there may be two copies.
	Ambiguous
	// Invalid: the request as a whole was refused for something in it, and nothing was written. The bad record has to
	// be found by halving the request; once it stands alone, Invalid is as final as Fatal.
	Invalid
)

// String returns the name of the class in lower case, as errors, logs and metrics show it.
func (c Class) String() string {
	switch c {
	case 0:
		return "none"
	case Fatal:
		return "fatal"
	case Throttled:
		return "throttled"
	case Transient:
		return "transient"
	case Ambiguous:
		return "ambiguous"
	case Invalid:
		return "invalid"
	}
	return "Class(" + strconv.Itoa(int(c)) + ")"
}

// Retryable reports whether the same record may be sent again as it is.
func (c Class) Retryable() bool { return c == Throttled || c == Transient || c == Ambiguous }

// MaybeWritten reports whether an attempt that ended like this may have left the record in the stream.
func (c Class) MaybeWritten() bool { return c == Ambiguous }

// Codes of calls that failed without the service saying so. They stand where its code would.
const (
	// CodeNoAnswer: the connection could not be made, or ended before an answer came.
	CodeNoAnswer = "NoAnswer"
	// CodeTimeout: the request's own deadline passed before the answer was read.
	CodeTimeout = "RequestTimeout"
	// CodeBadAnswer: an answer came and could not be read: HTML, broken JSON, a body that ends early.
	CodeBadAnswer = "BadAnswer"
	// CodeAutoDistribution: the stream places records by itself, so nothing can be predicted or aggregated.
	CodeAutoDistribution = "AutoDistribution"
	// CodeOtherStream: the service answered about another stream than the ARN's that it was asked about.
	CodeOtherStream = "OtherStream"
	// CodeSecondName: the stream may be in use under another name already, nobody may say, and order was promised.
	CodeSecondName = "SecondName"
	// CodeCountMismatch: a well-formed answer had another number of results than the request had records, so no
	// result can be matched to its record.
	CodeCountMismatch = "RecordCountMismatch"
)

// Failure is why an attempt failed, reduced to what its class depends on: a call that failed as a whole, or one record
// that failed in an otherwise good answer (Status 200, Sent).
type Failure struct {
	// Code is the service's error code ("ValidationException"), or one of the Code constants, or empty if unknown.
	Code string
	// Message is the text that came with it, for people. Class does not look at it.
	Message string
	// Status is the HTTP status of the answer, 0 if there was none or the client does not tell.
	Status int
	// Sent says that the first byte of the request's body may have been written. It is false only when that is
	// certain: refused connection, DNS, TLS, signing. A client that cannot tell sets it.
	Sent bool
}

// Class returns the class of the failure.
//
// A refusal (see the table) is one by its code, unless a 5xx says that the service was not itself. Any other
// well-formed 4xx has a reason that this version does not know; it is Invalid, so that halving the request either
// finds the record that is to blame or ends every record with the service's own words. What remains is a 5xx, a 2xx
// that could not be used, a 4xx that no Kinesis wrote, and no answer at all: Ambiguous once a byte of the body may have
// been written, Transient before. A 2xx proves that the body arrived, whatever Sent says.
//
// One record's InternalFailure in a good answer is Ambiguous for the same reason, and so is any per-record code that
// is no known refusal. The API says of such a record that it was "unsuccessfully processed", not that nothing was
// stored: the code is the per-record form of a 500. To call it unwritten would be a guess in the one place where the
// caller relies on us; to call it ambiguous costs nothing, since both are sent again.
func (f Failure) Class() Class {
	switch f.Status {
	case statusTooLarge:
		return Invalid
	case statusTooMany:
		return Throttled
	}
	kind := f.Status / 100
	if class, known := refusals[f.Code]; known && kind != 5 {
		return class
	}
	switch {
	case kind == 4 && !proveNothing[f.Code]:
		return Invalid
	case kind == 2 || f.Sent:
		return Ambiguous
	}
	return Transient
}

// The HTTP statuses that speak for themselves (RFC 9110, RFC 6585): whoever answers 413 or 429 did not pass the call on.
const (
	statusOK       = 200
	statusTooLarge = 413
	statusTooMany  = 429
)

// MaybeWritten reports whether what failed may nevertheless be in the stream.
func (f Failure) MaybeWritten() bool { return f.Class().MaybeWritten() }

// ClassOfCode returns the class of one record that failed with this code in an otherwise good answer. Invalid then
// concerns this record alone, which so stands isolated.
func ClassOfCode(code string) Class {
	return Failure{Code: code, Status: statusOK, Sent: true}.Class()
}

// proveNothing holds the codes that may stand on a 4xx without telling that Kinesis refused the call: the client's
// own, the SDK's name for an answer without a code, and codes that report a failure and not a refusal.
var proveNothing = map[string]bool{
	"":                         true,
	"UnknownError":             true,
	CodeNoAnswer:               true,
	CodeTimeout:                true,
	CodeBadAnswer:              true,
	CodeCountMismatch:          true,
	"RequestTimeoutException":  true,
	"InternalFailure":          true,
	"InternalFailureException": true,
	"InternalServerError":      true,
	"ServiceUnavailable":       true,
}

// refusals are the codes by which the service says that it did not take the call or the record. From the error lists
// of PutRecords and ListShards in the Kinesis API reference, and the errors common to all AWS services.
var refusals = map[string]Class{
	"AccessDenied":              Fatal,
	"AccessDeniedException":     Fatal,
	"NotAuthorized":             Fatal,
	"OptInRequired":             Fatal,
	"ResourceNotFoundException": Fatal,
	"UnknownOperationException": Fatal,
	"InvalidAction":             Fatal,
	// The producer's own finding about a stream that it cannot write to.
	CodeAutoDistribution: Fatal,
	CodeOtherStream:      Fatal,
	CodeSecondName:       Fatal,
	// The client was made to ask for a dry run: every call is refused, and a retry would never write.
	"DryRunOperationException": Fatal,
	// The key needs a person: a policy, a new key, a subscription.
	"KMSAccessDeniedException": Fatal,
	"KMSDisabledException":     Fatal,
	"KMSNotFoundException":     Fatal,
	"KMSOptInRequired":         Fatal,
	// Unlike the others this one heals by itself: a key that is updating, a key store that is reconnecting.
	"KMSInvalidStateException": Transient,

	"ProvisionedThroughputExceededException": Throttled,
	"LimitExceededException":                 Throttled,
	"KMSThrottlingException":                 Throttled,
	"Throttling":                             Throttled,
	"ThrottlingException":                    Throttled,
	"ThrottledException":                     Throttled,
	"RequestThrottled":                       Throttled,
	"RequestThrottledException":              Throttled,
	"RequestLimitExceeded":                   Throttled,
	"TooManyRequestsException":               Throttled,

	// Credentials are renewed, clocks are corrected, new keys take a moment to be known everywhere.
	"ExpiredToken":                        Transient,
	"ExpiredTokenException":               Transient,
	"RequestExpired":                      Transient,
	"RequestInTheFuture":                  Transient,
	"RequestTimeTooSkewed":                Transient,
	"InvalidSignatureException":           Transient,
	"SignatureDoesNotMatch":               Transient,
	"IncompleteSignature":                 Transient,
	"IncompleteSignatureException":        Transient,
	"InvalidClientTokenId":                Transient,
	"MissingAuthenticationToken":          Transient,
	"MissingAuthenticationTokenException": Transient,
	"UnrecognizedClientException":         Transient,
	// Of ListShards: the stream is changing, or the page token (300 s) died: list from the start.
	"ResourceInUseException":    Transient,
	"ExpiredNextTokenException": Transient,

	"ValidationException":      Invalid,
	"InvalidArgumentException": Invalid,
	"SerializationException":   Invalid,
}
