package properties

import (
	"fmt"
	"math"
	"time"
)

// deprecated are the keys that Flink 1.4 replaced, and still lets overwrite the new ones.
func deprecated() []Setting {
	return withOrigin(Flink, []Setting{
		{
			Names: []string{"aws.producer.collectionMaxCount"}, Kind: whole("Kinesis records", 1, 500), Target: "CollectionMaxCount",
			set: noting(count(func(v *Values) **int64 { return &v.CollectionMaxCount }), "deprecated; write CollectionMaxCount"),
		},
		{
			Names: []string{"aws.producer.aggregationMaxCount"}, Kind: whole("user records", 1, math.MaxInt64), Target: "AggregationMaxCount",
			set: noting(count(func(v *Values) **int64 { return &v.AggregationMaxCount }), "deprecated; write AggregationMaxCount"),
		},
	})
}

const (
	credentials = "aws.credentials.provider"
	// tableCredentials is what a table's options have where the keys have credentials and a dot.
	tableCredentials = "aws.credentials."
)

// flink are the keys of Flink's AWS connectors.
func flink() []Setting {
	return withOrigin(Flink, inOrder(flinkCredentials(), []Setting{
		{
			Names: []string{"aws.region"}, Kind: region(), Target: "client: region",
			set: toClient(func(c *Connection) *string { return &c.Region }),
		},
		{
			Names: []string{"aws.endpoint"}, Kind: address(), Target: "client: endpoint",
			set: toClient(func(c *Connection) *string { return &c.Endpoint }),
		},
		{
			Names: []string{"aws.trust.all.certificates"}, Kind: truth(), Default: "false", Target: verification,
			set: func(v *Values, x value) (string, string) { return skipVerify(v, x.truth) },
		},
		{
			Names: []string{"sink.http-client.protocol.version", "aws.http.protocol.version"}, Kind: oneOf("HTTP1_1", "HTTP2"), Default: "HTTP2",
			Target: "client: version of HTTP", set: toClient(func(c *Connection) *string { return &c.HTTPVersion }),
		},
		{
			Names: []string{"sink.http-client.read-timeout", "aws.http-client.read-timeout"}, Kind: millis(1, math.MaxInt64), Default: "360000",
			Target: "RequestTimeout", set: readTimeout,
		},
		{
			Names: []string{"aws.kinesis.client.user-agent-prefix"}, Kind: text("a word"), Target: "client: user agent",
			set: toClient(func(c *Connection) *string { return &c.Agent }),
		},
		{
			Names: []string{"flink.", "scan."}, Prefix: true, Kind: text(anything),
			Why: "it is a setting of the consumer, and this is a producer",
		},
	}))
}

// readTimeout: Netty's is about a silence, ours about the whole call, which is what bounds a silence.
func readTimeout(v *Values, x value) (string, string) {
	const least, most = 100, 600_000
	d := time.Duration(min(max(x.whole, least), most)) * time.Millisecond
	v.RequestTimeout = &d
	if d.Milliseconds() != x.whole {
		return d.String(), "a RequestTimeout is 100 ms to 10 minutes"
	}
	return d.String(), ""
}

func flinkCredentials() []Setting {
	const other = "it belongs to credentials that the AWS SDK's config module makes; see " + credentials
	names := func(rest string) []string { return []string{credentials + "." + rest, tableCredentials + rest} }
	return []Setting{
		{
			Names: []string{credentials}, Kind: oneOf("BASIC", "ENV_VAR", "AUTO", "PROFILE", "SYS_PROP", "ASSUME_ROLE", "WEB_IDENTITY_TOKEN", "CUSTOM"),
			Target: "client: credentials", refuses: refusedCredentials,
			set: func(v *Values, x value) (string, string) {
				v.Connection.Credentials = x.text
				if x.text == "AUTO" {
					return x.text, "the SDK's default chain is in its config module: give NewClient the Credentials of config.LoadDefaultConfig(ctx)"
				}
				return x.text, ""
			},
		},
		{
			Names: names("basic.accesskeyid"), Kind: secret("an access key id"), Target: "client: access key id",
			set: toSecret(func(c *Connection) *Secret { return &c.AccessKey }),
		},
		{
			Names: names("basic.secretkey"), Kind: secret("a secret access key"), Target: "client: secret access key",
			set: toSecret(func(c *Connection) *Secret { return &c.SecretKey }),
		},
		{ // Flink has none, so that temporary credentials cannot be written
			Names: names("basic.sessiontoken"), Kind: secret("a session token"), Target: "client: session token",
			set: toSecret(func(c *Connection) *Secret { return &c.SessionToken }),
		},
		{Names: names("profile.path"), Kind: text("a path"), Why: other},
		{Names: names("profile.name"), Kind: text("a name"), Why: other},
		{Names: names("role.arn"), Kind: text("an ARN"), Why: other},
		{Names: names("role.sessionName"), Kind: text("a name"), Why: other},
		{Names: names("role.externalId"), Kind: secret("an id"), Why: other},
		{Names: names("role.stsEndpoint"), Kind: text("a URL"), Why: other},
		{Names: names("role.provider"), Prefix: true, Kind: secret("what belongs to the credentials for the role"), Why: other},
		{Names: names("webIdentityToken.file"), Kind: text("a path"), Why: other},
		{Names: names("custom.class"), Kind: text("a class"), Why: "there are no classes to load; see " + credentials},
	}
}

// refusedCredentials tells of the credentials that need more than the SDK's core which line of Go makes them.
func refusedCredentials(x value) string {
	const line = "; write instead: awsCfg, err := config.LoadDefaultConfig(ctx%s), and give NewClient its Credentials"
	with := func(option string) string {
		return "makes credentials that need the SDK's config module" + fmt.Sprintf(line, option)
	}
	switch x.text {
	case "PROFILE":
		return with(`, config.WithSharedConfigProfile("name")`)
	case "WEB_IDENTITY_TOKEN":
		return with("") + " (it reads AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN of the environment)"
	case "ASSUME_ROLE":
		return "makes credentials that need the SDK's credentials/stscreds module; write instead:" +
			" creds := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(awsCfg), roleARN), and give NewClient aws.NewCredentialsCache(creds)"
	case "SYS_PROP":
		return "means the system properties of a Java machine; use ENV_VAR, or BASIC with both keys"
	case "CUSTOM":
		return "means a Java class; write instead an aws.CredentialsProviderFunc, and give it to NewClient as Credentials"
	}
	return ""
}
