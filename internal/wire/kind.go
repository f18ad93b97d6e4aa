package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// timeCode names an error that is about time: ours (ctx), the HTTP client's, or the network's. "" if it is not.
func timeCode(ctx context.Context, err error) string {
	var timed net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return CodeCanceled
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		return CodeTimeout
	case errors.As(err, new(*net.DNSError)):
		return "" // a resolver that takes too long is a resolver's fault
	case errors.As(err, &timed) && timed.Timeout():
		return CodeTimeout
	}
	return ""
}

// kind names a failure by the type of its error, where no answer came.
func kind(err error) string {
	switch {
	case unsigned(err):
		return CodeSigning
	case errors.As(err, new(*net.DNSError)):
		return CodeDNS
	case errors.Is(err, syscall.ECONNREFUSED):
		return CodeConnectionRefused
	case untrusted(err), errors.As(err, new(tls.AlertError)), errors.As(err, new(tls.RecordHeaderError)):
		return CodeTLS
	case undialed(err):
		return CodeUnreachable
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.ECONNABORTED), errors.Is(err, syscall.EPIPE),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return CodeConnectionReset
	case errors.As(err, new(*smithyhttp.RequestSendError)), errors.As(err, new(net.Error)):
		return CodeNetwork
	}
	return CodeClient
}

// neverLeft says that an error of this type arises before the first byte of a request only. A TLS alert is not among them:
// with TLS 1.3 the server may send one after it has had the request.
func neverLeft(err error) bool {
	return unsigned(err) || undialed(err) || untrusted(err) || unacceptable(err) ||
		errors.As(err, new(*net.DNSError)) || errors.Is(err, syscall.ECONNREFUSED)
}

func unsigned(err error) bool { return errors.As(err, new(*v4.SigningError)) }

func undialed(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect")
}

// untrusted says that the TLS handshake failed on our side.
func untrusted(err error) bool {
	return errors.As(err, new(*tls.CertificateVerificationError)) || errors.As(err, new(x509.UnknownAuthorityError)) ||
		errors.As(err, new(x509.HostnameError)) || errors.As(err, new(x509.CertificateInvalidError)) ||
		errors.Is(err, http.ErrSchemeMismatch)
}

// unacceptable says that the SDK did not accept the input.
func unacceptable(err error) bool {
	return errors.As(err, new(smithy.InvalidParamsError)) || errors.As(err, new(*smithy.SerializationError))
}
