package aggregate

import "crypto/md5"

// Magic is the first four bytes of every aggregated record.
const Magic = "\xf3\x89\x9a\xc2"

// MinOverhead is what an aggregated record has around its message, in bytes:
// the magic in front, the MD5 digest behind.
const MinOverhead = len(Magic) + md5.Size

// unwrap returns the message of an aggregated record. ok is false if data does
// not start with the magic, has no more than a digest behind it, or has
// another digest than its message.
func unwrap(data []byte) (message []byte, ok bool) {
	if len(data) <= MinOverhead || string(data[:len(Magic)]) != Magic {
		return nil, false
	}
	end := len(data) - md5.Size
	message = data[len(Magic):end:end]
	return message, md5.Sum(message) == [md5.Size]byte(data[end:])
}
