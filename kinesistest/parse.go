package kinesistest

import (
	"bytes"
	"encoding/base64"
)

// parsePutRecords reads the JSON of a PutRecords call. It is what a server does most, so
// the records are scanned by hand, in one pass over the body; members of which there is one
// a call, and members it does not know, are left to encoding/json.
//
// The request keeps nothing of body: all data is decoded into one slab, all partition keys
// are parts of one string. When there are more records than a request may have, it stops
// reading at the first too many. The error is a SerializationException.
func parsePutRecords(body []byte) (*putRecordsRequest, error) {
	p := parser{scanner: scanner{buf: body}, gathering: gather()}
	return p.done(p.request(), decodeBlob)
}

// parser reads one request.
type parser struct {
	scanner
	gathering
}

func (p *parser) request() error {
	err := p.object(func(name []byte) error {
		switch string(name) {
		case "Records":
			return p.records()
		case "StreamName":
			return p.decode(&p.req.StreamName)
		case "StreamARN":
			return p.decode(&p.req.StreamARN)
		case "DryRun":
			return p.decode(&p.req.dryRun)
		}
		return p.skip()
	})
	if err != nil {
		return err
	}
	return p.end()
}

// records reads the list. Where the member comes twice, the last one counts.
func (p *parser) records() error {
	for i := range p.req.entries {
		if err := p.replace(p.req.entries[i].data); err != nil {
			return err
		}
	}
	p.none()
	if p.null() {
		return nil
	}
	p.begin()
	return p.list(func() error {
		switch start := p.pos; {
		case len(p.req.entries) == 0:
			if err := p.entry(); err != nil {
				return err
			}
			p.reserve((len(p.buf)-p.pos)/(p.pos-start) + 1)
			return nil
		case p.full():
			return errTooManyRecords
		}
		return p.entry()
	})
}

// entry reads one record. Its data is left in base64, a part of the body, until settle.
func (p *parser) entry() error {
	if p.quick() {
		return nil
	}
	start := len(p.keys)
	e := entry{noKey: true}
	if !p.null() {
		err := p.object(func(name []byte) error {
			switch string(name) {
			case "Data":
				if err := p.replace(e.data); err != nil {
					return err
				}
				return p.text("a Blob", p.literal, func(v []byte) { e.data = v })
			case "PartitionKey":
				return p.text("an String", p.quoted, func(v []byte) {
					e.noKey = false
					p.keys = appendWireText(p.keys[:start], v)
				})
			case "ExplicitHashKey":
				return p.text("an String", p.quoted, func(v []byte) { e.explicit, e.hasExplicit = wireText(string(v)), true })
			}
			return p.skip()
		})
		if err != nil {
			return err
		}
	}
	p.add(e)
	return nil
}

// replace looks at a blob that comes a second time: nobody will decode it, hence find what must
// not stand in a string.
func (p *parser) replace(data []byte) error {
	if bytes.ContainsFunc(data, func(c rune) bool { return c < ' ' }) {
		return refuse(codeSerialization, "A control character stands in a string")
	}
	return nil
}

// add takes an entry whose key is the end of keys.
func (p *parser) add(e entry) { p.gathering.add(e, base64.StdEncoding.DecodedLen(len(e.data))) }

// decodeBlob decodes base64 into dst, which is large enough.
func decodeBlob(dst, text []byte) (int, error) {
	if len(text)%4 != 0 {
		return 0, refuse(codeSerialization, "The value of Data can not be converted to a Blob: "+
			"Base64 encoded length is expected a multiple of 4 bytes but found: %d", len(text))
	}
	if n, ok := decodeBase64(dst, text); ok {
		return n, nil
	}
	n, err := strictBase64.Decode(dst, text)
	// The decoder passes over line breaks, which JSON does not allow in a string.
	if err == nil && base64.StdEncoding.DecodedLen(len(text))-n > 2 {
		err = base64.CorruptInputError(n / 3 * 4)
	}
	if err != nil {
		return 0, refuse(codeSerialization, "The value of Data can not be converted to a Blob: "+
			"Invalid Base64 character: %v", err)
	}
	return n, nil
}
