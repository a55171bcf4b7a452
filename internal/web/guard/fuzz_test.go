package guard_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"propusk/internal/web/guard"
)

const (
	get    = "GET /fsm/WORK/Tasks HTTP/1.1\r\nHost: h\r\n\r\n"
	canary = "GET /fsm/WORK/Tasks/canary HTTP/1.1\r\nHost: h\r\n\r\n"
)

// strict is a reader of HTTP/1 written apart from the guard: it takes only what
// nobody could read in another way, and stops at the first thing that is not.
type strict struct {
	rest string
	seen []string
}

var (
	requestLine = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\x00-\x20\x7f]+) HTTP/1\\.([01])$")
	fieldLine   = regexp.MustCompile("^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?s:[^\x00-\x08\x0a-\x1f\x7f]*?))[ \t]*$")
	digits      = regexp.MustCompile(`^[0-9]{1,18}$`)
)

func strictly(stream string) []string {
	s := &strict{rest: stream}
	for s.next() {
	}
	return s.seen
}

// next reads one request; false when it is the last.
func (s *strict) next() bool {
	raw, rest, ok := strings.Cut(s.rest, "\r\n\r\n")
	if !ok {
		return false
	}
	lines := strings.Split(raw, "\r\n")
	first := requestLine.FindStringSubmatch(lines[0])
	if first == nil {
		return false
	}
	fields := map[string][]string{}
	for _, l := range lines[1:] {
		f := fieldLine.FindStringSubmatch(l)
		if f == nil {
			return false
		}
		name := strings.ToLower(f[1])
		fields[name] = append(fields[name], f[2])
	}
	coding, length := fields["transfer-encoding"], fields["content-length"]
	switch {
	case len(coding) > 0 && len(length) > 0, len(coding) > 1, len(length) > 1:
		return false
	case len(coding) == 1:
		if strings.EqualFold(coding[0], "chunked") {
			s.chunked(first, rest)
		}
		return false
	}
	n := 0
	if len(length) == 1 {
		if !digits.MatchString(length[0]) {
			return false
		}
		n, _ = strconv.Atoi(length[0])
	}
	if n > len(rest) {
		return false
	}
	s.seen = append(s.seen, first[1]+" "+first[2]+" "+rest[:n])
	s.rest = rest[n:]
	return true
}

func (s *strict) chunked(first []string, rest string) {
	body, err := io.ReadAll(httputil.NewChunkedReader(strings.NewReader(rest)))
	if err == nil {
		s.seen = append(s.seen, first[1]+" "+first[2]+" "+string(body))
	}
}

// stream is a connection that gives text in pieces.
type stream struct {
	net.Conn
	text  []byte
	piece int
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.piece)], s.text)
	s.text = s.text[n:]
	return n, nil
}

func (s *stream) Close() error { return nil }

func (s *stream) SetReadDeadline(time.Time) error { return nil }

// handled gives what handlers of net/http would see. A head that the guard lets
// through and net/http refuses would be answered by net/http, in nobody's shape.
func handled(t *testing.T, conn io.Reader) []string {
	var out []string
	br := bufio.NewReader(conn)
	for {
		r, err := http.ReadRequest(br)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("net/http refuses what the guard does not: %v", err)
			}
			return out
		}
		if r.Header.Get("X-Propusk-Refusal") != "" {
			return out
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return out
		}
		out = append(out, r.Method+" "+r.RequestURI+" "+string(body))
		if r.Close {
			return out
		}
	}
}

// For any bytes, what handlers see is the beginning of what a strict reader
// sees: nothing is made up of a smuggled tail (B36).
func FuzzGuard(f *testing.F) {
	for _, s := range []string{
		get + canary,
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd" + canary,
		"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" + canary,
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + canary,
		"GET / HTTP/1.1\r\nHost: h\r\n X: y\r\n\r\n" + canary,
		"GET / HTTP/1.1\nHost: h\n\n" + canary,
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 4\r\n\r\nabcd" + canary,
		"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + canary,
		"GET http://h:x/ HTTP/1.1\r\nHost: h:x\r\n\r\n" + canary,
		"GET http://[h/%41 HTTP/1.1\r\nHost: [h\r\n\r\n" + canary,
		"POST /\xff?% HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nTrailer: Content-Length\r\n\r\n" + canary,
	} {
		f.Add([]byte(s), uint8(255))
		f.Add([]byte(s), uint8(1))
	}
	f.Fuzz(func(t *testing.T, text []byte, piece uint8) {
		want := strictly(string(text))
		got := handled(t, guard.Guarded(&stream{text: bytes.Clone(text), piece: int(piece) + 1}))
		if len(got) > len(want) || !slices.Equal(got, want[:len(got)]) {
			t.Fatalf("%q:\nhandlers see    %q\na strict reader %q", text, got, want)
		}
	})
}
