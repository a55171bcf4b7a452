package explorer

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"

	"propusk/internal/web"
)

// text is something that is served as it is, whole or packed.
type text struct {
	media string
	body  []byte
	gzip  []byte
	tag   string // names these very bytes
	keep  bool   // its address names its bytes: caches may keep it for ever
}

// packed gives t with what is worked out once.
func (t text) packed() (text, error) {
	sum := sha256.Sum256(t.body)
	t.tag = hex.EncodeToString(sum[:12])
	var buf bytes.Buffer
	pack, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return t, err
	}
	if _, err := pack.Write(t.body); err != nil {
		return t, err
	}
	err = pack.Close()
	t.gzip = buf.Bytes()
	return t, err
}

// serve answers with t, or with 304 to who has it. RFC 9110 §13.1.2
func (t text) serve(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	h["Cache-Control"] = []string{"no-cache"}
	if t.keep {
		h["Cache-Control"] = []string{"public, max-age=31536000, immutable"}
	}
	h["Vary"] = append(h["Vary"], "Accept-Encoding")
	h["X-Content-Type-Options"] = []string{"nosniff"}
	body, tag := t.body, `"`+t.tag+`"`
	if acceptsGzip(r) && len(t.gzip) > 0 {
		body, tag = t.gzip, `"`+t.tag+`-gzip"`
		h["Content-Encoding"] = []string{"gzip"}
	}
	h["Etag"] = []string{tag}
	if matches(r.Header.Get("If-None-Match"), tag) {
		delete(h, "Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	web.WriteBody(w, http.StatusOK, t.media, body)
	return nil
}

func matches(header, tag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

// acceptsGzip reads Accept-Encoding. RFC 9110 §12.5.3
func acceptsGzip(r *http.Request) bool {
	accepts := false
	for one := range strings.SplitSeq(strings.ToLower(strings.Join(r.Header.Values("Accept-Encoding"), ",")), ",") {
		name, parameters, _ := strings.Cut(one, ";")
		weight, weighed := strings.CutPrefix(strings.TrimSpace(parameters), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		refused := weighed && (err != nil || q == 0)
		switch strings.TrimSpace(name) {
		case "gzip":
			return !refused
		case "*":
			accepts = !refused
		}
	}
	return accepts
}
