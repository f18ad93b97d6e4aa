package kinecast

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast/figures"
	"github.com/kinecast/kinecast/internal/connection"
	"github.com/kinecast/kinecast/internal/properties"
)

// Properties is what settings of Flink's producers or of the Kinesis Producer Library say. ParseProperties and
// ReadProperties make one; Config.Apply takes over what is meant for the producer, and NewClient what is meant for its
// client. It is read-only, and no printing, logging or encoding of it shows a secret.
//
//	p, err := kinecast.ReadProperties(file)
//	…
//	cfg := kinecast.FlinkDefaults[Click]() // for the settings that the file leaves out, if you want theirs
//	cfg.Apply(p)
//	cfg.Serializer = kinecast.JSON[Click]() // what a file cannot say; any field may be changed now
//	client, err := p.NewClient()
//
// # Names
//
// Known are the KPL's properties (RecordTtl), Flink's keys (aws.region, aws.credentials.provider and those below it), the
// deprecated ones (aws.producer.collectionMaxCount), the options of its tables (sink.producer.record-ttl,
// sink.flush-buffer.timeout), and the names of those fields of Config that no original has (QueueLimit, FailOnError,
// DefaultStream, RetryDuration, MaxAttempts). Units are theirs: times are whole milliseconds. docs/parity.md lists every
// name with what becomes of it.
//
// # Who wins
//
// Of two entries for one field, aws.producer.* wins over aws.*, stream and sink.*, these over sink.producer.*, and these
// over all others: Flink's own rules. Of two lines with the same name the last one wins. A note says so each time.
//
// # What is refused
//
// A value that is mistyped, out of the range of its original or at odds with another is an error, always; so are an unknown
// name, with a guess at what was meant, and a setting that has no counterpart here but that somebody relies on, with a
// sentence on what there is instead. See Lenient and Ignoring. A setting that is not needed here, such as NativeExecutable,
// gets a note.
type Properties struct {
	// Notes say what became of each entry, in the order of the lines, or of the names in a map.
	Notes []Note

	values properties.Values
}

// Note says what became of one entry.
type Note struct {
	// Line is where the entry begins, from 1; 0 in a map.
	Line int
	// Key is its name.
	Key string
	// Outcome is what became of it.
	Outcome Outcome
	// Field is the field of Config that it sets, or the part of the client; "" if it sets nothing.
	Field string
	// Text is the rest of the sentence. It quotes no secret.
	Text string
}

// String is the note as a sentence.
func (n Note) String() string { return sentence(n.Line, n.Key, n.Text) }

// Outcome is what became of an entry of Properties.
type Outcome uint8

// The outcomes.
const (
	// Sets: the entry sets its field.
	Sets = Outcome(properties.Set)
	// Unneeded: there is nothing to set, and nothing is lost by that.
	Unneeded = Outcome(properties.Unneeded)
	// Overruled: another entry sets its field.
	Overruled = Outcome(properties.Overruled)
	// Ignored: it is unknown or refused, and Lenient or Ignoring asked to pass over it.
	Ignored = Outcome(properties.Ignored)
)

// PropertiesError names every fault of a set of properties at once.
type PropertiesError struct {
	// Faults are in the order of their lines.
	Faults []PropertyFault
}

// PropertyFault is what is wrong with one entry. It quotes no secret, and no line that could hold one.
type PropertyFault struct {
	// Line is where, from 1; 0 if the properties came as a map.
	Line int
	// Key is the name of the entry, or "" if the line has none.
	Key string
	// Text is the rest of the sentence: what is wrong, what is allowed, what to do.
	Text string
}

// Error lists the faults, one a line.
func (e *PropertiesError) Error() string {
	var text strings.Builder
	if len(e.Faults) == 1 {
		text.WriteString("kinecast: a fault in the properties:")
	} else {
		fmt.Fprintf(&text, "kinecast: %d faults in the properties:", len(e.Faults))
	}
	for _, f := range e.Faults {
		text.WriteString("\n  " + sentence(f.Line, f.Key, f.Text))
	}
	return text.String()
}

func sentence(line int, key, text string) string {
	switch {
	case line == 0:
		return key + " " + text
	case key == "":
		return fmt.Sprintf("line %d %s", line, text)
	}
	return fmt.Sprintf("line %d: %s %s", line, key, text)
}

// ParseOption changes how properties are read. Without any they are read strictly.
type ParseOption func(*properties.Options)

// Lenient passes over names that are unknown and settings that are refused, as the originals do with a line in their log;
// here it is a note. Bad values remain errors.
func Lenient() ParseOption { return func(o *properties.Options) { o.Lenient = true } }

// Ignoring passes over the named properties, and those that begin with a name that ends in *: for settings of others in the
// same file, and for those that have been taken care of in code, such as Ignoring("aws.credentials.*").
func Ignoring(names ...string) ParseOption {
	return func(o *properties.Options) { o.Ignore = append(o.Ignore, names...) }
}

// ParseProperties reads properties that are in a map, which it does not change. The error is a *PropertiesError that names
// every fault at once.
func ParseProperties(m map[string]string, options ...ParseOption) (*Properties, error) {
	return resolved(properties.FromMap(m), nil, options)
}

// ReadProperties reads a .properties file by the grammar of java.util.Properties: comments (# and !), separators (=, : and
// white space), continued lines, escapes. The text is UTF-8 or, if it is not valid UTF-8, ISO-8859-1; at most 1 MiB. Stricter
// than Java, a line without any separator is malformed, and so is one without a name. The error is the reader's own, or a
// *PropertiesError that names every malformed line and every other fault at once.
func ReadProperties(r io.Reader, options ...ParseOption) (*Properties, error) {
	entries, malformed, err := properties.Read(r)
	if err != nil {
		return nil, fmt.Errorf("kinecast: %w", err)
	}
	return resolved(entries, malformed, options)
}

