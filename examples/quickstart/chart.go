package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// row is one bar of a chart.
type row struct {
	label  string
	n      int
	remark string
}

const (
	labelWidth = 20 // columns: a shard id
	barWidth   = 34 // columns
	maxRows    = 16 // of a chart; a stream with more shards is shown in part
)

// chart draws the rows as horizontal bars, each with its number, to the scale of the largest.
func chart(rows []row, p paint) string {
	top := 1
	for _, r := range rows {
		top = max(top, r.n)
	}
	var b strings.Builder
	for i, r := range rows {
		if i == maxRows {
			fmt.Fprintf(&b, "  … and %s more\n", group(len(rows)-maxRows))
			break
		}
		drawn := bar(r.n, top)
		gap := strings.Repeat(" ", barWidth-utf8.RuneCountInString(drawn))
		fmt.Fprintf(&b, "  %-*s  %s%s %12s", labelWidth, clip(r.label, labelWidth), p.blue(drawn), gap, group(r.n))
		if r.remark != "" {
			b.WriteString(" " + p.dim(r.remark))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// bar is n/top of barWidth columns long, to an eighth of a column. Whatever is not 0 shows.
func bar(n, top int) string {
	const eighths = "▏▎▍▌▋▊▉"
	length := int(math.Round(float64(n) / float64(top) * barWidth * 8))
	if n > 0 {
		length = max(length, 1)
	}
	drawn := strings.Repeat("█", length/8)
	if part := length % 8; part > 0 {
		drawn += string([]rune(eighths)[part-1])
	}
	return drawn
}

// clip cuts s to so many characters.
func clip(s string, width int) string {
	r := []rune(s)
	if len(r) <= width {
		return s
	}
	return string(r[:width-1]) + "…"
}

// group writes a number with commas between its thousands.
func group[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// amount writes a number of bytes in the decimal unit that leaves it between 1 and 1000.
func amount(bytes float64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	for bytes >= 999.95 && len(units) > 1 {
		bytes, units = bytes/1000, units[1:]
	}
	if units[0] == "B" {
		return fmt.Sprintf("%.0f B", bytes)
	}
	return fmt.Sprintf("%.1f %s", bytes, units[0])
}
