package wire

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// appendQuoted appends s as a JSON string, with the same escapes as the SDK: DEL and the separators U+2028 and U+2029 too,
// which JSON would take as they are. A byte that is no UTF-8 becomes U+FFFD.
func appendQuoted(dst, s []byte) []byte {
	dst = append(dst, '"')
	if plainText(s) {
		dst = append(dst, s...)
		return append(dst, '"')
	}
	for i := 0; i < len(s); {
		text, size := escape(s[i:])
		if text == "" {
			dst = append(dst, s[i:i+size]...)
		}
		dst = append(dst, text...)
		i += size
	}
	return append(dst, '"')
}

// escape is what stands for the first character of s, "" for itself, and how many bytes of s it takes.
func escape(s []byte) (text string, size int) {
	if s[0] < utf8.RuneSelf {
		return asciiEscapes[s[0]], 1
	}
	r, size := utf8.DecodeRune(s)
	switch {
	case r == utf8.RuneError && size == 1:
		text = "\ufffd"
	case r == '\u2028':
		text = `\u2028`
	case r == '\u2029':
		text = `\u2029`
	}
	return text, size
}

// asciiEscapes has what stands for each ASCII character, "" for itself.
var asciiEscapes = func() (all [utf8.RuneSelf]string) {
	for c := range byte(' ') {
		all[c] = fmt.Sprintf(`\u%04x`, c)
	}
	all['"'], all['\\'], all['\n'], all['\r'], all['\t'], all[0x7f] = `\"`, `\\`, `\n`, `\r`, `\t`, `\u007f`
	return all
}()

// plainText says that s is printable ASCII with nothing to escape, as keys nearly always are. It looks at eight bytes at a
// time: a byte is 0 exactly when taking 1 from it borrows from its highest bit.
func plainText(s []byte) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; len(s) >= 8; s = s[8:] {
		v := binary.LittleEndian.Uint64(s)
		quote, slash := v^ones*'"', v^ones*'\\'
		if (v|(v-ones*' ')|(v+ones)|(quote-ones)&^quote|(slash-ones)&^slash)&highs != 0 {
			return false
		}
	}
	for _, c := range s {
		if c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
