package interop

import (
	"context"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// user is one user record as a reader found it.
type user struct {
	record     int // the Kinesis record it lay in, an index
	position   int // in that record
	aggregated bool
	key        string
	hashKey    string // decimal, or "" for none
	data       []byte
}

// reader takes Kinesis records apart.
type reader struct {
	name string
	read func(context.Context, []stored) ([]user, error)
	// inventsHashKeys: in an aggregated record that has explicit hash keys at all, a user record without one is given the
	// first of the table.
	inventsHashKeys bool
}

// readers returns those that are installed. The first is our own.
func readers(t *testing.T) []reader {
	t.Helper()
	all := []reader{
		{name: "aggregate.Deaggregate", read: deaggregate},
		{name: "protoc", read: protoc},
		{name: "aws-kinesis-agg (npm)", read: program("node", filepath.Join(abs(t, "node"), "read.js")), inventsHashKeys: true},
	}
	if python != "" {
		all = append(all, reader{
			name: "aws_kinesis_agg (PyPI)", read: program(python, filepath.Join(abs(t, "python"), "read.py")), inventsHashKeys: true,
		})
	}
	if javaClasses != "" {
		all = append(all, reader{name: "KCL AggregatorUtil", read: program("java", "-cp", javaClasses, "KclReader")})
	}
	return all
}

// program is a reader of another language: Kinesis records in, user records out, one a line.
func program(name string, args ...string) func(context.Context, []stored) ([]user, error) {
	return func(ctx context.Context, records []stored) ([]user, error) {
		out, err := run(ctx, strings.NewReader(lines(records)), name, args...)
		if err != nil {
			return nil, err
		}
		var users []user
		for line := range strings.Lines(string(out)) {
			u, err := parseUser(strings.TrimSuffix(line, "\n"))
			if err == nil && (u.record < 0 || u.record >= len(records)) {
				err = fmt.Errorf("there are %d Kinesis records", len(records))
			}
			if err != nil {
				return nil, fmt.Errorf("line %q: %w", line, err)
			}
			users = append(users, u)
		}
		return users, nil
	}
}

func parseUser(line string) (u user, err error) {
	field := strings.Split(line, "\t")
	const fields = 6
	if len(field) != fields {
		return u, fmt.Errorf("%d fields, want %d", len(field), fields)
	}
	if _, err := fmt.Sscan(field[0]+" "+field[1]+" "+field[2], &u.record, &u.position, &u.aggregated); err != nil {
		return u, err
	}
	key, err := base64.StdEncoding.DecodeString(field[3])
	if err != nil {
		return u, err
	}
	u.key, u.hashKey = string(key), field[4]
	u.data, err = base64.StdEncoding.DecodeString(field[5])
	return u, err
}
