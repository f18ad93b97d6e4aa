package kinesistest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// checks collects what is wrong with the members of one request, in the words of the
// service: it names up to ten members in one ValidationException. A path is the member's,
// as the service writes it: lower camel case, list elements counted from 1.
type checks struct{ found []string }

// checksMax is how many faults the service names at once.
const checksMax = 10

func (c *checks) fail(value, path, constraint string) {
	if len(c.found) < checksMax {
		c.found = append(c.found, "Value "+value+"at '"+path+"' failed to satisfy constraint: "+constraint)
	}
}

func quoted(v any) string { return fmt.Sprintf("'%v' ", v) }

func (c *checks) notNull(path string, isNull bool) {
	if isNull {
		c.fail("null ", path, "Member must not be null")
	}
}

// tooLong says that a blob is; the service leaves its value out.
func (c *checks) tooLong(path string, most int) {
	c.fail("", path, fmt.Sprintf("Member must have length less than or equal to %d", most))
}

// count checks the length of a list.
func (c *checks) count(path string, n, least, most int) {
	if n < least {
		c.fail("'[]' ", path, fmt.Sprintf("Member must have length greater than or equal to %d", least))
	} else if n > most {
		c.tooLong(path, most)
	}
}

// length checks that a text has 1 to most characters.
func (c *checks) length(path, v string, most int) {
	if n := utf8.RuneCountInString(v); n == 0 {
		c.fail(quoted(v), path, "Member must have length greater than or equal to 1")
	} else if n > most {
		c.fail(quoted(v), path, fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
}

func (c *checks) between(path string, v *int, least, most int) {
	switch {
	case v == nil:
	case *v < least:
		c.fail(quoted(*v), path, fmt.Sprintf("Member must have value greater than or equal to %d", least))
	case *v > most:
		c.fail(quoted(*v), path, fmt.Sprintf("Member must have value less than or equal to %d", most))
	}
}

func (c *checks) pattern(path, v string, p pattern) {
	if !p.match(v) {
		c.fail(quoted(v), path, "Member must satisfy regular expression pattern: "+p.text)
	}
}

// name checks the name of a stream or shard.
func (c *checks) name(path, v string) {
	c.pattern(path, v, namePattern)
	c.length(path, v, 128)
}

func (c *checks) oneOf(path, v string, set ...string) {
	if slices.Contains(set, v) {
		return
	}
	c.fail(quoted(v), path, "Member must satisfy enum value set: ["+strings.Join(set, ", ")+"]")
}

func (c *checks) err() error {
	switch n := len(c.found); n {
	case 0:
		return nil
	case 1:
		return refuse(codeValidation, "1 validation error detected: %s", c.found[0])
	default:
		return refuse(codeValidation, "%d validation errors detected: %s", n, strings.Join(c.found, "; "))
	}
}
