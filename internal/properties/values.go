package properties

import "time"

// Values are what a set of properties sets; nil is what it leaves alone.
type Values struct {
	DefaultStream, DefaultPartition *string
	RandomPartitioner               *bool
	LogAndContinue                  *bool
	OrderPerKey                     *bool

	QueueLimit, QueueBytes, MaxStreams *int64

	AggregationDisabled                     *bool
	AggregationMaxCount, AggregationMaxSize *int64
	CollectionMaxCount, CollectionMaxSize   *int64
	MaxRecordSize                           *int64
	RecordMaxBufferedTime                   *time.Duration // 0 for none

	RecordTTL, RetryDuration     *time.Duration // 0 for none
	UserRecordTimeout            *time.Duration // 0 for none
	RequestTimeout               *time.Duration
	MaxAttempts, RateLimit       *int64
	MaxConnections, RequestBytes *int64
	FailIfThrottled              *bool
	MetricsLevel                 *string // none, summary, detailed
	MetricsGranularity           *string // global, stream, shard

	Connection Connection
}

// Connection is what is said of the client: where it connects to, how, and as whom. Empty is what nothing is said of.
type Connection struct {
	Region, Endpoint string // the endpoint is a URL, or a host for Port
	Port             int64
	Credentials      string // the word of aws.credentials.provider
	AccessKey        Secret
	SecretKey        Secret
	SessionToken     Secret

	SkipVerify     bool // do not verify the server's certificate
	CAFile, CAPath string
	ConnectTimeout time.Duration
	HTTPVersion    string // HTTP1_1 or HTTP2
	Agent          string

	ProxyHost     string
	ProxyPort     int64
	ProxyUser     string
	ProxyPassword Secret
}

// Secret is a text that no printing, logging or encoding of the values around it can show.
type Secret struct{ reveal func() string }

// Hide makes a secret of a text.
func Hide(text string) Secret { return Secret{func() string { return text }} }

// Reveal is the text, "" if there is none.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}
