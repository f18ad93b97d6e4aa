package kinesistest

import (
	"encoding/binary"
	"math"
)

// cborReader reads CBOR (RFC 8949) as far as AWS clients write it: all of its types but
// bignums and the like, in definite and indefinite lengths. Between its calls pos stands behind
// what was understood. No length is believed that the input does not hold. Every error is a
// SerializationException.
type cborReader struct {
	buf   []byte
	pos   int
	depth int
}

// The major types.
const (
	cborUint = iota
	cborNegative
	cborBytes
	cborText
	cborList
	cborMap
	cborTag
	cborSimple
)

const (
	cborIndefinite = 31 // additional information: a length that is not known beforehand
	cborBreak      = cborSimple<<5 | cborIndefinite
	cborTime       = 1 // the tag of a time
	cborDepth      = 16
)

// head reads the head of the next item. For a length that is not known, info is cborIndefinite.
func (r *cborReader) head() (major, info byte, n uint64, err error) {
	if r.pos >= len(r.buf) {
		return 0, 0, 0, r.broken("the request ends where a value is expected")
	}
	major, info = r.buf[r.pos]>>5, r.buf[r.pos]&31
	r.pos++
	switch rest := r.buf[r.pos:]; {
	case info < 24:
		return major, info, uint64(info), nil
	case info == cborIndefinite && major >= cborBytes && major <= cborMap:
		return major, info, 0, nil
	case info > 27 || len(rest) < 1<<(info-24):
		return 0, 0, 0, r.broken("a value has no right head")
	default:
		size := 1 << (info - 24)
		var wide [8]byte
		copy(wide[8-size:], rest[:size])
		r.pos += size
		return major, info, binary.BigEndian.Uint64(wide[:]), nil
	}
}

// tagged reads heads up to one that is no tag, and reports whether a time's was among them.
func (r *cborReader) tagged() (major, info byte, n uint64, isTime bool, err error) {
	for {
		major, info, n, err = r.head()
		if err != nil || major != cborTag {
			return major, info, n, isTime, err
		}
		isTime = isTime || n == cborTime
	}
}

func (r *cborReader) broken(why string) error {
	return refuse(codeSerialization, "The CBOR is not well-formed: %s, at byte %d", why, r.pos)
}

// each reads what a list or map of this head holds: item reads one of its items, or a pair.
func (r *cborReader) each(info byte, n uint64, item func() error) error {
	if r.depth++; r.depth > cborDepth {
		return r.broken("values are nested too deeply")
	}
	defer func() { r.depth-- }()
	for i := uint64(0); info == cborIndefinite || i < n; i++ {
		if info == cborIndefinite && r.pos < len(r.buf) && r.buf[r.pos] == cborBreak {
			r.pos++
			return nil
		}
		if err := item(); err != nil {
			return err // at the latest when the input ends
		}
	}
	return nil
}

// object reads a map and has value read the value of each member.
func (r *cborReader) object(value func(name []byte) error) error {
	major, info, n, _, err := r.tagged()
	if err != nil {
		return err
	}
	if major != cborMap {
		return refuse(codeSerialization, "Expected map or null")
	}
	return r.members(info, n, value)
}

// members reads the members of a map.
func (r *cborReader) members(info byte, n uint64, value func(name []byte) error) error {
	return r.each(info, n, func() error {
		name, null, err := r.bytes(cborText, "an String")
		if err == nil && null {
			err = r.broken("a member has no name")
		}
		if err != nil {
			return err
		}
		return value(name)
	})
}

// list reads a list and has element read each element; null says that it is null instead.
func (r *cborReader) list(element func() error) (null bool, err error) {
	major, info, n, _, err := r.tagged()
	switch {
	case err != nil:
		return false, err
	case isNull(major, info):
		return true, nil
	case major != cborList:
		return false, refuse(codeSerialization, "Expected list or null")
	}
	return false, r.each(info, n, element)
}

func isNull(major, info byte) bool { return major == cborSimple && (info == 22 || info == 23) }

// bytes reads a text or blob; null says that it is null instead. What it returns is a part of
// the input, unless it came in pieces.
func (r *cborReader) bytes(want byte, name string) (v []byte, null bool, err error) {
	major, info, n, _, err := r.tagged()
	switch {
	case err != nil:
		return nil, false, err
	case isNull(major, info):
		return nil, true, nil
	case major != want:
		return nil, false, refuse(codeSerialization, "The value can not be converted to %s", name)
	}
	v, err = r.payload(want, info, n)
	return v, false, err
}

// payload reads the bytes behind a head.
func (r *cborReader) payload(major, info byte, n uint64) ([]byte, error) {
	if info != cborIndefinite {
		if n > uint64(len(r.buf)-r.pos) {
			return nil, r.broken("the request ends within a text or blob")
		}
		v := r.buf[r.pos : r.pos+int(n) : r.pos+int(n)]
		r.pos += int(n)
		return v, nil
	}
	whole := []byte{}
	err := r.each(info, 0, func() error {
		m, i, n, err := r.head()
		if err == nil && (m != major || i == cborIndefinite) {
			err = r.broken("a piece of a text or blob is none")
		}
		if err != nil {
			return err
		}
		piece, err := r.payload(m, i, n)
		whole = append(whole, piece...)
		return err
	})
	return whole, err
}

// value reads any value: nil, bool, int64, float64, string, []byte, instant, []any or
// map[string]any.
func (r *cborReader) value() (any, error) {
	major, info, n, isTime, err := r.tagged()
	if err != nil {
		return nil, err
	}
	switch major {
	case cborUint, cborNegative:
		return r.integer(major, n, isTime)
	case cborBytes, cborText:
		v, err := r.payload(major, info, n)
		if major == cborText {
			return wireText(string(v)), err
		}
		return v, err
	case cborList:
		all := []any{}
		err := r.each(info, n, func() error {
			v, err := r.value()
			all = append(all, v)
			return err
		})
		return all, err
	case cborMap:
		all := map[string]any{}
		return all, r.members(info, n, func(name []byte) (err error) {
			all[string(name)], err = r.value()
			return err
		})
	}
	return r.simple(info, n, isTime)
}

// integer is a number. Times are milliseconds, as the SDK for Java writes them.
func (r *cborReader) integer(major byte, n uint64, isTime bool) (any, error) {
	if n > math.MaxInt64 {
		return nil, r.broken("an integer has more than 63 bits")
	}
	v := int64(n)
	if major == cborNegative {
		v = -1 - v
	}
	if isTime {
		return instantOf(float64(v) / 1000)
	}
	return v, nil
}

// simple is what is left: truth, nothing, and fractions. Times are seconds then.
func (r *cborReader) simple(info byte, n uint64, isTime bool) (any, error) {
	var f float64
	switch info {
	case 20, 21:
		return info == 21, nil
	case 22, 23:
		return nil, nil
	case 25:
		f = halfFloat(uint16(n))
	case 26:
		f = float64(math.Float32frombits(uint32(n)))
	case 27:
		f = math.Float64frombits(n)
	default:
		return nil, r.broken("a simple value is not known")
	}
	if isTime {
		return instantOf(f)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, r.broken("a number is none")
	}
	return f, nil
}

// halfFloat is a number of 16 bits: 1 of sign, 5 of exponent, 10 of fraction.
func halfFloat(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	f := math.Ldexp(1024+fraction, exponent-25)
	switch exponent {
	case 0:
		f = math.Ldexp(fraction, -24)
	case 31:
		f = math.Inf(1)
		if fraction != 0 {
			f = math.NaN()
		}
	}
	if bits>>15 == 1 {
		return -f
	}
	return f
}
