package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A client that drops our option function is judged by its error alone.
func TestForeignErrors(t *testing.T) {
	send := func(err error) error {
		return &smithy.OperationError{ServiceID: "Kinesis", OperationName: "PutRecords", Err: &smithyhttp.RequestSendError{Err: err}}
	}
	dial := func(err error) error { return send(&net.OpError{Op: "dial", Net: "tcp", Err: err}) }
	invalid := smithy.InvalidParamsError{Context: "PutRecordsInput"}
	invalid.Add(smithy.NewErrParamRequired("Records"))
	for _, c := range []struct {
		name string
		err  error
		want verdict
	}{
		{"missing stream", &types.ResourceNotFoundException{}, verdict{"ResourceNotFoundException", 0, false}},
		{"throttle", fmt.Errorf("wrapped: %w", &types.ProvisionedThroughputExceededException{}), verdict{"ProvisionedThroughputExceededException", 0, false}},
		{"server's fault", &types.InternalFailureException{}, verdict{"InternalFailureException", 0, true}},
		{"nobody's fault", &smithy.GenericAPIError{Code: "ServiceUnavailable"}, verdict{"ServiceUnavailable", 0, true}},
		{"client's fault", &smithy.GenericAPIError{Code: "AccessDeniedException", Fault: smithy.FaultClient}, verdict{"AccessDeniedException", 0, false}},
		{"no code", &smithy.GenericAPIError{Code: unknownCode, Fault: smithy.FaultClient}, verdict{CodeClient, 0, true}},

		{"refused", dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), verdict{CodeConnectionRefused, 0, false}},
		{"unreachable", dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), verdict{CodeUnreachable, 0, false}},
		{"dial timeout", dial(os.ErrDeadlineExceeded), verdict{CodeTimeout, 0, false}},
		{"proxy", send(&net.OpError{Op: "proxyconnect", Err: errors.New("407")}), verdict{CodeUnreachable, 0, false}},
		{"DNS", dial(&net.DNSError{Err: "no such host"}), verdict{CodeDNS, 0, false}},
		{"DNS timeout", dial(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), verdict{CodeDNS, 0, false}},
		{"certificate", send(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), verdict{CodeTLS, 0, false}},
		{"host name", send(x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}), verdict{CodeTLS, 0, false}},
		{"TLS alert", send(&net.OpError{Op: "remote error", Err: tls.AlertError(42)}), verdict{CodeTLS, 0, true}},
		{"not TLS", send(http.ErrSchemeMismatch), verdict{CodeTLS, 0, false}},
		{"unsigned", &v4.SigningError{Err: errors.New("no credentials")}, verdict{CodeSigning, 0, false}},
		{"invalid input", invalid, verdict{CodeClient, 0, false}},
		{"unserializable", &smithy.SerializationError{Err: errors.New("x")}, verdict{CodeClient, 0, false}},

		{"reset", send(&net.OpError{Op: "read", Err: syscall.ECONNRESET}), verdict{CodeConnectionReset, 0, true}},
		{"broken pipe", send(&net.OpError{Op: "write", Err: syscall.EPIPE}), verdict{CodeConnectionReset, 0, true}},
		{"EOF", send(io.EOF), verdict{CodeConnectionReset, 0, true}},
		{"read timeout", send(&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}), verdict{CodeTimeout, 0, true}},
		{"its own deadline", context.DeadlineExceeded, verdict{CodeTimeout, 0, true}},
		{"its own cancel", context.Canceled, verdict{CodeClient, 0, true}},
		{"send", send(errors.New("http2: something")), verdict{CodeNetwork, 0, true}},
		{"a stranger", errors.New("no idea"), verdict{CodeClient, 0, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, f := PutRecords(t.Context(), failing(c.err), events, one)
			check(t, f, c.want)
		})
	}
}

func TestForeignSilence(t *testing.T) {
	client := foreign{put: func(*kinesis.PutRecordsInput) (*kinesis.PutRecordsOutput, error) { return nil, nil }}
	_, f := PutRecords(t.Context(), client, events, one)
	check(t, f, verdict{CodeBadAnswer, 200, true})
}

// wrapper is a foreign client that hands everything on to the SDK's: what it does is still measured.
type wrapper struct{ *kinesis.Client }

func TestWrappedClientIsMeasured(t *testing.T) {
	// Judged by its type this error may have come after the first byte. The measurement knows that no byte left.
	dead := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) {
		o.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, io.ErrUnexpectedEOF
		}}}
	})
	_, f := PutRecords(t.Context(), wrapper{dead}, events, one)
	check(t, f, verdict{CodeConnectionReset, 0, false})
}

// reader looks into the options that it is given but makes no call through the SDK.
type reader struct{ foreign }

func (reader) PutRecords(_ context.Context, _ *kinesis.PutRecordsInput, options ...func(*kinesis.Options)) (*kinesis.PutRecordsOutput, error) {
	var o kinesis.Options
	for _, set := range options {
		set(&o)
	}
	return nil, errors.New("lost")
}

func TestOptionsReadIsNotMeasured(t *testing.T) {
	_, f := PutRecords(t.Context(), reader{}, events, one)
	check(t, f, verdict{CodeClient, 0, true})
}
