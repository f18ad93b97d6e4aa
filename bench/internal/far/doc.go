// Package far runs kinesistest in a process of its own, so that what it takes is not counted with what is measured.
//
//	Start ──── exec ourselves ────▶ Main ──▶ kinesistest on loopback, and a drain that reads and forgets
//	  │ ◀── one line of JSON: where ─┤
//	  │ ── "figures\n" on stdin ───▶ │ ◀── one line of JSON: what was put so far
//	  └─ closes stdin ─────────────▶ ends; so it also does when the parent dies
package far
