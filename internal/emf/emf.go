// Package emf writes CloudWatch's embedded metric format: lines of JSON in a function's log that CloudWatch turns into
// metrics, with no call in the path. Every metric is in the namespace Rollcall and has the dimension IdentitySource, of which
// there is one a deployment, so that two orgs fed from one table have series of their own; OktaCalls has Class beside it.
// The table is a property of the line, to be searched for in the log.
package emf

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	namespace = "Rollcall"
	// maxValues is the most values that one metric of a line may have.
	maxValues = 100
)

// Units that CloudWatch knows.
const (
	count   = "Count"
	seconds = "Seconds"
)

// Writer writes lines about one deployment. It is safe for concurrent use.
type Writer struct {
	table, identitySource string

	mu    sync.Mutex
	out   io.Writer
	calls calls
}

// New returns a writer of lines to out, in a function os.Stdout. Table is the table's name or ARN.
func New(out io.Writer, table, identitySource string) *Writer {
	return &Writer{out: out, table: table[strings.LastIndexByte(table, '/')+1:], identitySource: identitySource}
}

// metric is one metric of a line, with one value or several.
type metric struct {
	name, unit string
	values     []float64
}

func counted(name string, n int) metric { return metric{name, count, []float64{float64(n)}} }

// write writes one line. Dimension is one beside IdentitySource, name and value; empty is none. Metrics without values are
// left out, and a line without metrics is not written. The caller holds the lock.
func (w *Writer) write(dimension [2]string, metrics ...metric) {
	line := w.appendLine(nil, time.Now(), dimension, metrics)
	if len(line) == 0 {
		return
	}
	// Metrics that cannot be written are not worth failing a flush for, and there is no other place to say so.
	_, _ = w.out.Write(line)
}

// appendLine appends the line, one object and a newline, or nothing.
func (w *Writer) appendLine(dst []byte, at time.Time, dimension [2]string, metrics []metric) []byte {
	start := len(dst)
	dst = fmt.Appendf(dst, `{"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"%s","Dimensions":[["IdentitySource"`, at.UnixMilli(), namespace)
	if dimension[0] != "" {
		dst = fmt.Appendf(dst, `,"%s"`, dimension[0])
	}
	dst = append(dst, `]],"Metrics":[`...)
	n := 0
	for _, m := range metrics {
		if len(m.values) == 0 {
			continue
		}
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, `{"Name":"%s","Unit":"%s"}`, m.name, m.unit)
	}
	if n == 0 {
		return dst[:start]
	}
	dst = append(dst, `]}]},"IdentitySource":`...)
	dst = appendString(dst, w.identitySource)
	dst = append(dst, `,"Table":`...)
	dst = appendString(dst, w.table)
	if dimension[0] != "" {
		dst = fmt.Appendf(dst, `,"%s":`, dimension[0])
		dst = appendString(dst, dimension[1])
	}
	for _, m := range metrics {
		if len(m.values) > 0 {
			dst = fmt.Appendf(dst, `,"%s":`, m.name)
			dst = appendValues(dst, m.values[:min(len(m.values), maxValues)])
		}
	}
	return append(dst, "}\n"...)
}

func appendValues(dst []byte, values []float64) []byte {
	if len(values) == 1 {
		return strconv.AppendFloat(dst, values[0], 'f', -1, 64)
	}
	dst = append(dst, '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	return append(dst, ']')
}

func appendString(dst []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // strings always can be
	return append(dst, quoted...)
}
