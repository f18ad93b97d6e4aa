package kinesistest

// cborParser reads a PutRecords call. The request keeps nothing of the body.
type cborParser struct {
	cborReader
	gathering
}

func (p *cborParser) parse() (*putRecordsRequest, error) {
	err := p.object(p.member)
	if err == nil && p.pos != len(p.buf) {
		err = p.broken("there is more behind the request")
	}
	return p.done(err, func(dst, data []byte) (int, error) { return copy(dst, data), nil })
}

func (p *cborParser) member(name []byte) error {
	switch string(name) {
	case "Records":
		p.begin()
		null, err := p.list(p.entry)
		if null {
			p.none()
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
	if p.full() {
		return errTooManyRecords
	}
	start, before := p.pos, len(p.keys)
	e := entry{noKey: true}
	err := p.object(func(name []byte) error {
		switch string(name) {
		case "Data":
			data, null, err := p.bytes(cborBytes, "a Blob")
			if e.data = data; null {
				e.data = nil
			}
			return err
		case "PartitionKey":
			key, null, err := p.bytes(cborText, "an String")
			if err == nil && !null {
				e.noKey, p.keys = false, appendWireText(p.keys[:before], key)
			}
			return err
		case "ExplicitHashKey":
			return p.text(func(v string) { e.explicit, e.hasExplicit = v, true })
		}
		_, err := p.value()
		return err
	})
	if err != nil {
		return err
	}
	p.add(e, len(e.data))
	if len(p.req.entries) == 1 {
		p.reserve((len(p.buf)-p.pos)/(p.pos-start) + 1)
	}
	return nil
}

// text reads a text and gives it to use; null is passed over.
func (p *cborParser) text(use func(string)) error {
	v, null, err := p.bytes(cborText, "an String")
	if err == nil && !null {
		use(wireText(string(v)))
	}
	return err
}
