package replay

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"rollcall/internal/checkpoint"
	"rollcall/internal/enqueue"
)

const exportPrefix = "backup/AWSDynamoDB/0169-2d87"

// exported is a bucket that holds an export of these files, each of these lines.
func exported(files ...[]string) *fakeBucket {
	f := &fakeBucket{objects: map[string][]byte{}, left: -1}
	var manifest strings.Builder
	for n, lines := range files {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		fmt.Fprintln(w, strings.Join(lines, "\n"))
		_ = w.Close() // to memory
		key := fmt.Sprintf("%s/data/file%d.json.gz", exportPrefix, n)
		f.objects[key] = packed.Bytes()
		sum := md5.Sum(packed.Bytes())
		ofSum := md5.Sum(sum[:])
		fmt.Fprintf(&manifest, "{\"itemCount\":%d,\"md5Checksum\":%q,\"etag\":\"%x-1\",\"dataFileS3Key\":%q}\n",
			len(lines), base64.StdEncoding.EncodeToString(sum[:]), ofSum, key)
	}
	f.manifest("manifest-files", manifest.String())
	f.manifest("manifest-summary", `{"version":"2023-08-01","s3Bucket":"bucket","manifestFilesS3Key":"`+exportPrefix+
		`/manifest-files.json","itemCount":1,"outputFormat":"DYNAMODB_JSON","exportType":"FULL_EXPORT"}`)
	return f
}

func (f *fakeBucket) manifest(name, text string) {
	sum := md5.Sum([]byte(text))
	f.objects[exportPrefix+"/"+name+".json"] = []byte(text)
	f.objects[exportPrefix+"/"+name+".md5"] = []byte(base64.StdEncoding.EncodeToString(sum[:]))
}

func full(ids ...string) (lines []string) {
	for _, id := range ids {
		lines = append(lines, `{"Item":`+item(id, true)+`}`)
	}
	return lines
}

func replayExport(t *testing.T, f *fakeBucket) (*queue, Report, error) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	q := &queue{}
	report, err := Export(t.Context(), f, Place{"bucket", exportPrefix + "/"}, options(t, q))
	if left, globErr := filepath.Glob(filepath.Join(os.TempDir(), "*")); globErr != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, globErr)
	}
	return q, report, err
}

func TestExportTakesFullAndIncrementalLines(t *testing.T) {
	q, report, err := replayExport(t, exported(full("ann", "bob"), []string{
		`{"Metadata":{"WriteTimestampMicros":{"N":"1690000000000000"}},"Keys":{"id":{"S":"cid"}},"OldImage":` + item("cid", true) + `}`,
		`{"Metadata":{"WriteTimestampMicros":"1690000000000000"},"Keys":{"id":{"S":"dan"}},"NewImage":` + item("dan", true) + `}`,
	}))
	if err != nil || len(report.Problems) > 0 || report.Records != 4 {
		t.Errorf("%+v, %v", report, err)
	}
	q.wants(t, "upsert ann", "upsert bob", "deactivate cid", "upsert dan")
}

func TestExportUsesNothingOfACorruptFile(t *testing.T) {
	const key = exportPrefix + "/data/file1.json.gz"
	for name, spoil := range map[string]func(*fakeBucket){
		"a flipped byte":      func(f *fakeBucket) { f.objects[key][len(f.objects[key])/2] ^= 1 },
		"a flipped last byte": func(f *fakeBucket) { f.objects[key][len(f.objects[key])-1] ^= 1 },
		"cut off":             func(f *fakeBucket) { f.objects[key] = f.objects[key][:len(f.objects[key])-9] },
		"missing":             func(f *fakeBucket) { delete(f.objects, key) },
		// What S3 says of a missing object to who may not list the bucket.
		"denied": func(f *fakeBucket) { f.refused = map[string]string{key: "AccessDenied"} },
		"no gzip, with its checksum": func(f *fakeBucket) {
			sum := md5.Sum([]byte("hello"))
			f.objects[key] = []byte("hello")
			f.redescribe(1, `"md5Checksum":"`+hex.EncodeToString(sum[:])+`","itemCount":2`)
		},
		"another number of lines": func(f *fakeBucket) {
			sum := md5.Sum(f.objects[key])
			f.redescribe(1, `"md5Checksum":"`+hex.EncodeToString(sum[:])+`","itemCount":3`)
		},
		"cut off, with its checksum": func(f *fakeBucket) {
			f.objects[key] = f.objects[key][:len(f.objects[key])-9]
			sum := md5.Sum(f.objects[key])
			f.redescribe(1, `"md5Checksum":"`+hex.EncodeToString(sum[:])+`","itemCount":2`)
		},
		"no checksum": func(f *fakeBucket) { f.redescribe(1, `"etag":"abc-7","itemCount":2`); f.encrypted("AES256") },
		"another entity tag": func(f *fakeBucket) {
			f.redescribe(1, `"etag":"00112233445566778899aabbccddeeff","itemCount":2`)
			f.encrypted("AES256")
		},
		"an entity tag alone, encrypted by KMS": func(f *fakeBucket) {
			sum := md5.Sum(f.objects[key])
			f.redescribe(1, `"etag":"`+hex.EncodeToString(sum[:])+`","itemCount":2`)
			f.encrypted("KMS")
		},
		"an entity tag alone, encrypted nobody says how": func(f *fakeBucket) {
			sum := md5.Sum(f.objects[key])
			f.redescribe(1, `"etag":"`+hex.EncodeToString(sum[:])+`","itemCount":2`)
		},
		"another MD5, its entity tag right": func(f *fakeBucket) {
			sum := md5.Sum(f.objects[key])
			f.redescribe(1, `"md5Checksum":"00112233445566778899aabbccddeeff","etag":"`+hex.EncodeToString(sum[:])+`","itemCount":2`)
			f.encrypted("AES256")
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := exported(full("ann", "bob"), full("cid", "dan"), full("eve"))
			spoil(f)
			q, report, err := replayExport(t, f)
			if err != nil || len(report.Problems) != 1 || report.Problems[0].What != "s3://bucket/"+key || !strings.Contains(report.Problems[0].Why, "nothing of it was used") {
				t.Errorf("%+v, %v", report, err)
			}
			q.wants(t, "upsert ann", "upsert bob", "upsert eve")
		})
	}
}

func TestExportReadsAgainWhatBreaksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := exported(full("ann"), full("bob"))
		f.breaks = map[string]int{exportPrefix + "/data/file0.json.gz": 2}
		q, report, err := replayExport(t, f)
		if err != nil || len(report.Problems) > 0 {
			t.Errorf("%+v, %v", report, err)
		}
		q.wants(t, "upsert ann", "upsert bob")
	})
}

// The checkpoint of an export does not grow with its files: it is written after each few of them.
func TestExportKeepsASmallCheckpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	const files, perFile = 100, 200
	var all [][]string
	for n := range files {
		var ids []string
		for i := range perFile {
			ids = append(ids, fmt.Sprintf("p%d-%d", n, i))
		}
		all = append(all, full(ids...))
	}
	f := exported(all...)
	var done []int
	run := func(q *queue) error {
		o := options(t, q)
		var err error
		if o.Checkpoint, err = checkpoint.Open(path, "export", false); err != nil {
			t.Fatal(err)
		}
		o.Parts = func(n, of int) {
			if of != files {
				t.Errorf("%d files", of)
			}
			done = append(done, n)
		}
		_, err = Export(t.Context(), f, Place{"bucket", exportPrefix}, o)
		return err
	}
	if err := run(&queue{most: files * perFile / enqueue.SendAt / 2}); !errors.Is(err, errAway) {
		t.Fatalf("got %v", err)
	}
	if saved, err := os.ReadFile(path); err != nil || len(saved) > 1000 {
		t.Errorf("the checkpoint has %d bytes, %v", len(saved), err)
	}
	done = nil
	if err := run(&queue{}); err != nil || done[0] < files/3 || done[len(done)-1] != files {
		t.Errorf("went on with %v, %v", done, err)
	}
}

func TestExportDoesNotGoOnWithAnotherManifest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	file, err := checkpoint.Open(path, "export", false)
	if err != nil {
		t.Fatal(err)
	}
	file.Set(manifestMark, "another")
	o := options(t, &queue{})
	o.Checkpoint = file
	if _, err := Export(t.Context(), exported(full("ann")), Place{"bucket", exportPrefix}, o); !errors.Is(err, errManifest) {
		t.Errorf("got %v", err)
	}
}

func TestExportNamesABadLine(t *testing.T) {
	q, report, err := replayExport(t, exported([]string{full("ann")[0], `{"Item":{"name":{"S":"secret"}}}`, full("bob")[0]}))
	if err != nil || len(report.Problems) != 1 || !strings.HasSuffix(report.Problems[0].What, "file0.json.gz, line 2") || strings.Contains(report.Problems[0].Why, "secret") {
		t.Errorf("%+v, %v", report, err)
	}
	q.wants(t, "upsert ann", "upsert bob")
}

func TestExportGoesOnWhereItWasInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	var files [][]string
	const perFile, people = 1500, 9000
	for n := 0; n < people; n += perFile {
		var ids []string
		for i := range perFile {
			ids = append(ids, fmt.Sprintf("p%d", n+i))
		}
		files = append(files, full(ids...))
	}
	f, q := exported(files...), &queue{most: 2}
	run := func(ctx context.Context) (Report, error) {
		o := options(t, q)
		var err error
		if o.Checkpoint, err = checkpoint.Open(path, "export", false); err != nil {
			t.Fatal(err)
		}
		return Export(ctx, f, Place{"bucket", exportPrefix}, o)
	}
	if _, err := run(t.Context()); !errors.Is(err, errAway) {
		t.Fatalf("got %v", err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := run(cancelled); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	q.most, f.gets = 0, nil
	report, err := run(t.Context())
	if err != nil || len(report.Problems) > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	// 4,000 people were enqueued: two files and a part of the third, which is gone on with.
	if slices.Contains(f.gets, exportPrefix+"/data/file1.json.gz") || !slices.Contains(f.gets, exportPrefix+"/data/file2.json.gz") {
		t.Errorf("went on with %v", f.gets)
	}
	if twice := q.reached(t, people); twice != 0 || report.Records != people || report.Interruptions != 1 {
		t.Errorf("%d twice, %+v", twice, report)
	}
	if report, err := run(t.Context()); err != nil || report.Records != people {
		t.Errorf("after one that was done: %+v, %v", report, err)
	}
}
