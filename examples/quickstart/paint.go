package main

import "io"

// paint colours text for a terminal; the zero value leaves it as it is.
type paint struct{ on bool }

// paintFor colours what is written to a terminal, unless the environment asks for none (https://no-color.org) or the
// terminal knows none.
func paintFor(w io.Writer, env func(string) string) paint {
	return paint{on: isTerminal(w) && env("NO_COLOR") == "" && env("TERM") != "dumb"}
}

func (p paint) bold(s string) string  { return p.in("1", s) }
func (p paint) dim(s string) string   { return p.in("2", s) }
func (p paint) red(s string) string   { return p.in("31", s) }
func (p paint) green(s string) string { return p.in("32", s) }
func (p paint) blue(s string) string  { return p.in("36", s) }

func (p paint) in(code, s string) string {
	if !p.on || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
