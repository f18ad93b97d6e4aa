package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// commit replaces the position. Whenever the process or the machine stops, the file has the old one or the new one, whole:
// the new one is written beside it and synced before it takes the name, and then the name is synced.
func commit(name string, position int64) error {
	next, err := os.Create(name + ".next") //nolint:gosec // the caller chose the name
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(next, position)
	err = errors.Join(err, next.Sync(), next.Close())
	if err != nil {
		return err
	}
	if err = os.Rename(next.Name(), name); err != nil { //nolint:gosec // the caller chose the name
		return err
	}
	folder, err := os.Open(filepath.Dir(name)) //nolint:gosec // as before
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// load reads the position; 0 if none was ever committed.
func load(name string) (int64, error) {
	text, err := os.ReadFile(name) //nolint:gosec // the caller chose the name
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
}
