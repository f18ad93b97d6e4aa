package wire

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

func TestParseStream(t *testing.T) {
	long := strings.Repeat("n", 128)
	for _, c := range []struct {
		in              string
		want            Stream
		region, account string
	}{
		{"events", Stream{Name: "events"}, "", ""},
		{"A.b_c-9", Stream{Name: "A.b_c-9"}, "", ""},
		{long, Stream{Name: long}, "", ""},
		{"arn:aws:kinesis:us-east-1:123456789012:stream/events", Stream{"events", "arn:aws:kinesis:us-east-1:123456789012:stream/events"}, "us-east-1", "123456789012"},
		{"arn:aws-cn:kinesis:cn-north-1:000000000000:stream/a.b", Stream{"a.b", "arn:aws-cn:kinesis:cn-north-1:000000000000:stream/a.b"}, "cn-north-1", "000000000000"},
		{"arn:aws-us-gov:kinesis:us-gov-west-1:123456789012:stream/" + long, Stream{long, "arn:aws-us-gov:kinesis:us-gov-west-1:123456789012:stream/" + long}, "us-gov-west-1", "123456789012"},
	} {
		got, region, account, err := ParseStream(c.in)
		if err != nil || got != c.want || region != c.region || account != c.account {
			t.Errorf("%q: got %+v %q %q %v", c.in, got, region, account, err)
		}
	}
}

func TestParseStreamRefuses(t *testing.T) {
	for in, part := range map[string]string{
		"":                       `stream name ""`,
		"two words":              `stream name "two words"`,
		"größe":                  "want 1–128 characters of a-z A-Z 0-9 _ . -",
		"events\n":               `"events\n"`,
		strings.Repeat("n", 129): "stream name",
		strings.Repeat("n", 9e6): "(9000000 bytes)",
		"arn:aws:kinesis":        "3 parts, want 6",
		"arn:aws:kinesis:us-east-1:123456789012:stream/a:b":          "7 parts, want 6",
		"arn:aws-x:kinesis:us-east-1:123456789012:stream/a":          `partition "aws-x", want aws, aws-cn or aws-us-gov`,
		"arn:aws:firehose:us-east-1:123456789012:stream/a":           `service "firehose", want kinesis`,
		"arn:aws:kinesis::123456789012:stream/a":                     `region "", want a name like us-east-1`,
		"arn:aws:kinesis:US-EAST-1:123456789012:stream/a":            `region "US-EAST-1"`,
		"arn:aws:kinesis:us-east-1:12345678901:stream/a":             `account "12345678901", want 12 digits`,
		"arn:aws:kinesis:us-east-1:123456789012:stream":              `resource "stream", want stream/NAME`,
		"arn:aws:kinesis:us-east-1:123456789012:stream/":             `stream name ""`,
		"arn:aws:kinesis:us-east-1:123456789012:stream/a/consumer/c": `stream name "a/consumer/c"`,
	} {
		got, region, account, err := ParseStream(in)
		switch {
		case err == nil:
			t.Errorf("%.60q is accepted", in)
		case got != Stream{} || region != "" || account != "":
			t.Errorf("%.60q: a result beside the error: %+v", in, got)
		case !strings.Contains(err.Error(), part) || len(err.Error()) > 2*maxText:
			t.Errorf("%.60q: %v; want %q in it", in, err, part)
		}
	}
}

func TestRegionOf(t *testing.T) {
	if region, ok := RegionOf(kinesis.New(kinesis.Options{Region: "eu-west-1"})); region != "eu-west-1" || !ok {
		t.Errorf("got %q %v", region, ok)
	}
	for name, api := range map[string]API{"none": kinesis.New(kinesis.Options{}), "nil": (*kinesis.Client)(nil), "foreign": foreign{}} {
		if region, ok := RegionOf(api); region != "" || ok {
			t.Errorf("%s: got %q %v", name, region, ok)
		}
	}
}
