package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func TestLinesAreUnpacked(t *testing.T) {
	plain := bytes.Repeat([]byte("a line\n"), 1000)
	var packed bytes.Buffer
	for range 2 { // files may be put one after the other
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(plain); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct{ content, want []byte }{
		"plain": {plain, plain}, "packed": {packed.Bytes(), append(bytes.Clone(plain), plain...)}, "empty": {nil, nil}, "short": {[]byte("x"), []byte("x")},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		var read int64
		in, err := openLines(file, func(bytes int64) { read = bytes })
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		if err != nil || !bytes.Equal(got, c.want) || read != int64(len(c.content)) {
			t.Errorf("%s: %d bytes of %d, %v; told of %d", name, len(got), len(c.want), err, read)
		}
		piped, err := unpacked(bufio.NewReader(bytes.NewReader(c.content)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(piped); err != nil || !bytes.Equal(got, c.want) {
			t.Errorf("%s, piped: %d bytes of %d, %v", name, len(got), len(c.want), err)
		}
	}
}
