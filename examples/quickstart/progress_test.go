package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestProgress(t *testing.T) {
	for _, c := range []struct {
		name string
		progress
		want string
	}{
		{"plain", progress{}, "to nowhere\nsent 1,500 of 2,000 records\n"},
		{"live", progress{live: true}, "to nowhere\n\r\x1b[K"},
		{"quiet", progress{quiet: true}, ""},
	} {
		var out bytes.Buffer
		c.to = &out
		c.say("to nowhere")
		c.step("sent", "records", 2000, func() int { return 1500 })()
		if out.String() != c.want {
			t.Errorf("%s: %q, want %q", c.name, out.String(), c.want)
		}
	}
}

func TestOnlyTerminalsArePainted(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(file) || isTerminal(&bytes.Buffer{}) {
		t.Error("a file or a buffer passes for a terminal")
	}
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as terminals are
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	for _, c := range []struct {
		env  map[string]string
		want bool
	}{
		{map[string]string{"TERM": "xterm"}, true},
		{map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false},
		{map[string]string{"TERM": "dumb"}, false},
	} {
		if got := paintFor(device, func(name string) string { return c.env[name] }); got.on != c.want {
			t.Errorf("%v: painted %v", c.env, got.on)
		}
	}
}
