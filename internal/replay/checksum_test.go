package replay

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
)

// encrypted says in the summary how the export's objects are encrypted.
func (f *fakeBucket) encrypted(sse string) {
	text := string(f.objects[exportPrefix+"/manifest-summary.json"])
	f.manifest("manifest-summary", strings.TrimSuffix(text, "}")+`,"s3SseAlgorithm":"`+sse+`"}`)
}

// The entity tag of an object that KMS encrypts is not of its content: where there is an MD5, it alone counts.
func TestExportTakesWhatItsChecksumVouchesFor(t *testing.T) {
	for name, c := range map[string]struct {
		sse     string
		members func(sum, ofSum [16]byte) string
	}{
		"KMS, another entity tag": {"KMS", func(sum, _ [16]byte) string {
			return `"md5Checksum":"` + base64.StdEncoding.EncodeToString(sum[:]) + `","etag":"00112233445566778899aabbccddeeff-1"`
		}},
		"AES256, another entity tag": {"AES256", func(sum, _ [16]byte) string {
			return `"md5Checksum":"` + hex.EncodeToString(sum[:]) + `","etag":"00112233445566778899aabbccddeeff"`
		}},
		"AES256, entity tag alone": {"AES256", func(sum, _ [16]byte) string {
			return `"etag":"\"` + strings.ToUpper(hex.EncodeToString(sum[:])) + `\""`
		}},
		"AES256, entity tag of one part": {"AES256", func(_, ofSum [16]byte) string {
			return `"etag":"` + hex.EncodeToString(ofSum[:]) + `-1"`
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := exported(full("ann"), full("cid", "dan"))
			sum := md5.Sum(f.objects[exportPrefix+"/data/file1.json.gz"])
			f.redescribe(1, c.members(sum, md5.Sum(sum[:]))+`,"itemCount":2`)
			f.encrypted(c.sse)
			q, report, err := replayExport(t, f)
			if err != nil || len(report.Problems) > 0 {
				t.Errorf("%+v, %v", report, err)
			}
			q.wants(t, "upsert ann", "upsert cid", "upsert dan")
		})
	}
}

// redescribe replaces what the manifest says of the n-th file but its key.
func (f *fakeBucket) redescribe(n int, members string) {
	lines := strings.Split(string(f.objects[exportPrefix+"/manifest-files.json"]), "\n")
	lines[n] = fmt.Sprintf(`{%s,"dataFileS3Key":"%s/data/file%d.json.gz"}`, members, exportPrefix, n)
	f.manifest("manifest-files", strings.Join(lines, "\n"))
}

func TestExportTrustsNoManifestWithoutItsChecksum(t *testing.T) {
	for name, spoil := range map[string]func(*fakeBucket){
		"files":       func(f *fakeBucket) { f.objects[exportPrefix+"/manifest-files.json"][10] ^= 1 },
		"summary":     func(f *fakeBucket) { f.objects[exportPrefix+"/manifest-summary.json"][10] ^= 1 },
		"no checksum": func(f *fakeBucket) { delete(f.objects, exportPrefix+"/manifest-files.md5") },
		"ion": func(f *fakeBucket) {
			f.manifest("manifest-summary", `{"manifestFilesS3Key":"x.json","outputFormat":"ION"}`)
		},
		"no files": func(f *fakeBucket) { f.manifest("manifest-summary", `{}`) },
		"odd line": func(f *fakeBucket) { f.manifest("manifest-files", `{"itemCount":1}`) },
	} {
		f := exported(full("ann"))
		spoil(f)
		q, _, err := replayExport(t, f)
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		q.wants(t)
	}
}
