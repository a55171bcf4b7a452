package intake

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine is the longest line that is taken, in bytes.
const maxLine = 256 << 10

var errLong = errors.New("the line is longer than 256 KiB")

// lines reads a text line by line and can take some back.
type lines struct {
	in   *bufio.Reader
	back [][]byte
	at   int // number of the line that next gave last
}

func newLines(r io.Reader) *lines {
	l := &lines{in: bufio.NewReaderSize(r, 64<<10)}
	if mark, err := l.in.Peek(3); err == nil && bytes.Equal(mark, []byte("\uFEFF")) {
		_, _ = l.in.Discard(len(mark))
	}
	return l
}

// next gives a line without its end. errLong passes over a line; io.EOF ends.
func (l *lines) next() ([]byte, error) {
	if n := len(l.back); n > 0 {
		line := l.back[n-1]
		l.back = l.back[:n-1]
		l.at++
		if line == nil {
			return nil, errLong
		}
		return line, nil
	}
	line, err := l.read()
	if err == nil || errors.Is(err, errLong) {
		l.at++
	}
	return line, err
}

func (l *lines) read() ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := l.in.ReadSlice('\n')
		if long = long || len(line)+len(part) > maxLine; !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || (len(line) == 0 && !long)):
			return nil, err
		case long:
			return nil, errLong
		}
		return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r")), nil
	}
}

// unread takes lines back, in the order that next gave them; nil for a long one.
func (l *lines) unread(taken [][]byte) {
	for i := len(taken) - 1; i >= 0; i-- {
		l.back = append(l.back, taken[i])
		l.at--
	}
}