func resolved(entries []properties.Entry, malformed []properties.Fault, options []ParseOption) (*Properties, error) {
	var o properties.Options
	for _, option := range options {
		option(&o)
	}
	values, notes, faults := properties.Resolve(entries, malformed, o)
	if len(faults) > 0 {
		e := &PropertiesError{}
		for _, f := range faults {
			e.Faults = append(e.Faults, PropertyFault(f))
		}
		return nil, e
	}
	p := &Properties{values: values}
	for _, n := range notes {
		p.Notes = append(p.Notes, Note{Line: n.Line, Key: n.Key, Outcome: Outcome(n.Outcome), Field: n.Target, Text: n.Text})
	}
	return p, nil
}

// Apply sets the fields that the properties name and leaves all others as they are.
func (c *Config[T]) Apply(p *Properties) {
	v := &p.values
	take(&c.DefaultStream, v.DefaultStream)
	take(&c.DefaultPartition, v.DefaultPartition)
	if v.RandomPartitioner != nil {
		c.Partitioner = Random[T]()
	}
	choose(&c.ErrorMode, v.LogAndContinue, FailOnError, LogAndContinue)
	choose(&c.Ordering, v.OrderPerKey, Unordered, PerKey)
	number(&c.QueueLimit, v.QueueLimit)
	number(&c.QueueBytes, v.QueueBytes)
	number(&c.MaxStreams, v.MaxStreams)

	take(&c.AggregationDisabled, v.AggregationDisabled)
	number(&c.AggregationMaxCount, v.AggregationMaxCount)
	number(&c.AggregationMaxSize, v.AggregationMaxSize)
	number(&c.CollectionMaxCount, v.CollectionMaxCount)
	number(&c.CollectionMaxSize, v.CollectionMaxSize)
	number(&c.MaxRecordSize, v.MaxRecordSize)
	take(&c.RecordMaxBufferedTime, v.RecordMaxBufferedTime)
	if v.RecordMaxBufferedTime != nil && *v.RecordMaxBufferedTime == 0 {
		c.RecordMaxBufferedTime = NoLinger
	}

	take(&c.RecordTTL, v.RecordTTL)
	if limit := v.UserRecordTimeout; limit != nil && *limit > 0 && (c.RecordTTL == 0 || *limit < c.RecordTTL) {
		c.RecordTTL = max(*limit, 100*time.Millisecond)
	}
	take(&c.RetryDuration, v.RetryDuration)
	take(&c.RequestTimeout, v.RequestTimeout)
	number(&c.MaxAttempts, v.MaxAttempts)
	number(&c.RateLimit, v.RateLimit)
	number(&c.MaxConnections, v.MaxConnections)
	number(&c.RequestBytes, v.RequestBytes)
	take(&c.FailIfThrottled, v.FailIfThrottled)
	word(&c.MetricsLevel, v.MetricsLevel, figures.ParseLevel)
	word(&c.MetricsGranularity, v.MetricsGranularity, figures.ParseGranularity)
}

// take overwrites a field if the properties say something.
func take[V any](field, said *V) {
	if said != nil {
		*field = *said
	}
}

func number[N int | int64](field *N, said *int64) {
	if said != nil {
		*field = N(*said)
	}
}

// word reads one of some words, which the properties have checked.
func word[M any](field *M, said *string, parse func(string) (M, error)) {
	if said == nil {
		return
	}
	if m, err := parse(*said); err == nil {
		*field = m
	}
}

func choose[M any](field *M, said *bool, no, yes M) {
	if said == nil {
		return
	}
	*field = no
	if *said {
		*field = yes
	}
}

// NewClient makes a client of what the properties say about region, endpoint, credentials (BASIC and ENV_VAR), TLS, proxy
// and time to connect. The options run after that and may set the rest or change it; credentials of a profile, a role or the
// SDK's default chain come from its config module:
//
//	awsCfg, err := config.LoadDefaultConfig(ctx)
//	…
//	client, err := p.NewClient(func(o *kinesis.Options) { o.Credentials = awsCfg.Credentials })
//
// It does no I/O but to read the files of certificates that the properties name. It is an error when in the end there is no
// region or there are no credentials. The client keeps as many idle connections as the producer may use at a time.
func (p *Properties) NewClient(options ...func(*kinesis.Options)) (*kinesis.Client, error) {
	idle := int64(DefaultMaxConnections)
	if n := p.values.MaxConnections; n != nil {
		idle = *n
	}
	ours, err := connection.Options(p.values.Connection, int(idle))
	if err != nil {
		return nil, fmt.Errorf("kinecast: %w", err)
	}
	var missing []error
	client := kinesis.New(kinesis.Options{}, append(append([]func(*kinesis.Options){ours}, options...), func(o *kinesis.Options) {
		if o.Region == "" {
			missing = append(missing, errors.New("kinecast: no region: set aws.region (or the KPL's Region), or Region in the options of NewClient"))
		}
		if o.Credentials == nil {
			missing = append(missing, errors.New("kinecast: no credentials: set aws.credentials.provider to BASIC or ENV_VAR,"+
				" or Credentials in the options of NewClient, such as those of config.LoadDefaultConfig(ctx)"))
		}
	})...)
	if missing != nil {
		return nil, errors.Join(missing...)
	}
	return client, nil
}
