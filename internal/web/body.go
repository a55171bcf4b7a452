package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"propusk/internal/authority"
)

// LimitBody makes every read of r's body past limit fail with TooLarge (through
// ReadBody and the adapters). The pipeline calls it for each route.
func LimitBody(w http.ResponseWriter, r *http.Request, limit int64) {
	if limit == 0 {
		limit = defaultMaxBody
	}
	ExchangeOf(r.Context()).maxBody = limit
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(w, r.Body, limit)
	}
}

// ReadBody reads the whole body, which LimitBody has bounded. A body that is
// over the limit, or coded, is refused and the connection will close: little
// more of it is read.
func ReadBody(r *http.Request) ([]byte, error) {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		ExchangeOf(r.Context()).stop()
		return nil, authority.E(authority.UnsupportedMedia, "a content coding is not taken here: send the body as it is")
	}
	if limit := ExchangeOf(r.Context()).maxBody; limit > 0 && r.ContentLength > limit {
		return nil, tooLarge(r)
	}
	body, err := readAll(r)
	if err == nil {
		return body, nil
	}
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return nil, tooLarge(r)
	}
	return nil, authority.Wrap(authority.Malformed, "the body ends before it should", err)
}

func readAll(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if n := r.ContentLength; n > 0 && n <= 64<<10 {
		body := make([]byte, n)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(r.Body)
}

func tooLarge(r *http.Request) error {
	ExchangeOf(r.Context()).stop()
	return authority.E(authority.TooLarge, "the body is too large")
}

// stop ends the reading of this request: what still comes is not wanted.
func (ex *Exchange) stop() {
	if ex.cut != nil {
		ex.cut()
	}
}

// CheckJSONType refuses r where its Content-Type is clearly something else than
// JSON, or than the names that JSON is sent under.
func CheckJSONType(r *http.Request) error { return jsonType(r.Header.Get("Content-Type")) }

// jsonType refuses a content type that is clearly something else. Real clients
// send JSON under many names (curl says form), so the text decides.
func jsonType(header string) error {
	if header == "" {
		return nil
	}
	kind, params, err := mime.ParseMediaType(header)
	if err != nil {
		return authority.E(authority.UnsupportedMedia, "the Content-Type cannot be read")
	}
	major, _, _ := strings.Cut(kind, "/")
	foreign := strings.Contains(kind, "xml") || strings.Contains(kind, "html")
	switch major {
	case "multipart", "image", "audio", "video", "font", "model", "message":
		foreign = true
	}
	if foreign {
		return NotJSON()
	}
	return utf8Charset(params)
}

// NotJSON is the error of a body that has to be JSON and says it is something
// else.
func NotJSON() error { return authority.E(authority.UnsupportedMedia, "the body must be JSON") }

// formType takes application/x-www-form-urlencoded only.
func formType(header string) error {
	kind, params, err := mime.ParseMediaType(header)
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return authority.E(authority.UnsupportedMedia, "the body must be application/x-www-form-urlencoded")
	}
	return utf8Charset(params)
}

func utf8Charset(params map[string]string) error {
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8", "us-ascii":
		return nil
	}
	return authority.E(authority.UnsupportedMedia, "the body must be in UTF-8")
}
