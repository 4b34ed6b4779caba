package dist

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"io/fs"
	"time"
)

// file is one file of a zip.
type file struct {
	name string
	mode fs.FileMode
	text []byte
}

// packedAt is the time of every file: the earliest that a zip can tell.
var packedAt = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// archive returns a zip of the files in their order.
func archive(files []file) ([]byte, error) {
	var packed bytes.Buffer
	out := zip.NewWriter(&packed)
	out.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	for _, f := range files {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: packedAt}
		header.SetMode(f.mode)
		entry, err := out.CreateHeader(header)
		if err != nil {
			return nil, fmt.Errorf("add %s: %w", f.name, err)
		}
		if _, err := entry.Write(f.text); err != nil {
			return nil, fmt.Errorf("add %s: %w", f.name, err)
		}
	}
	if err := out.Close(); err != nil {
		return nil, fmt.Errorf("close zip: %w", err)
	}
	return packed.Bytes(), nil
}
