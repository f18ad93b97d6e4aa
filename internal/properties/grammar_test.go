package properties

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

// The grammar of java.util.Properties, case by case.
func TestGrammar(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []Entry
	}{
		{"three separators", "a=1\nb:2\nc 3", []Entry{{1, "a", "1"}, {2, "b", "2"}, {3, "c", "3"}}},
		{"white space around them", "  a \t=\f 1  ", []Entry{{1, "a", "1  "}}},
		{"the first separator counts", "a==1\nb:=2\nc  :  3\nd e=f", []Entry{{1, "a", "=1"}, {2, "b", "=2"}, {3, "c", "3"}, {4, "d", "e=f"}}},
		{"comments", "# one\n  ! two\na=1 # no comment\n\n", []Entry{{3, "a", "1 # no comment"}}},
		{"ends of lines", "a=1\r\nb=2\rc=3\n", []Entry{{1, "a", "1"}, {2, "b", "2"}, {3, "c", "3"}}},
		{"continued", "a=1,\\\n   2,\\\r\n\t3\nb=4", []Entry{{1, "a", "1,2,3"}, {4, "b", "4"}}},
		{"continued by a comment", "a=1\\\n# 2", []Entry{{1, "a", "1# 2"}}},
		{"a comment is not continued", "# a\\\nb=1", []Entry{{2, "b", "1"}}},
		{"an escaped backslash ends the line", "a=1\\\\\nb=2", []Entry{{1, "a", `1\`}, {2, "b", "2"}}},
		{"continued to the end", "a=1\\", []Entry{{1, "a", "1"}}},
		{"continued by nothing", "a=1\\\n\nb=2", []Entry{{1, "a", "1"}, {3, "b", "2"}}},
		{"nothing, continued", "\\\n\na=1", []Entry{{3, "a", "1"}}},
		{"a key over two lines", "a\\\n  b=1", []Entry{{1, "ab", "1"}}},
		{"escapes", `a=\t\n\r\f\q\\`, []Entry{{1, "a", "\t\n\r\fq\\"}}},
		{"escaped separators", `a\=\:\ b=1`, []Entry{{1, "a=: b", "1"}}},
		{"unicode", `ä=\u00e4\u20AC\uD83D\uDE00x`, []Entry{{1, "ä", "ä€😀x"}}},
		{"no value", "a=\nb:", []Entry{{1, "a", ""}, {2, "b", ""}}},
		{"mark at the start", "\uFEFFa=1", []Entry{{1, "a", "1"}}},
		{"UTF-8", "a=ä", []Entry{{1, "a", "ä"}}},
		{"ISO-8859-1", "a=\xe4", []Entry{{1, "a", "ä"}}},
		{"nothing at all", " \n#\n\t", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries, faults, err := Read(strings.NewReader(c.text))
			if err != nil || faults != nil || !slices.Equal(entries, c.want) {
				t.Errorf("%q:\n got %+v %v %v\nwant %+v", c.text, entries, faults, err, c.want)
			}
		})
	}
}

// Every malformed line is named by its number, none is quoted, and the others are read.
func TestMalformedLines(t *testing.T) {
	const secret = "wJalrXUtnFEMI"
	text := "a=1\n" + secret + "\n=" + secret + "\nb=\\u12" + secret + "\nc=\\uD83D" + secret + "\nd\\u=1\\\n\\\n2\ne=2\n   \\u+123 x"
	entries, faults, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if want := []Entry{{1, "a", "1"}, {9, "e", "2"}}; !slices.Equal(entries, want) {
		t.Errorf("got %v, want %v", entries, want)
	}
	wants := []struct {
		line int
		text string
	}{{2, "no '='"}, {3, "no name"}, {4, `malformed \uXXXX`}, {5, "surrogate"}, {6, `malformed \uXXXX`}, {10, `malformed \uXXXX`}}
	if len(faults) != len(wants) {
		t.Fatalf("got %v", faults)
	}
	for i, want := range wants {
		if f := faults[i]; f.Line != want.line || !strings.Contains(f.Text, want.text) || strings.Contains(fmt.Sprint(f), secret) {
			t.Errorf("got %v, want line %d: %s", f, want.line, want.text)
		}
	}
}

func TestReaderFails(t *testing.T) {
	broken := errors.New("broken")
	if _, _, err := Read(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, _, err := Read(strings.NewReader(strings.Repeat("#", MaxBytes+1))); err == nil {
		t.Error("more than MaxBytes was read")
	}
	if _, _, err := Read(strings.NewReader(strings.Repeat("#", MaxBytes))); err != nil {
		t.Error(err)
	}
}

// written escapes an entry as java.util.Properties.store does.
func written(e Entry) string {
	escape := func(s string, key bool) string {
		var out strings.Builder
		for i, c := range s {
			switch {
			case c == ' ' && (key || i == 0):
				out.WriteString(`\ `)
			case strings.ContainsRune(`=:#!\`, c):
				out.WriteString(`\` + string(c))
			case c == '\t' || c == '\n' || c == '\r' || c == '\f':
				out.WriteString(map[rune]string{'\t': `\t`, '\n': `\n`, '\r': `\r`, '\f': `\f`}[c])
			case c < 0x20 || c > 0x7e && c < 0x10000:
				fmt.Fprintf(&out, `\u%04X`, c)
			default:
				out.WriteRune(c)
			}
		}
		return out.String()
	}
	return escape(e.Key, true) + "=" + escape(e.Value, false)
}

// What is written as Java writes it is read as it was, in whatever lines it is cut.
func TestWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		var want []Entry
		line := 1
		for range rapid.IntRange(0, 8).Draw(t, "entries") {
			e := Entry{Line: line, Key: rapid.StringN(1, 12, -1).Draw(t, "key"), Value: rapid.StringN(0, 12, -1).Draw(t, "value")}
			want = append(want, e)
			text.WriteString(rapid.SampledFrom([]string{"", "  ", "\t"}).Draw(t, "indent") + written(e))
			end := rapid.SampledFrom([]string{"\n", "\r\n", "\\\n\n", "\n# comment\n\n"}).Draw(t, "end")
			text.WriteString(end)
			line += strings.Count(end, "\n")
		}
		entries, faults, err := Read(strings.NewReader(text.String()))
		if err != nil || len(faults) > 0 || !slices.Equal(entries, want) {
			t.Fatalf("%q:\n got %+v %v %v\nwant %+v", text.String(), entries, faults, err, want)
		}
	})
}

// FuzzRead: whatever the bytes are, reading ends, faults have lines, nothing of a malformed line is shown, and what was
// understood can be resolved and written and read again.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"a=1\nb:2\nc 3", "a=\\\n  b\\\n", "\\", "\\\n", "=", "\\u", "\\uD83D\\uDE00=x", "#\\\na", "\xff=\xfe", "a\r\n\rb=1", "RecordTtl=30000\nAggregationEnabled=yes"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		entries, faults, err := Read(strings.NewReader(string(raw)))
		if err != nil {
			t.Skip()
		}
		lines := 1 + strings.Count(string(raw), "\n") + strings.Count(string(raw), "\r")
		for _, fault := range faults {
			if fault.Line < 1 || fault.Line > lines || fault.Key != "" {
				t.Errorf("%v", fault)
			}
		}
		Resolve(entries, faults, Options{Lenient: true})
		for i := range entries {
			entries[i].Line = 1
			again, faults, err := Read(strings.NewReader(written(entries[i])))
			if err != nil || len(faults) > 0 || len(again) != 1 || again[0] != entries[i] {
				t.Errorf("%+v became %+v %v %v", entries[i], again, faults, err)
			}
		}
	})
}
