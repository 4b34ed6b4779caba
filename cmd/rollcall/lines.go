package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// gzipMagic is how a gzip file begins.
var gzipMagic = []byte{0x1f, 0x8b}

// unpacked is a stream, unpacked if it is packed with gzip.
func unpacked(in *bufio.Reader) (io.Reader, error) {
	head, err := in.Peek(len(gzipMagic))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read: %w", err)
	}
	if !bytes.Equal(head, gzipMagic) {
		return in, nil
	}
	lines, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return lines, nil
}

// openLines is a file's content, unpacked if it is packed with gzip; read is told how many of its bytes were read. One that
// is not packed is an io.Seeker.
func openLines(file *os.File, read func(bytes int64)) (io.Reader, error) {
	in := &countedFile{file: file, tell: read}
	head := make([]byte, len(gzipMagic))
	if n, _ := file.ReadAt(head, 0); n < len(head) || !bytes.Equal(head, gzipMagic) {
		return in, nil
	}
	return unpacked(bufio.NewReader(in))
}

// countedFile is a file that tells how far it was read.
type countedFile struct {
	file *os.File
	read int64
	tell func(bytes int64)
}

// Read reads.
func (c *countedFile) Read(p []byte) (int, error) {
	n, err := c.file.Read(p)
	c.read += int64(n)
	c.tell(c.read)
	return n, err
}

// Seek goes to a place.
func (c *countedFile) Seek(offset int64, whence int) (at int64, err error) {
	c.read, err = c.file.Seek(offset, whence)
	return c.read, err
}

// interruptible is a reader whose reads end with the context, also those that wait for a terminal or a pipe. What a read
// that was left waiting gets is lost.
func interruptible(ctx context.Context, in io.Reader) io.Reader {
	out, feed := io.Pipe()
	context.AfterFunc(ctx, func() { feed.CloseWithError(context.Cause(ctx)) })
	go func() {
		_, err := io.Copy(feed, in)
		feed.CloseWithError(err) // nil is io.EOF
	}()
	return out
}
