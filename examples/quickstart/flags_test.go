package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"
)

func TestFlagsSayEveryFaultAtOnce(t *testing.T) {
	_, err := parseFlags([]string{
		"-repeat", "0", "-shards", "0", "-key", "a..b", "-stream", "no spaces", "-aws", "-endpoint", "ftp://x", "quakes.ndjson",
	}, io.Discard)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		"-repeat 0: want 1 to 1000000",
		"-shards 0: want 1 to 10000",
		`-key: "a..b": want member names`,
		`-stream: "no spaces" is neither`,
		`unexpected argument "quakes.ndjson"`,
		`-endpoint "ftp://x": want a URL`,
		"-aws and -endpoint exclude each other",
		"-aws needs -stream and -region",
		"-shards counts only for a stream that is created",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}

func TestFlagFaults(t *testing.T) {
	const arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/quakes"
	for _, c := range []struct {
		args string
		want string // "" is a good command line
	}{
		{"", ""},
		{"-shards 8", ""},
		{"-reshard -shards 4999 -repeat 3", ""},
		{"-reshard -shards 5000", "-reshard with -shards 5000: want at most 4999"},
		{"-reshard -endpoint http://127.0.0.1:4567", "-reshard changes the shards of the embedded stream alone"},
		{"-reshard -aws -stream quakes -region eu-west-1", "-reshard changes the shards of the embedded stream alone"},
		{"-stream " + arn, ""},
		{"-endpoint http://127.0.0.1:4567 -create -shards 2", ""},
		{"-aws -stream quakes -region eu-west-1", ""},
		{"-aws -stream " + arn + " -region eu-west-1", ""},
		{"-aws -stream " + arn + " -region us-east-1", "the stream's ARN says eu-west-1"},
		{"-aws -region eu-west-1", "-aws needs -stream and -region"},
		{"-aws -stream quakes", "-aws needs -stream and -region"},
		{"-endpoint localhost:4567", "want a URL"},
		{"-region EU", "want a name such as eu-west-1"},
		{"-region=", "want a name such as eu-west-1"},
		{"-input=", "-input is empty"},
		{"-repeat many", "-h lists the flags"},
		{"-quick", "-h lists the flags"},
	} {
		_, err := parseFlags(strings.Fields(c.args), io.Discard)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.args, err, c.want)
		}
	}
}

func TestFlagsDefaultTheRegion(t *testing.T) {
	for args, want := range map[string]string{
		"": "us-east-1",
		"-stream arn:aws:kinesis:eu-west-1:123456789012:stream/quakes": "eu-west-1",
		"-region ap-south-1": "ap-south-1",
	} {
		if o, err := parseFlags(strings.Fields(args), io.Discard); err != nil || o.region != want {
			t.Errorf("%s: region %q, %v; want %s", args, o.region, err, want)
		}
	}
}

func TestHelpNamesEveryFlag(t *testing.T) {
	var help bytes.Buffer
	if _, err := parseFlags([]string{"-h"}, &help); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, name := range []string{
		"input", "key", "stream", "endpoint", "aws", "region", "create", "shards", "repeat", "strict", "json", "reshard", "ordered",
	} {
		if !strings.Contains(help.String(), "\n  -"+name) {
			t.Errorf("-%s is not in the help", name)
		}
	}
}
