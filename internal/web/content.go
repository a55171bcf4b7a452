package web

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Content is a file from outside that is handed on as it is. It is never shown
// by a browser in our name: it is an attachment without rights (rule 17).
type Content struct {
	Name  string // that it is saved under: ours, of letters, digits, "-", "_" and "."
	Type  string
	Tag   string // names these very bytes, without quotes
	Bytes io.ReadSeeker
	// Still asks, every few seconds of a long answer, whether the caller may go on
	// reading; its error ends the connection. nil = he may.
	Still func() error
}

// writePatience is how long a client may take for one step of a long answer, and
// stillEvery how often Still is asked.
const (
	writePatience = 30 * time.Second
	stillEvery    = 3 * time.Second
)

// ServeContent answers GET and HEAD with c, whole or in the ranges that r asks
// for (RFC 9110 §14). It holds none of c in memory. Ranges that cannot be given
// are RangeUnsatisfiable, and nothing has been written.
func ServeContent(w http.ResponseWriter, r *http.Request, c Content) error {
	size, err := c.Bytes.Seek(0, io.SeekEnd)
	if err != nil {
		return authority.Wrap(authority.Unavailable, "the file cannot be read now", err)
	}
	h := w.Header()
	h["Etag"] = []string{`"` + c.Tag + `"`}
	h["Accept-Ranges"] = []string{"bytes"}
	if err := settleRange(r, c.Tag, size); err != nil {
		h["Content-Range"] = []string{"bytes */" + strconv.FormatInt(size, 10)}
		return err
	}
	h["Content-Type"] = []string{c.Type}
	h["Content-Disposition"] = []string{`attachment; filename="` + c.Name + `"`}
	h["Content-Security-Policy"] = []string{"sandbox; default-src 'none'"}
	h["Cross-Origin-Resource-Policy"] = []string{"cross-origin"}
	h["Referrer-Policy"] = []string{"no-referrer"}
	if h["Cache-Control"] == nil {
		h["Cache-Control"] = []string{"private, no-cache"} // whoever keeps it asks each time
	}
	s := &steady{ReadSeeker: c.Bytes, control: http.NewResponseController(w), still: c.Still, asked: time.Now()}
	http.ServeContent(w, r, "", time.Time{}, s) // what it cannot finish ends the connection
	return nil
}

// settleRange leaves in r ranges that cost no more to send than the whole: those
// that meet are one, and many small ones are the span that holds them.
func settleRange(r *http.Request, tag string, size int64) error {
	text := r.Header.Get("Range")
	if text == "" {
		return nil
	}
	if since := r.Header.Get("If-Range"); since != "" && since != `"`+tag+`"` {
		r.Header.Del("Range") // RFC 9110 §13.1.5: other bytes than these are asked for
		return nil
	}
	if !strings.HasPrefix(spelling.LowerASCII(text), "bytes=") || r.Header.Get("If-None-Match") != "" {
		r.Header.Del("Range") // RFC 9110 §14.2: an unknown unit is ignored
		return nil
	}
	spans, err := parseRanges(strings.Join(r.Header.Values("Range"), ","), size)
	if err != nil {
		return err
	}
	r.Header.Set("Range", rangeText(spans))
	return nil
}

// steady lets a client take its time as long as it takes something, and ends
// what the caller may no longer read.
type steady struct {
	io.ReadSeeker

	control *http.ResponseController
	still   func() error
	asked   time.Time
	moved   time.Time // when the deadlines were moved last
}

// Read implements io.Reader.
func (s *steady) Read(p []byte) (int, error) {
	now := time.Now()
	if s.still != nil && now.Sub(s.asked) > stillEvery {
		s.asked = now
		if err := s.still(); err != nil {
			return 0, err
		}
	}
	if now.Sub(s.moved) > time.Second {
		s.moved = now
		// What cannot be set stays as it was. A read that times out would end the
		// request's context.
		_ = s.control.SetWriteDeadline(now.Add(writePatience))
		_ = s.control.SetReadDeadline(now.Add(2 * writePatience))
	}
	return s.ReadSeeker.Read(p)
}

func errRange() error {
	return authority.E(authority.RangeUnsatisfiable, "the ranges cannot be given")
}
