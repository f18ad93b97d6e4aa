package kinesistest

import (
	"bytes"
	"unicode/utf8"
)

// What the service allows of a record, from the API reference of PutRecords.
const (
	dataMax = 10 << 20 // bytes; the stream's own limit may be lower
	keyMax  = 256      // characters, not bytes
)

// entry is one record of a request. The core keeps data and key, so the door that made the
// entry gives them away.
type entry struct {
	data        []byte // nil: the member was missing
	key         string
	explicit    string
	noKey       bool // the member was missing, which is told from ""
	hasExplicit bool // the member was there, even if it is ""
	hash        uint128
}

// volume is what limits count: data and partition key, not the explicit hash key.
func (e *entry) volume() int { return len(e.data) + len(e.key) }

// sound reports that check has nothing to say. It may be false for a good entry.
func (e *entry) sound() bool {
	return e.data != nil && len(e.data) <= dataMax && e.key != "" && len(e.key) <= keyMax && !e.hasExplicit
}

// check finds what is wrong with the entry whose members' paths begin with path. AUTO streams
// do not mind if there is no key.
func (e *entry) check(c *checks, path string, withKey bool) {
	if e.noKey {
		c.notNull(path+"partitionKey", withKey)
	} else {
		c.length(path+"partitionKey", e.key, keyMax)
	}
	if e.hasExplicit {
		c.pattern(path+"explicitHashKey", e.explicit, hashKeyPattern)
	}
	if e.data == nil {
		c.notNull(path+"data", true)
	} else if len(e.data) > dataMax {
		c.tooLong(path+"data", dataMax)
	}
}

// record is the entry as an interceptor sees it.
func (e *entry) record() Record {
	r := Record{Data: bytes.Clone(e.data), PartitionKey: e.key}
	if e.hasExplicit {
		r.ExplicitHashKey = e.explicit
	}
	return r
}

// route works out the hash key that decides on the shard: the explicit one, or else the
// partition key's MD5.
func (e *entry) route() error {
	if !e.hasExplicit {
		e.hash = hashOf(e.key)
		return nil
	}
	hash, err := parseUint128(e.explicit)
	if err != nil {
		return refuse(codeInvalidArgument, "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: "+
			"[0, 2^128-1]. Specified value was %s", e.explicit)
	}
	e.hash = hash
	return nil
}

// appendWireText appends wireText of a text.
func appendWireText(b, text []byte) []byte {
	if utf8.Valid(text) {
		return append(b, text...)
	}
	return append(b, wireText(string(text))...)
}

// wireText is a text as a JSON request carries it: every byte that is not UTF-8 arrives as
// U+FFFD, and the service hashes what arrives.
func wireText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}
