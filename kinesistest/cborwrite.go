package kinesistest

import (
	"encoding/binary"
	"reflect"
	"strings"
)

func appendCBORHead(b []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

func appendCBORText(b []byte, s string) []byte {
	return append(appendCBORHead(b, cborText, uint64(len(s))), s...)
}

func appendCBORInt(b []byte, v int64) []byte {
	if v < 0 {
		return appendCBORHead(b, cborNegative, uint64(-1-v))
	}
	return appendCBORHead(b, cborUint, uint64(v))
}

// appendCBOR writes an answer. It goes by the structs and tags that also say how the answer
// looks in JSON; times are milliseconds, as the SDK for Java reads them.
func appendCBOR(b []byte, v reflect.Value) []byte {
	if t, ok := reflect.TypeAssert[instant](v); ok {
		return appendCBORInt(appendCBORHead(b, cborTag, cborTime), t.UnixMilli())
	}
	switch v.Kind() {
	case reflect.Pointer:
		return appendCBOR(b, v.Elem())
	case reflect.Struct:
		fields := cborFields(nil, v)
		b = appendCBORHead(b, cborMap, uint64(len(fields)))
		for _, f := range fields {
			b = appendCBOR(appendCBORText(b, f.name), f.value)
		}
		return b
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return append(appendCBORHead(b, cborBytes, uint64(v.Len())), v.Bytes()...)
		}
		b = appendCBORHead(b, cborList, uint64(v.Len()))
		for i := range v.Len() {
			b = appendCBOR(b, v.Index(i))
		}
		return b
	case reflect.String:
		return appendCBORText(b, v.String())
	case reflect.Int, reflect.Int64:
		return appendCBORInt(b, v.Int())
	case reflect.Bool:
		if v.Bool() {
			return append(b, cborSimple<<5|21)
		}
		return append(b, cborSimple<<5|20)
	}
	panic("kinesistest: an answer cannot be written as CBOR: " + v.Type().String())
}

type cborField struct {
	name  string
	value reflect.Value
}

// cborFields lists the members that an answer has: those of embedded structs are its own, and
// empty ones are left out where the tag says so.
func cborFields(fields []cborField, v reflect.Value) []cborField {
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		switch {
		case f.Anonymous:
			fields = cborFields(fields, value)
		case strings.HasSuffix(f.Tag.Get("json"), ",omitempty") && empty(value):
		default:
			fields = append(fields, cborField{f.Name, value})
		}
	}
	return fields
}

func empty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice {
		return v.Len() == 0
	}
	return v.IsZero()
}
