package interop

import (
	"fmt"
	"strings"
	"sync"
	"text/tabwriter"
)

// results is the table that ends a run.
var results table

// table is what each reader found of what each writer wrote to each server.
type table struct {
	mutex sync.Mutex
	rows  []row
}

type row struct {
	writer, server, reader string
	kinesisRecords         int
	dropped                int // of them, by the KCL's rule
	userRecords            int
	disagreement           string
}

func (t *table) add(r row) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.rows = append(t.rows, r)
}

// String draws the table, "" if there is nothing in it.
func (t *table) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if len(t.rows) == 0 {
		return ""
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nwriter\tserver\treader\tKinesis records\tdropped\tuser records\tagreed")
	agreed := 0
	for _, r := range t.rows {
		verdict := "yes"
		if r.disagreement == "" {
			agreed++
		} else {
			verdict = "NO"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n", r.writer, r.server, r.reader, r.kinesisRecords, r.dropped, r.userRecords, verdict)
	}
	w.Flush()
	fmt.Fprintf(&b, "%d of %d agreed\n", agreed, len(t.rows))
	return b.String()
}
