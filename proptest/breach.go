package proptest

import (
	"fmt"
	"strconv"

	"pgregory.net/rapid"
)

// breach is a broken law, as the user is told of it.
type breach struct {
	what string // is wrong, a sentence
	got  string // instead; may be empty
	do   string // about it
}

// report fails the property. Texts say nothing of addresses, times and goroutines: rapid compares them to know that a smaller
// value fails in the same way.
func (b *breach) report(t *rapid.T, value any) {
	t.Helper()
	text := fmt.Sprintf("proptest: %s\n    value: %s", b.what, show(value))
	if b.got != "" {
		text += "\n    got:   " + b.got
	}
	t.Fatalf("%s\n    do:    %s", text, b.do)
}

// bugf fails the property for something that no code of the user's can bring about.
func bugf(t *rapid.T, format string, args ...any) {
	t.Helper()
	t.Fatalf("proptest: %s; this is a fault of kinecast and not of your type, please report it", fmt.Sprintf(format, args...))
}

// mostShown is how much of a value a text shows, in bytes: enough to know it by, and no screens full.
const mostShown = 200

// show is a value for reading.
func show(value any) string {
	if text, ok := value.(string); ok {
		return showBytes([]byte(text))
	}
	if data, ok := value.([]byte); ok {
		return showBytes(data)
	}
	text := fmt.Sprintf("%+v", value)
	if len(text) > mostShown {
		return fmt.Sprintf("%s… (%d bytes)", text[:mostShown], len(text))
	}
	return text
}

// showBytes is data for reading: quoted, so that what cannot be seen is seen.
func showBytes(data []byte) string {
	if len(data) > mostShown {
		return fmt.Sprintf("%s… (%d bytes)", strconv.QuoteToASCII(string(data[:mostShown])), len(data))
	}
	return strconv.QuoteToASCII(string(data))
}
