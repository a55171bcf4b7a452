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
	found := map[int]*failed{}
	for _, err := range f.mistakes(rt, m) {
		f.ask(found, rt, err)
	}
	var out []Answer
	for _, status := range slices.Sorted(maps.Keys(found)) {
		out = append(out, found[status].answer(f.answers, rt))
	}
	return out
}

// failed is what a dialect writes with one status.
type failed struct {
	Answer

	bodies []any
}

// answer describes all of it; the example is what is likeliest.
func (f *failed) answer(into *schema.Answers, rt *web.Route) Answer {
	if len(f.bodies) > 0 {
		f.Schema, f.Example = into.Like("Error", f.bodies...), f.bodies[0]
	}
	if rt.Browsers {
		f.Media = append(f.Media, "text/html")
	}
	return f.Answer
}

// mistakes lists what can go wrong with a call, the likeliest of a status first.
func (f failures) mistakes(rt *web.Route, m Method) []*authority.Error {
	var out []*authority.Error
	add := func(ok bool, codes ...authority.Code) {
		for _, code := range codes {
			if ok {
				out = append(out, authority.E(code, messages()[code]))
			}
		}
	}
	way := rt.Door != ""
	_, closed := f.dialect.(dialect.Admitter)
	reads := m.Body != nil || rt.Method != http.MethodGet && rt.Method != http.MethodDelete
	add(way && m.Body != nil, authority.InvalidRequest, authority.UnsupportedGrantType, authority.InvalidScope, authority.UnauthorizedClient)
	add(way || rt.Public && len(m.Schemes) > 0, authority.InvalidClient)
	add(way, authority.InvalidGrant)
	add(!rt.Public, authority.InvalidToken, authority.Unauthenticated)
	if rt.Permission != "" {
		out = append(out, authority.E(authority.Forbidden, "the permission "+string(rt.Permission)+" is missing"))
	}
	add(!rt.Public && closed || rt.NoHead, authority.Forbidden)
	add(len(m.Parameters) > 0 || m.Body != nil, authority.InvalidValue)
	add(reads, authority.Malformed, authority.TooLarge, authority.UnsupportedMedia)
	add(true, authority.InvalidRequest, authority.Malformed)
	add(len(wildcards(m.Path)) > 0, authority.NotFound)
	add(m.Once, authority.Conflict, authority.Unprocessable)
	add(true, rt.Fails...)
	add(way || !rt.Public || len(m.Schemes) > 0, authority.LimitExceeded)
	add(true, authority.Unavailable)
	return out
}

// messages are those of examples.
func messages() map[authority.Code]string {
	return map[authority.Code]string{
		authority.InvalidRequest:       "a parameter is missing, or sent more than once",
		authority.UnsupportedGrantType: "there is no such grant type",
		authority.InvalidScope:         "the scope is not known, or wider than it may be",
		authority.UnauthorizedClient:   "this client may not use this grant type",
		authority.InvalidClient:        "client authentication failed",
		authority.InvalidGrant:         "the code, refresh token or password is not valid",
		authority.InvalidToken:         "the access token is not valid",
		authority.Unauthenticated:      "no credential was presented",
		authority.Forbidden:            "this caller may not do it",
		authority.InvalidValue:         "a parameter has a value of another kind",
		authority.Malformed:            "the request cannot be read",
		authority.TooLarge:             "the body is too large",
		authority.UnsupportedMedia:     "the body is of a type that is not taken here",
		authority.NotFound:             "not found",
		authority.Conflict:             "it contradicts what is there: a name is taken, or it was changed meanwhile",
		authority.Unprocessable:        "it can be read, but not be carried out",
		authority.NotAcceptable:        "there is no form of it that the client accepts",
		authority.RangeUnsatisfiable:   "the ranges cannot be given",
		authority.LimitExceeded:        "too many requests; try again later",
		authority.Unavailable:          "the service is not available now; try again",
	}
}

// ask has the dialect write err, as it would to a request of rt, with and without
// an argument.
func (f failures) ask(found map[int]*failed, rt *web.Route, err *authority.Error) {
	for _, err := range []error{err, err.With("field", "name")} {
		w := &answerWriter{header: http.Header{}, status: http.StatusOK}
		ex := &web.Exchange{ID: exampleID, Dialect: rt.Dialect, Route: rt}
		r := (&http.Request{
			Method: rt.Method, URL: &url.URL{Path: strings.NewReplacer("{", "", "}", "").Replace(rt.Pattern)}, Header: http.Header{},
		}).WithContext(web.WithExchange(context.Background(), ex))
		f.dialect.WriteError(w, r, err)
		media, _, _ := strings.Cut(w.header.Get("Content-Type"), ";")
		one := found[w.status]
		if one == nil {
			one = &failed{Answer: Answer{Status: w.status}}
			found[w.status] = one
		}
		var value any
		if media == "" || json.Unmarshal(w.body.Bytes(), &value) != nil {
			continue
		}
		if !slices.Contains(one.Media, media) {
			one.Media = append(one.Media, media)
		}
		one.bodies = append(one.bodies, value)
	}
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
