package kinesistest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
)

// parsePutRecords reads the JSON of a PutRecords call. It is what a server does most, so
// the records are scanned by hand, in one pass over the body; members of which there is one
// a call, and members it does not know, are left to encoding/json.
//
// The request keeps nothing of body: all data is decoded into one slab, all partition keys
// are parts of one string. When there are more records than a request may have, it stops
// reading at the first too many. The error is a SerializationException.
func parsePutRecords(body []byte) (*putRecordsRequest, error) {
	m := putMemories.Get().(*putMemory)
	p := parser{scanner: scanner{buf: body}, req: &putRecordsRequest{memory: m}, keys: m.keys[:0], ends: m.ends[:0]}
	err := p.request()
	m.entries, m.keys, m.ends = p.req.entries, p.keys, p.ends
	switch {
	case errors.Is(err, errTooManyRecords):
		return p.req, nil // to be refused for their number
	case err != nil:
		return nil, err
	}
	return p.req, p.settle()
}

var errTooManyRecords = errors.New("more records than a request may have")

// parser reads one request.
type parser struct {
	scanner
	req *putRecordsRequest

	keys []byte // all partition keys, end to end
	ends []int  // for each entry, where its key ends in keys
	slab int    // bytes that all data needs when decoded, or a few more
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
	p.req.entries, p.keys, p.ends, p.slab = nil, p.keys[:0], p.ends[:0], 0
	if p.null() {
		return nil
	}
	if p.req.entries = p.req.memory.entries[:0]; p.req.entries == nil {
		p.req.entries = []entry{}
	}
	return p.list(func() error {
		switch start := p.pos; len(p.req.entries) {
		case 0:
			if err := p.entry(); err != nil {
				return err
			}
			p.reserve((len(p.buf)-p.pos)/(p.pos-start) + 1)
			return nil
		case recordsPerRequest:
			p.req.entries = append(p.req.entries, entry{})
			return errTooManyRecords
		default:
			return p.entry()
		}
	})
}

// reserve makes room for so many more records like the first, which is how most come.
func (p *parser) reserve(n int) {
	n = min(n, recordsPerRequest-1)
	p.req.entries = slices.Grow(p.req.entries, n)
	p.ends = slices.Grow(p.ends, n)
	p.keys = slices.Grow(p.keys, n*len(p.keys))
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
					p.keys = append(p.keys[:start], wireText(string(v))...)
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
func (p *parser) add(e entry) {
	p.req.entries = append(p.req.entries, e)
	p.ends = append(p.ends, len(p.keys))
	p.slab += base64.StdEncoding.DecodedLen(len(e.data))
}

// settle gives the entries data and keys of their own.
func (p *parser) settle() error {
	slab, keys, start := p.req.memory.forSlab(p.slab), string(p.keys), 0
	for i := range p.req.entries {
		e := &p.req.entries[i]
		e.key, start = keys[start:p.ends[i]], p.ends[i]
		if e.data == nil {
			continue
		}
		n, err := decodeBlob(slab, e.data)
		if err != nil {
			return err
		}
		e.data, slab = slab[:n:n], slab[n:]
	}
	return nil
}

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
