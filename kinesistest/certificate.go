package kinesistest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// TLS has the HTTP door speak https, with HTTP/2 and HTTP/1.1 as the client likes, under a
// certificate of its own for 127.0.0.1, ::1 and localhost. [Server.URL] begins with https then,
// and clients trust [Server.Certificates].
func TLS() Option {
	return Option{apply: func(s *service) error {
		s.tls = true
		return nil
	}}
}

// Certificates returns what a client has to trust to call a server with [TLS]: its own
// certificate alone. It is nil for a server without.
//
//	transport := http.DefaultTransport.(*http.Transport).Clone()
//	transport.TLSClientConfig = &tls.Config{RootCAs: server.Certificates()}
func (s *Server) Certificates() *x509.CertPool {
	if s.door.certificate == nil {
		return nil
	}
	pool := x509.NewCertPool()
	pool.AddCert(s.door.certificate.Leaf)
	return pool
}

// CertificatePEM returns the certificate of a server with [TLS] in PEM, for clients of other
// languages, which mostly want it in a file; nil for a server without.
func (s *Server) CertificatePEM() []byte {
	if s.door.certificate == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.door.certificate.Certificate[0]})
}

// certificateLife is longer than any test, and than most programs run.
const certificateLife = 10 * 365 * 24 * time.Hour

// newCertificate makes a self-signed certificate for the loopback interface.
func newCertificate() (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(now.UnixNano()),
		Subject:               pkix.Name{CommonName: "kinesistest"},
		NotBefore:             now.Add(-time.Hour), // a client's clock may be behind
		NotAfter:              now.Add(certificateLife),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true, // some clients trust nothing else
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}
