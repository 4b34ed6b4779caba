package embedded

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"rollcall/intent"
	"rollcall/internal/items"
	"rollcall/internal/scan"
)

func TestOpenAgainFindsEverything(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new folder", "ünd?more#")
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	arn := people(t, db).StreamARN()
	putPeople(t, people(t, db), 0, 3)
	if _, err := db.Queue("intents", QueueOptions{}).Send(t.Context(), []string{"m"}, 0); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, FileName)); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(dir); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	table := people(t, db)
	if n, err := table.Count(t.Context()); err != nil || n != 3 {
		t.Errorf("%d items, %v", n, err)
	}
	if n, err := table.Pending(t.Context()); err != nil || n != 3 {
		t.Errorf("%d change records, %v", n, err)
	}
	if visible, hidden, _, err := db.Queue("intents", QueueOptions{}).Depth(t.Context()); err != nil || visible != 1 || hidden != 0 {
		t.Errorf("%d visible messages, %d hidden, %v", visible, hidden, err)
	}
	if got := table.StreamARN(); got != arn || !strings.HasPrefix(arn, "arn:aws:dynamodb:us-east-1:000000000000:table/people/stream/20") {
		t.Errorf("stream %s, before %s", got, arn)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file); err == nil || !strings.Contains(err.Error(), "make data folder") {
		t.Errorf("open in a file = %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, FileName), []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), FileName) {
		t.Errorf("open of what is no database = %v", err)
	}
}

func TestTableRefusesWhatDynamoDBRefuses(t *testing.T) {
	table := people(t, open(t))
	for _, item := range []string{`{}`, `{"id":{"N":"1"}}`, `{"id":{"S":""}}`, `{"id":{"S":"a"},"x":{"S":"` + strings.Repeat("x", items.MaxItemBytes) + `"}}`} {
		if err := table.PutMany(t.Context(), [][]byte{[]byte(`{"id":{"S":"fine"}}`), []byte(item)}); err == nil {
			t.Errorf("put of %.40s: no error", item)
		}
	}
	if n, err := table.Count(t.Context()); err != nil || n != 0 {
		t.Errorf("%d items were written beside a bad one, %v", n, err)
	}
	if _, err := table.DeleteItem(t.Context(), `{"id":{"N":"1"}}`); err == nil {
		t.Error("delete of a malformed key: no error")
	}
	if _, err := table.db.Table(t.Context(), TableOptions{ExternalIDIndex: `it"s`}); err == nil {
		t.Error("an index on a name with a quote: no error")
	}
}

func TestQueuesOfOneFileAreApart(t *testing.T) {
	db := open(t)
	intents, urgent := db.Queue("intents", QueueOptions{}), db.Queue("urgent", QueueOptions{})
	if _, err := intents.Send(t.Context(), []string{"i"}, 0); err != nil {
		t.Fatal(err)
	}
	if got, err := urgent.Receive(t.Context(), 0); err != nil || len(got) > 0 {
		t.Errorf("urgent received %v, %v", got, err)
	}
	got, err := intents.Receive(t.Context(), 0)
	if err != nil || len(got) != 1 {
		t.Fatalf("intents received %v, %v", got, err)
	}
	if err := urgent.Delete(t.Context(), []string{got[0].Receipt, "no receipt"}); err != nil {
		t.Errorf("delete: %v", err)
	}
	if visible, hidden, _, err := intents.Depth(t.Context()); err != nil || visible != 0 || hidden != 1 {
		t.Errorf("%d visible, %d hidden, %v; want the one in work untouched", visible, hidden, err)
	}
}

func TestRetentionDropsOldMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := open(t).Queue("urgent", QueueOptions{Retention: time.Hour})
		send := func(body string) {
			if _, err := queue.Send(t.Context(), []string{body}, 0); err != nil {
				t.Fatal(err)
			}
		}
		send("old")
		time.Sleep(40 * time.Minute)
		send("new")
		if _, _, oldest, err := queue.Depth(t.Context()); err != nil || oldest != 40*time.Minute {
			t.Errorf("oldest is %v, %v; want 40 min", oldest, err)
		}
		time.Sleep(30 * time.Minute)
		if got, err := queue.Receive(t.Context(), 0); err != nil || len(got) != 1 || got[0].Body != "new" {
			t.Errorf("received %v, %v; want only the new one", got, err)
		}
	})
}

