package kinesistest

import (
	"fmt"
	"net/http"
)

// apiError is an answer that refuses a call in the service's own terms.
type apiError struct {
	status  int // HTTP status: 400, or 500 for the service's own failures
	code    string
	message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func refuse(code, format string, args ...any) *apiError {
	return &apiError{http.StatusBadRequest, code, fmt.Sprintf(format, args...)}
}

// The codes that the core itself gives. Faults may use any other.
const (
	codeDryRun           = "DryRunOperationException"
	codeExpiredIterator  = "ExpiredIteratorException"
	codeExpiredToken     = "ExpiredNextTokenException"
	codeInvalidArgument  = "InvalidArgumentException"
	codeLimitExceeded    = "LimitExceededException"
	codeMissingAuth      = "MissingAuthenticationTokenException"
	codeNotFound         = "ResourceNotFoundException"
	codeInUse            = "ResourceInUseException"
	codeSerialization    = "SerializationException"
	codeThroughput       = "ProvisionedThroughputExceededException"
	codeUnknownClient    = "UnrecognizedClientException"
	codeUnknownOperation = "UnknownOperationException"
	codeValidation       = "ValidationException"
)

// dryRun answers a call whose DryRun member is true once nothing else refused it.
func dryRun() *apiError {
	return refuse(codeDryRun, "Request would have succeeded, but DryRun flag is set.")
}

func noStream(name, account string) *apiError {
	return refuse(codeNotFound, "Stream %s under account %s not found.", name, account)
}
