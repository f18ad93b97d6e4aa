package draw

import (
	"io"
	"os"
)

// write makes the picture's file.
func write(pic Picture, content io.WriterTo) error {
	f, err := os.Create(pic.File)
	if err != nil {
		return failed(pic, err)
	}
	if _, err := content.WriteTo(f); err != nil {
		_ = f.Close() // what went wrong first is told
		return failed(pic, err)
	}
	if err := f.Close(); err != nil {
		return failed(pic, err)
	}
	return nil
}