func TestConcurrentWritersOfOneItem(t *testing.T) {
	db := open(t)
	table := people(t, db)
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for n := range 50 {
				if err := table.PutItem(t.Context(), fmt.Appendf(nil, `{"id":{"S":"one"},"by":{"N":"%d"}}`, 100*w+n)); err != nil {
					t.Errorf("put: %v", err)
				}
			}
		})
	}
	writers.Wait()
	// Every record's old image is the new one before it: the records are the item's history without gaps.
	records, err := table.head(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	var in events.DynamoDBEvent
	if err := json.Unmarshal(payload(records), &in); err != nil {
		t.Fatal(err)
	}
	last := "nothing"
	for i, r := range in.Records {
		if old, ok := r.Change.OldImage["by"]; ok && old.Number() != last || !ok && i > 0 {
			t.Fatalf("record %d follows %s with another old image", i, last)
		}
		last = r.Change.NewImage["by"].Number()
	}
	if len(in.Records) != 400 {
		t.Errorf("%d records, want 400", len(in.Records))
	}
}

// TestKilledProcessLosesNothing has a process of its own write people and messages and kills it; whatever it had
// reported as done must be there, each item with its change record.
func TestKilledProcessLosesNothing(t *testing.T) {
	const variable = "ROLLCALL_TEST_WRITE_TO"
	if dir := os.Getenv(variable); dir != "" {
		writeForever(t, dir)
	}
	for range 3 {
		dir := t.TempDir()
		child := exec.Command(os.Args[0], "-test.run=^TestKilledProcessLosesNothing$")
		child.Env = append(os.Environ(), variable+"="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(patience, func() { child.Process.Kill() })
		reported := 0
		for lines := bufio.NewScanner(out); lines.Scan(); reported++ {
			if reported == 0 {
				kill.Reset(300 * time.Millisecond)
			}
		}
		child.Wait()
		if reported == 0 {
			t.Fatal("the writer reported nothing before it was killed")
		}
		db, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		table := people(t, db)
		var keys []intent.Key
		for n := range reported {
			keys = append(keys, intent.Key(fmt.Sprintf(`{"id":{"S":"p%d"}}`, n)))
		}
		found, _, err := table.Get(t.Context(), keys)
		if err != nil || len(found) != reported {
			t.Errorf("%d items of %d reported, %v", len(found), reported, err)
		}
		written, err := table.Count(t.Context())
		if pending, perr := table.Pending(t.Context()); err != nil || perr != nil || pending != int(written) {
			t.Errorf("%d change records of %d items, %v, %v", pending, written, err, perr)
		}
		visible, _, _, err := db.Queue("intents", QueueOptions{}).Depth(t.Context())
		if err != nil || int(visible) < reported {
			t.Errorf("%d messages of %d reported, %v", visible, reported, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func writeForever(t *testing.T, dir string) {
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	table := people(t, db)
	for n := 0; ; n++ {
		putPeople(t, table, n, 1)
		if _, err := db.Queue("intents", QueueOptions{}).Send(context.Background(), []string{"m"}, 0); err != nil {
			t.Fatal(err)
		}
		fmt.Println(n)
	}
}

func TestScanHandsOverEveryItemOnce(t *testing.T) {
	table := people(t, open(t))
	putPeople(t, table, 0, 2*maxChunk)
	seen := map[string]bool{}
	err := scan.Table(t.Context(), table, 3, nil, func(p scan.Page) error {
		for _, item := range p.Items {
			seen[string(item)] = true
		}
		return nil
	})
	if err != nil || len(seen) != 2*maxChunk {
		t.Errorf("scan = %d items, %v", len(seen), err)
	}
}
