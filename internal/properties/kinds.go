package properties

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind says what may be written for a setting.
type Kind struct {
	// Wants completes "use …".
	Wants string
	// Secret values are never quoted.
	Secret bool

	parse func(text string) (value, bool)
	hint  func(text string) string // what else to say of a text that parse refused
}

// value is what a Kind made of a text: one of these.
type value struct {
	whole int64
	truth bool
	text  string
}

// read makes a value of a text. White space around a value never matters, but in a secret.
func (k Kind) read(text string) (value, error) {
	trimmed := text
	if !k.Secret {
		trimmed = strings.TrimSpace(text)
	}
	v, ok := k.parse(trimmed)
	switch {
	case ok:
		return v, nil
	case k.Secret:
		return value{}, errors.New("is not what it should be; use " + k.Wants)
	case trimmed == "":
		return value{}, errors.New("is empty; use " + k.Wants)
	}
	hint := ""
	if k.hint != nil {
		hint = k.hint(trimmed)
	}
	return value{}, fmt.Errorf("is %s; use %s%s", shown(trimmed), k.Wants, hint)
}

// shown quotes what was written, shortened, and harmless in a log.
func shown(text string) string {
	const most = 48
	if utf8.RuneCountInString(text) <= most {
		return strconv.QuoteToASCII(text)
	}
	return strconv.QuoteToASCII(string([]rune(text)[:most])) + "…"
}

// whole is a whole number of things.
func whole(of string, least, most int64) Kind {
	return Kind{
		Wants: fmt.Sprintf("a whole number of %s, %d to %d", of, least, most),
		parse: func(text string) (value, bool) {
			n, err := strconv.ParseInt(text, 10, 64)
			return value{whole: n}, err == nil && n >= least && n <= most
		},
	}
}

// millis is a time, in milliseconds as everywhere in these libraries.
func millis(least, most int64) Kind {
	k := whole("milliseconds", least, most)
	k.hint = func(text string) string {
		d, err := time.ParseDuration(strings.ReplaceAll(text, " ", ""))
		if err != nil || d < time.Millisecond {
			return ""
		}
		return fmt.Sprintf("; for that, write %d", d.Milliseconds())
	}
	return k
}

// truth is true or false. The originals take everything but true for false, "yes" and "1" included.
func truth() Kind {
	return Kind{Wants: "true or false", parse: func(text string) (value, bool) {
		switch strings.ToLower(text) {
		case "true":
			return value{truth: true}, true
		case "false":
			return value{}, true
		}
		return value{}, false
	}}
}

// oneOf is one of some words, in any case; the value has the case given here.
func oneOf(words ...string) Kind {
	return Kind{Wants: "one of " + strings.Join(words, ", ") + " (in any case)", parse: func(text string) (value, bool) {
		i := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, text) })
		if i < 0 {
			return value{}, false
		}
		return value{text: words[i]}, true
	}}
}

// text is anything; an empty one leaves the setting as it is, as in the originals.
func text(of string) Kind {
	return Kind{Wants: of, parse: func(t string) (value, bool) { return value{text: t}, true }}
}

// secret is anything but nothing.
func secret(of string) Kind {
	return Kind{Wants: of + " (not shown here)", Secret: true, parse: func(t string) (value, bool) { return value{text: t}, t != "" }}
}

// matching is text of a certain form, or an empty one.
func matching(of, pattern string) Kind {
	form := regexp.MustCompile(pattern)
	return Kind{Wants: of, parse: func(t string) (value, bool) { return value{text: t}, t == "" || form.MatchString(t) }}
}

// stream is the name or the ARN of a stream, as the API reference has them.
func stream() Kind {
	return matching("the name of a stream (1 to 128 of a-z, A-Z, 0-9, '_', '.', '-') or its ARN (arn:aws:kinesis:REGION:ACCOUNT:stream/NAME)",
		`^(arn:aws(-cn|-us-gov)?:kinesis:[a-z0-9]+(-[a-z0-9]+)*:[0-9]{12}:stream/)?[a-zA-Z0-9_.-]{1,128}$`)
}

// partitionKey is one that Kinesis takes.
func partitionKey() Kind {
	return Kind{Wants: "1 to 256 characters", parse: func(t string) (value, bool) {
		return value{text: t}, t == "" || utf8.ValidString(t) && utf8.RuneCountInString(t) <= 256
	}}
}

// region has the form of all regions that there are and may be: the lists of the originals lag behind.
func region() Kind {
	return matching("a region such as us-east-1", `^[a-z0-9]+(-[a-z0-9]+)*$`)
}

func host() Kind {
	k := matching("the name of a host, without scheme, port or path", `^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	k.hint = func(text string) string {
		if strings.Contains(text, "://") {
			return "; a URL goes into aws.endpoint"
		}
		return ""
	}
	return k
}

// namespace is one of CloudWatch, where those of AWS itself are taken.
func namespace() Kind {
	return Kind{Wants: "1 to 255 characters that do not begin with AWS/", parse: func(t string) (value, bool) {
		n := utf8.RuneCountInString(t)
		return value{text: t}, n >= 1 && n <= 255 && !strings.HasPrefix(t, "AWS/")
	}}
}

func port() Kind { return whole("a port", 1, math.MaxUint16) }

// address is the URL of a service. What was written is not shown: there may be a password in it.
func address() Kind {
	return Kind{
		Wants:  "a URL with its scheme and no user, such as https://kinesis.us-east-1.amazonaws.com or http://localhost:4567",
		Secret: true,
		parse: func(text string) (value, bool) {
			text = strings.TrimSpace(text)
			u, err := url.Parse(text)
			ok := err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil &&
				u.RawQuery == "" && u.Fragment == ""
			return value{text: strings.TrimSuffix(text, "/")}, ok
		},
	}
}
