package kinesistest

import "errors"

// cborParser reads a PutRecords call. The request keeps nothing of the body.
type cborParser struct {
	cborReader
	req *putRecordsRequest
}

func (p *cborParser) parse() error {
	err := p.object(p.member)
	switch {
	case errors.Is(err, errTooManyRecords):
		return nil // to be refused for their number
	case err == nil && p.pos != len(p.buf):
		return p.broken("there is more behind the request")
	}
	return err
}

func (p *cborParser) member(name []byte) error {
	switch string(name) {
	case "Records":
		p.req.entries = []entry{}
		null, err := p.list(p.entry)
		if null {
			p.req.entries = nil
		}
		return err
	case "StreamName":
		return p.text(func(v string) { p.req.StreamName = &v })
	case "StreamARN":
		return p.text(func(v string) { p.req.StreamARN = &v })
	case "DryRun":
		v, err := p.value()
		p.req.dryRun = v == true
		return err
	}
	_, err := p.value()
	return err
}

// entry reads one record.
func (p *cborParser) entry() error {
	if len(p.req.entries) > recordsPerRequest {
		return errTooManyRecords
	}
	e := entry{noKey: true}
	err := p.object(func(name []byte) error {
		switch string(name) {
		case "Data":
			data, null, err := p.bytes(cborBytes, "a Blob")
			if e.data = nil; err == nil && !null {
				e.data = append([]byte{}, data...)
			}
			return err
		case "PartitionKey":
			return p.text(func(v string) { e.key, e.noKey = v, false })
		case "ExplicitHashKey":
			return p.text(func(v string) { e.explicit, e.hasExplicit = v, true })
		}
		_, err := p.value()
		return err
	})
	p.req.entries = append(p.req.entries, e)
	return err
}

// text reads a text and gives it to use; null is passed over.
func (p *cborParser) text(use func(string)) error {
	v, null, err := p.bytes(cborText, "an String")
	if err == nil && !null {
		use(wireText(string(v)))
	}
	return err
}
