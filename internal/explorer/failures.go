package explorer

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/explorer/schema"
	"propusk/internal/web"
)

// failures knows how a dialect answers what went wrong: it is asked to.
type failures struct {
	dialect dialect.Dialect
	answers *schema.Answers
}

// exampleID is the request id of examples.
const exampleID = "7f3a9c52d1e84b06"

// of lists the answers of a route that went wrong, by status.
func (f failures) of(rt *web.Route, m Method) []Answer {
	found := map[int]Answer{}
	for _, err := range mistakes(rt, m) {
		a := f.answer(rt, err)
		if _, known := found[a.Status]; !known {
			found[a.Status] = a
		}
	}
	var out []Answer
	for _, status := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[status])
	}
	return out
}

// mistakes lists what can go wrong with a call, the likeliest of a status first.
func mistakes(rt *web.Route, m Method) []*authority.Error {
	var out []*authority.Error
	add := func(ok bool, code authority.Code, message string) {
		if ok {
			out = append(out, authority.E(code, message))
		}
	}
	sends := len(m.Parameters) > 0 || m.Body != nil
	way := rt.Door != ""
	add(way && m.Body != nil, authority.InvalidRequest, "a parameter is missing")
	add(way, authority.InvalidClient, "client authentication failed")
	add(!rt.Public, authority.InvalidToken, "the access token is not valid")
	add(rt.Public && !way && len(m.Schemes) > 0, authority.InvalidClient, "client authentication failed")
	add(rt.Permission != "", authority.Forbidden, "the permission "+string(rt.Permission)+" is missing")
	add(sends && !way, authority.InvalidValue, "a parameter has a value of another kind")
	add(m.Body != nil, authority.Malformed, "the body cannot be read")
	add(len(wildcards(m.Path)) > 0, authority.NotFound, "not found")
	add(m.Body != nil, authority.TooLarge, "the body is too large")
	add(way || !rt.Public, authority.LimitExceeded, "too many requests; try again later")
	add(true, authority.Unavailable, "the service is not available now; try again")
	return out
}

// answer has the dialect write err, as it would to a request of rt.
func (f failures) answer(rt *web.Route, err error) Answer {
	w := &answerWriter{header: http.Header{}, status: http.StatusOK}
	ex := &web.Exchange{ID: exampleID, Dialect: rt.Dialect, Route: rt}
	r := (&http.Request{
		Method: rt.Method, URL: &url.URL{Path: strings.NewReplacer("{", "", "}", "").Replace(rt.Pattern)}, Header: http.Header{},
	}).WithContext(web.WithExchange(context.Background(), ex))
	f.dialect.WriteError(w, r, err)
	media, _, _ := strings.Cut(w.header.Get("Content-Type"), ";")
	a := Answer{Status: w.status}
	var value any
	if media == "" || json.Unmarshal(w.body.Bytes(), &value) != nil {
		return a
	}
	a.Media, a.Schema, a.Example = []string{media}, f.answers.Like("Error", value), value
	return a
}

// answerWriter keeps an answer.
type answerWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (w *answerWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *answerWriter) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *answerWriter) Write(p []byte) (int, error) { return w.body.Write(p) }
