package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

const (
	// maxManifestBytes is the most that a manifest may be long: about 250 bytes for each data file.
	maxManifestBytes = 256 << 20
	// Positions of an export: how many data files were enqueued, or cannot be, in the manifest's order, how many lines of
	// the next, and the checksum of the manifest.
	filesMark    = "files"
	manifestMark = "manifest"
)

// summary is what is read of manifest-summary.json.
type summary struct {
	Files  string `json:"manifestFilesS3Key"`
	Format string `json:"outputFormat"`
	SSE    string `json:"s3SseAlgorithm"`
}

// dataFile is a line of manifest-files.json.
type dataFile struct {
	Key   string `json:"dataFileS3Key"`
	MD5   string `json:"md5Checksum"`
	ETag  string `json:"etag"`
	Items int    `json:"itemCount"`
}

// Export replays a full or incremental point-in-time export to S3, in DynamoDB JSON; from is s3://…/AWSDynamoDB/<id>. The
// manifests must have their checksums. A data file that has not its own, is missing, cannot be read, or is no gzip of as
// many lines as the manifest says, is a problem: nothing of it is used, and the others go on.
func Export(ctx context.Context, client ObjectClient, from Place, o Options) (Report, error) {
	return replayed(ctx, o, func(r *run) error {
		return (&export{run: r, client: client, bucket: from.Bucket}).all(ctx, strings.TrimSuffix(from.Prefix, "/"))
	})
}

type export struct {
	*run

	client ObjectClient
	bucket string
	// plainTags says that entity tags can be reckoned; see sums.
	plainTags bool
}

// errManifest is returned where an interrupted replay cannot be gone on with.
var errManifest = errors.New("the manifest is another than that of the replay that was interrupted")

func (e *export) all(ctx context.Context, prefix string) error {
	files, checksum, err := e.files(ctx, prefix)
	if err != nil {
		return err
	}
	if begun := e.Checkpoint.At(manifestMark); begun != "" && begun != checksum {
		return errManifest
	}
	e.sender.Mark(manifestMark, checksum)
	done, line := e.at(filesMark), e.at(lineMark)
	for ; done < len(files); done++ {
		if e.Parts != nil {
			e.Parts(done, len(files))
		}
		corrupt, err := e.file(ctx, files[done], line)
		if err != nil {
			return err
		}
		if corrupt != nil {
			e.problem(Problem{What: e.place(files[done].Key).String(), Why: corrupt.Error() + "; nothing of it was used"})
		}
		line = 0
		e.sender.Mark(filesMark, strconv.Itoa(done+1))
		e.sender.Mark(lineMark, "0")
		if err := e.sendFull(ctx); err != nil {
			return err
		}
	}
	if e.Parts != nil {
		e.Parts(done, len(files))
	}
	return nil
}

// at is a number of the checkpoint.
func (e *export) at(name string) int {
	n, _ := strconv.Atoi(e.Checkpoint.At(name)) // none is 0
	return n
}

func (e *export) place(key string) Place { return Place{e.bucket, key} }

// files reads the manifests.
func (e *export) files(ctx context.Context, prefix string) (files []dataFile, checksum string, err error) {
	text, _, err := e.manifest(ctx, prefix+"/manifest-summary")
	if err != nil {
		return nil, "", err
	}
	var s summary
	switch err := json.Unmarshal(text, &s); {
	case err != nil:
		return nil, "", fmt.Errorf("read %s: %w", e.place(prefix+"/manifest-summary.json"), err)
	case s.Format != "" && s.Format != "DYNAMODB_JSON":
		return nil, "", fmt.Errorf("the export is in %s: export the table in DynamoDB JSON", s.Format)
	case !strings.HasSuffix(s.Files, ".json"):
		return nil, "", fmt.Errorf("read %s: it names no manifest of files", e.place(prefix+"/manifest-summary.json"))
	}
	e.plainTags = s.SSE == plainSSE
	if text, checksum, err = e.manifest(ctx, strings.TrimSuffix(s.Files, ".json")); err != nil {
		return nil, "", err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var f dataFile
		switch err := decoder.Decode(&f); {
		case errors.Is(err, io.EOF):
			return files, checksum, nil
		case err != nil || f.Key == "":
			return nil, "", fmt.Errorf("read %s: line %d is not of a data file", e.place(s.Files), len(files)+1)
		}
		files = append(files, f)
	}
}

