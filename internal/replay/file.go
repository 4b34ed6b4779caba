package replay

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
)

// Name of the position of a file: the byte after the last line that was enqueued, and its number.
const (
	offsetMark = "offset"
	lineMark   = "line"
)

// lineBuffer is how much of a file is read at once.
const lineBuffer = 1 << 20

// File replays JSON lines, each a stream record, a payload of the function, a record of the on-failure bucket, or a line
// of an export, in any order. A line that is none of those is a problem, and the rest goes on. In is at its beginning,
// also where the checkpoint is of further on.
func File(ctx context.Context, name string, in io.Reader, o Options) (Report, error) {
	return replayed(ctx, o, func(r *run) error {
		offset, number, err := r.seek(in)
		if err != nil {
			return err
		}
		return r.lines(ctx, in, func(text []byte, broken error) {
			offset += int64(len(text))
			number++
			r.sender.Mark(offsetMark, strconv.FormatInt(offset, 10))
			r.sender.Mark(lineMark, strconv.Itoa(number))
			if broken != nil {
				r.broken(fmt.Sprintf("%s, line %d", name, number), broken)
			}
		})
	})
}

// seek goes to the checkpoint's position.
func (r *run) seek(in io.Reader) (offset int64, number int, err error) {
	text := r.Checkpoint.At(offsetMark)
	if text == "" {
		return 0, 0, nil
	}
	if offset, err = strconv.ParseInt(text, 10, 64); err == nil {
		number, err = strconv.Atoi(r.Checkpoint.At(lineMark))
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read position: %w", err)
	}
	if seeker, ok := in.(io.Seeker); ok {
		_, err = seeker.Seek(offset, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, in, offset)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("go to position: %w", err)
	}
	return offset, number, nil
}

// lines replays lines. After each, done is told the line as it was read and why it cannot be replayed, if so.
func (r *run) lines(ctx context.Context, in io.Reader, done func(text []byte, broken error)) error {
	reader := bufio.NewReaderSize(in, lineBuffer)
	for {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		text, err := reader.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read line: %w", err)
		}
		last := err != nil
		if len(text) > 0 {
			done(text, r.line(text))
			if err := r.sendFull(ctx); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// line decodes and packs a line. The error is about the line.
func (r *run) line(text []byte) error {
	if isBlank(text) {
		return nil
	}
	payload, err := asPayload(text, r.Partition, r.Sort)
	if err != nil {
		return err
	}
	return r.decode(payload, time.Time{})
}

func isBlank(text []byte) bool {
	for _, c := range text {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}
