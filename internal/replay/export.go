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
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	// maxManifestBytes is the most that a manifest may be long: about 250 bytes for each data file.
	maxManifestBytes = 256 << 20
	// fileMark and the key of a data file are the position of one that was enqueued, or cannot be.
	fileMark = "file "
	fileDone = "done"
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
// manifests must have their checksums. A data file that has not its own, is missing, or is no gzip of as many lines as
// the manifest says, is a problem: nothing of it is used, and the others go on.
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

func (e *export) all(ctx context.Context, prefix string) error {
	files, err := e.files(ctx, prefix)
	if err != nil {
		return err
	}
	for _, file := range files {
		if e.Checkpoint.At(fileMark+file.Key) != "" {
			continue
		}
		corrupt, err := e.file(ctx, file)
		if err != nil {
			return err
		}
		if corrupt != nil {
			e.problem(Problem{What: e.name(file.Key), Why: corrupt.Error() + "; nothing of it was used"})
		}
		e.sender.Mark(fileMark+file.Key, fileDone)
		if err := e.sendFull(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (e *export) name(key string) string { return Place{e.bucket, key}.String() }

// files reads the manifests.
func (e *export) files(ctx context.Context, prefix string) ([]dataFile, error) {
	text, err := e.manifest(ctx, prefix+"/manifest-summary")
	if err != nil {
		return nil, err
	}
	var s summary
	switch err := json.Unmarshal(text, &s); {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", e.name(prefix+"/manifest-summary.json"), err)
	case s.Format != "" && s.Format != "DYNAMODB_JSON":
		return nil, fmt.Errorf("the export is in %s: export the table in DynamoDB JSON", s.Format)
	case !strings.HasSuffix(s.Files, ".json"):
		return nil, fmt.Errorf("read %s: it names no manifest of files", e.name(prefix+"/manifest-summary.json"))
	}
	e.plainTags = s.SSE == plainSSE
	if text, err = e.manifest(ctx, strings.TrimSuffix(s.Files, ".json")); err != nil {
		return nil, err
	}
	var files []dataFile
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var f dataFile
		switch err := decoder.Decode(&f); {
		case errors.Is(err, io.EOF):
			return files, nil
		case err != nil || f.Key == "":
			return nil, fmt.Errorf("read %s: line %d is not of a data file", e.name(s.Files), len(files)+1)
		}
		files = append(files, f)
	}
}

// manifest reads a manifest and checks it against the checksum beside it.
func (e *export) manifest(ctx context.Context, path string) ([]byte, error) {
	text, err := get(ctx, e.client, e.bucket, path+".json", maxManifestBytes)
	if err != nil {
		return nil, err
	}
	checksum, err := get(ctx, e.client, e.bucket, path+".md5", 1<<10)
	if err != nil {
		return nil, err
	}
	if err := (sums{MD5: string(bytes.TrimSpace(checksum))}).check(bytes.NewReader(text)); err != nil {
		return nil, fmt.Errorf("check %s: %w", e.name(path+".json"), err)
	}
	return text, nil
}

// file replays a data file. Corrupt is why nothing of it can be; err ends the replay.
func (e *export) file(ctx context.Context, f dataFile) (corrupt, err error) {
	copied, err := e.download(ctx, f.Key)
	if _, missing := errors.AsType[*types.NoSuchKey](err); missing {
		return errors.New("it is missing"), nil
	}
	if err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, copied.Close(), os.Remove(copied.Name()))
	}()
	if err := (sums{f.MD5, f.ETag, e.plainTags}).check(copied); err != nil {
		return err, nil
	}
	if err := countLines(copied, f.Items); err != nil {
		return err, nil
	}
	if _, err := copied.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read copy: %w", err)
	}
	lines, err := gzip.NewReader(copied)
	if err != nil {
		return nil, fmt.Errorf("read copy: %w", err)
	}
	number := 0
	return nil, e.lines(ctx, lines, func(_ []byte, broken error) {
		if number++; broken != nil {
			e.broken(fmt.Sprintf("%s, line %d", e.name(f.Key), number), broken)
		}
	})
}

// download copies a data file into a temporary file, since all of it must be checked before any of it is used.
func (e *export) download(ctx context.Context, key string) (*os.File, error) {
	body, err := open(ctx, e.client, e.bucket, key)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	file, err := os.CreateTemp("", "rollcall-export-*")
	if err != nil {
		return nil, fmt.Errorf("copy %s: %w", e.name(key), err)
	}
	if _, err := io.Copy(file, body); err != nil {
		return nil, errors.Join(fmt.Errorf("copy %s: %w", e.name(key), err), file.Close(), os.Remove(file.Name()))
	}
	return file, nil
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
	for reader := bufio.NewReaderSize(lines, 1<<20); ; {
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
