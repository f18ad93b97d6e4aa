package connection

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"

	"github.com/kinecast/kinecast/internal/properties"
)

// transportOf is what the properties change in a transport.
func transportOf(c properties.Connection, idle int) (func(*http.Transport), error) {
	roots, err := rootsOf(c)
	if err != nil {
		return nil, err
	}
	return func(t *http.Transport) {
		t.MaxIdleConns = max(t.MaxIdleConns, idle)
		t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, idle)
		if c.ConnectTimeout > 0 {
			t.TLSHandshakeTimeout = c.ConnectTimeout
		}
		if c.ProxyHost != "" {
			t.Proxy = http.ProxyURL(proxy(c))
		}
		if t.TLSClientConfig == nil {
			t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		t.TLSClientConfig.InsecureSkipVerify = t.TLSClientConfig.InsecureSkipVerify || c.SkipVerify
		if roots != nil {
			t.TLSClientConfig.RootCAs = roots
		}
		speak(t, c.HTTPVersion)
	}, nil
}

// speak chooses the version of HTTP. A transport that has been cloned, as the SDK's, offers HTTP/2 in its TLS configuration
// whatever its Protocols say, and then does not understand the answer.
func speak(t *http.Transport, version string) {
	if version == "" {
		return
	}
	two := version == "HTTP2"
	t.ForceAttemptHTTP2 = two
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.Protocols.SetHTTP2(two)
	if !two {
		t.TLSNextProto = nil
		t.TLSClientConfig.NextProtos = []string{"http/1.1"}
	}
}

// proxy is reached without TLS of its own, as by the KPL: what goes through it is encrypted to Kinesis.
func proxy(c properties.Connection) *url.URL {
	port := c.ProxyPort
	if port == 0 {
		port = 443 // the KPL's default
	}
	u := &url.URL{Scheme: "http", Host: net.JoinHostPort(c.ProxyHost, strconv.FormatInt(port, 10))}
	if c.ProxyUser != "" {
		u.User = url.UserPassword(c.ProxyUser, c.ProxyPassword.Reveal())
	}
	return u
}

// rootsOf reads who may vouch for the server; nil for whom the system trusts.
func rootsOf(c properties.Connection) (*x509.CertPool, error) {
	files := []string{}
	if c.CAFile != "" {
		files = append(files, c.CAFile)
	}
	if c.CAPath != "" {
		entries, err := os.ReadDir(c.CAPath)
		if err != nil {
			return nil, fmt.Errorf("CaCertPath: %w", err)
		}
		for _, e := range entries {
			if !e.IsDir() {
				files = append(files, filepath.Join(c.CAPath, e.Name()))
			}
		}
	}
	if c.CAFile == "" && c.CAPath == "" {
		return nil, nil
	}
	pool, found := x509.NewCertPool(), false
	for _, name := range files {
		pem, err := os.ReadFile(name) //nolint:gosec // the file that the caller's own settings name
		if err != nil {
			return nil, fmt.Errorf("reading certificates: %w", err)
		}
		found = pool.AppendCertsFromPEM(pem) || found
	}
	if !found {
		return nil, fmt.Errorf("no PEM certificate in CaCertFile %q and CaCertPath %q", c.CAFile, c.CAPath)
	}
	return pool, nil
}
