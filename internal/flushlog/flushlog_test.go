package flushlog_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/internal/flushlog"
)

// logged is what is written of a report at a level.
func logged(level logrus.Level, format logrus.Formatter, r batcher.Report) string {
	var out bytes.Buffer
	log := logrus.New()
	log.SetOutput(&out)
	log.SetLevel(level)
	log.SetFormatter(format)
	flushlog.Log(logrus.NewEntry(log), r)
	return out.String()
}

func TestOneLineAFlush(t *testing.T) {
	plain := &logrus.TextFormatter{DisableTimestamp: true}
	triggered := batcher.Report{
		Outcome: batcher.Triggered, Session: "iss2", People: 3, Upserted: 2, Deactivated: 1, Loads: 2, Seconds: 1.5, Trace: []string{"t1"},
		ChangeToTrigger: batcher.Seconds{Count: 3, Slowest: 4},
		Ended:           []batcher.SessionOutcome{{Session: "iss1", Status: "COMPLETED", Ended: time.Unix(1_700_000_000, 0).UTC(), People: 7, Median: 1, Slowest: 2.25}},
	}
	held := batcher.Report{Outcome: batcher.Nothing, People: 30, Held: 30, HoldReason: "too many"}
	for name, c := range map[string]struct {
		level  logrus.Level
		format logrus.Formatter
		report batcher.Report
		want   string
	}{
		"triggered": {logrus.InfoLevel, plain, triggered,
			`level=info msg=flush changeToTrigger=4 deactivated=1 ended="[iss1 COMPLETED people=7 median=1.0s slowest=2.2s]" loads=2 outcome=triggered people=3 seconds=1.5 session=iss2 traces="[t1]" upserted=2`},
		"for programs": {logrus.InfoLevel, &logrus.JSONFormatter{DisableTimestamp: true}, triggered,
			`{"changeToTrigger":4,"deactivated":1,"ended":[{"session":"iss1","status":"COMPLETED","ended":"2023-11-14T22:13:20Z","people":7,"medianSeconds":1,"slowestSeconds":2.25}],"level":"info","loads":2,"msg":"flush","outcome":"triggered","people":3,"seconds":1.5,"session":"iss2","traces":["t1"],"upserted":2}`},
		"held":           {logrus.WarnLevel, plain, held, `level=warning msg=flush held=30 holdReason="too many" outcome=nothing people=30 seconds=0`},
		"idle":           {logrus.InfoLevel, plain, batcher.Report{Outcome: batcher.Idle}, ""},
		"idle, at debug": {logrus.DebugLevel, plain, batcher.Report{Outcome: batcher.Idle, Watched: 1}, `level=debug msg=flush outcome=idle seconds=0 watched=1`},
		"failed":         {logrus.InfoLevel, plain, batcher.Report{Outcome: batcher.Failed, Returned: 2}, `level=info msg=flush outcome=failed returned=2 seconds=0`},
	} {
		if got := strings.TrimSuffix(logged(c.level, c.format, c.report), "\n"); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}
