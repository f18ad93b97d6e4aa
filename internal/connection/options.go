package connection

import (
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/internal/properties"
)

// Options makes options of what c says. The client keeps at least idle connections that wait for work. It reads the files
// of certificates that c names; the error is about those.
func Options(c properties.Connection, idle int) (func(*kinesis.Options), error) {
	transport, err := transportOf(c, idle)
	if err != nil {
		return nil, err
	}
	return func(o *kinesis.Options) {
		if c.Region != "" {
			o.Region = c.Region
		}
		if url := endpoint(c); url != "" {
			o.BaseEndpoint = &url
		}
		if provider := credentialsOf(c); provider != nil {
			o.Credentials = provider
		}
		if c.Agent != "" {
			o.APIOptions = append(o.APIOptions, middleware.AddUserAgentKey(c.Agent))
		}
		o.HTTPClient = connected(o.HTTPClient, c, transport)
	}, nil
}

// endpoint is a URL: as it is written, or of a host and a port, which are always asked with TLS, as in the KPL.
func endpoint(c properties.Connection) string {
	switch {
	case c.Endpoint == "", strings.Contains(c.Endpoint, "://"):
		return c.Endpoint
	case c.Port == 0 || c.Port == 443:
		return "https://" + c.Endpoint
	}
	return "https://" + net.JoinHostPort(c.Endpoint, strconv.FormatInt(c.Port, 10))
}

// connected is an HTTP client with another transport.
func connected(given aws.HTTPClient, c properties.Connection, transport func(*http.Transport)) aws.HTTPClient {
	client, ours := given.(*awshttp.BuildableClient)
	if !ours {
		if given != nil && !saysConnections(c) {
			return given
		}
		client = awshttp.NewBuildableClient()
	}
	if c.ConnectTimeout > 0 {
		client = client.WithDialerOptions(func(d *net.Dialer) { d.Timeout = c.ConnectTimeout })
	}
	return client.WithTransportOptions(transport)
}

// saysConnections tells whether the properties want anything of the HTTP client.
func saysConnections(c properties.Connection) bool {
	return c.SkipVerify || c.CAFile != "" || c.CAPath != "" || c.ConnectTimeout > 0 || c.HTTPVersion != "" || c.ProxyHost != ""
}