// manifest reads a manifest and checks it against the checksum beside it.
func (e *export) manifest(ctx context.Context, path string) (text []byte, checksum string, err error) {
	if text, err = get(ctx, e.client, e.place(path+".json"), maxManifestBytes); err != nil {
		return nil, "", fmt.Errorf("read %s: %w", e.place(path+".json"), err)
	}
	sum, err := get(ctx, e.client, e.place(path+".md5"), 1<<10)
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", e.place(path+".md5"), err)
	}
	checksum = string(bytes.TrimSpace(sum))
	if err := (sums{MD5: checksum}).check(bytes.NewReader(text)); err != nil {
		return nil, "", fmt.Errorf("check %s: %w", e.place(path+".json"), err)
	}
	return text, checksum, nil
}

// file replays a data file, but for its first lines, which were before. Corrupt is why nothing of it can be; err ends the
// replay.
func (e *export) file(ctx context.Context, f dataFile, skip int) (corrupt, err error) {
	copied, err := os.CreateTemp("", "rollcall-export-*")
	if err != nil {
		return nil, fmt.Errorf("copy %s: %w", e.place(f.Key), err)
	}
	defer func() {
		err = errors.Join(err, copied.Close(), os.Remove(copied.Name()))
	}()
	err = e.download(ctx, f.Key, copied)
	if its, ok := errors.AsType[*objectError](err); ok {
		return its, nil
	}
	if err != nil {
		return nil, err
	}
	if err := (sums{f.MD5, f.ETag, e.plainTags}).check(copied); err != nil {
		return err, nil
	}
	if err := countLines(copied, f.Items); err != nil {
		return err, nil
	}
	if _, err := copied.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read copy: %w", err)
	}
	unpacked, err := gzip.NewReader(copied)
	if err != nil {
		return nil, fmt.Errorf("read copy: %w", err)
	}
	lines := bufio.NewReaderSize(unpacked, lineBuffer)
	if err := skipLines(lines, skip); err != nil {
		return nil, fmt.Errorf("read copy: %w", err)
	}
	number := skip
	return nil, e.lines(ctx, lines, func(_ []byte, broken error) {
		number++
		e.sender.Mark(lineMark, strconv.Itoa(number))
		if broken != nil {
			e.broken(fmt.Sprintf("%s, line %d", e.place(f.Key), number), broken)
		}
	})
}

// download copies a data file into a temporary file, since all of it must be checked before any of it is used.
func (e *export) download(ctx context.Context, key string, to *os.File) error {
	return fetch(ctx, e.client, e.place(key), func(body io.Reader) (read, write error) {
		if _, write = to.Seek(0, io.SeekStart); write == nil {
			write = to.Truncate(0)
		}
		if write != nil {
			return nil, write
		}
		from := &watched{Reader: body}
		if _, err := io.Copy(to, from); from.failed == nil {
			write = err
		}
		return from.failed, write
	})
}

// watched keeps how reading failed.
type watched struct {
	io.Reader

	failed error
}

// Read reads.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.failed = err
	}
	return n, err
}

// skipLines reads so many lines.
func skipLines(lines *bufio.Reader, n int) error {
	for n > 0 {
		switch _, err := lines.ReadSlice('\n'); {
		case err == nil:
			n--
		case !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
	return nil
}

// countLines checks that a file is a whole gzip of so many lines.
func countLines(file io.ReadSeeker, want int) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read copy: %w", err)
	}
	lines, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("it is no gzip file: %w", err)
	}
	got := 0
	for reader := bufio.NewReaderSize(lines, lineBuffer); ; {
		part, err := reader.ReadSlice('\n')
		if len(part) > 0 && part[len(part)-1] == '\n' || errors.Is(err, io.EOF) && !isBlank(part) {
			got++
		}
		switch {
		case err == nil || errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			if got != want {
				return fmt.Errorf("it has %d lines, and the manifest says %d", got, want)
			}
			return nil
		default:
			return fmt.Errorf("it is no whole gzip file: %w", err)
		}
	}
}
