package explorer

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/explorer/schema"
	"propusk/internal/web"
)

// answersOf are the answers of a call that went well.
func answersOf(rt *web.Route, answers *schema.Answers) []Answer {
	varied, ok := rt.Response.(web.Varied)
	first := answerOf(rt, answers)
	if !ok {
		return []Answer{first}
	}
	if bodies := varied.Bodies(); len(bodies) > 0 {
		first.Schema = &schema.Schema{}
		for _, body := range bodies {
			first.Schema.AnyOf = append(first.Schema.AnyOf, answers.Of(reflect.TypeOf(body)))
		}
	}
	out := []Answer{first}
	for _, status := range varied.Statuses() {
		again := first
		again.Status = status
		switch status {
		case first.Status:
			continue
		case http.StatusNotModified:
			again = Answer{Status: status}
		case http.StatusPartialContent:
			if first.Schema == nil { // of several ranges, RFC 9110 §14.6
				again.Media = append(slices.Clone(first.Media), "multipart/byteranges")
			}
		}
		out = append(out, again)
	}
	return out
}

func answerOf(rt *web.Route, answers *schema.Answers) Answer {
	a := Answer{Status: http.StatusOK}
	if s, ok := rt.Response.(web.Statuser); ok {
		a.Status = s.StatusCode()
	}
	value := rt.Response
	if b, ok := value.(web.Bodier); ok {
		value = b.JSONBody()
	}
	if value == nil && rt.Browsers {
		a.Status = http.StatusFound
		if rt.Method == http.MethodPost {
			a.Status = http.StatusSeeOther
		}
	}
	if value == nil {
		return a
	}
	a.Media = []string{"application/json"}
	if kinds, ok := rt.Response.(web.Typed); ok {
		a.Media = kinds.MediaTypes()
	}
	if strings.HasSuffix(a.Media[0], "json") || strings.HasSuffix(a.Media[0], "x-ndjson") {
		a.Schema = answers.Of(reflect.TypeOf(value))
	}
	return a
}

// Header is a field of answers.
type Header struct{ Name, About string }

// The fields that answers of every dialect have.
const (
	requestID    = "X-Request-ID"
	retryAfter   = "Retry-After"
	challenge    = "WWW-Authenticate"
	limit        = "RateLimit"
	limitPolicy  = "RateLimit-Policy"
	location     = "Location"
	contentRange = "Content-Range"
	acceptRanges = "Accept-Ranges"
	entityTag    = "ETag"
	disposition  = "Content-Disposition"
)

// headers says what the fields are.
func headers() []Header {
	return []Header{
		{requestID, "The request's own X-Request-ID, or one that was made for it"},
		{retryAfter, "Seconds after which it may be tried again"},
		{challenge, "How to be let in (RFC 9110 §11.6.1, RFC 6750 §3)"},
		{limit, "What the credential's limit leaves, where there is one"},
		{limitPolicy, "The limit, where there is one"},
		{location, "Where to go on"},
		{contentRange, "Which part of the whole this is"},
		{acceptRanges, "What parts are counted in"},
		{entityTag, "Names these very bytes"},
		{disposition, "The name that a file is saved under"},
		{dialect.ReplayedHeader, "There where the answer is that of an earlier request with the same key"},
	}
}

// setHeaders says which fields the answers of a method have.
func (b *Book) setHeaders(rt *web.Route, m Method) {
	for i := range m.Answers {
		a := &m.Answers[i]
		add := func(ok bool, names ...string) {
			for _, name := range names {
				if ok && !slices.Contains(a.Headers, name) {
					a.Headers = append(a.Headers, name)
				}
			}
		}
		refusal := a.Status >= http.StatusBadRequest
		add(true, requestID)
		add(a.Status == http.StatusUnauthorized, challenge)
		add(a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable, retryAfter)
		add(!rt.Public, limit, limitPolicy)
		add(m.Once, dialect.ReplayedHeader)
		add(a.Status == http.StatusFound || a.Status == http.StatusSeeOther, location)
		add(a.Status == http.StatusPartialContent || a.Status == http.StatusRequestedRangeNotSatisfiable, contentRange)
		file := slices.Contains(rt.Fails, authority.RangeUnsatisfiable) && (!refusal || a.Status == http.StatusRequestedRangeNotSatisfiable)
		add(file, acceptRanges)
		add(file && m.Answers[0].Schema == nil, entityTag)
		add(file && m.Answers[0].Schema == nil && len(a.Media) > 0 && !refusal, disposition)
		for _, own := range b.Manual.Headers {
			add(own.Sent(rt, refusal), own.Name)
		}
		b.know(a.Headers)
	}
}

// know adds fields to those that the book explains.
func (b *Book) know(names []string) {
	all := headers()
	for _, own := range b.Manual.Headers {
		all = append(all, Header{own.Name, own.About})
	}
	for _, name := range names {
		known := func(h Header) bool { return h.Name == name }
		if slices.ContainsFunc(b.Headers, known) {
			continue
		}
		if i := slices.IndexFunc(all, known); i >= 0 {
			b.Headers = append(b.Headers, all[i])
		}
	}
	slices.SortFunc(b.Headers, func(x, y Header) int { return strings.Compare(x.Name, y.Name) })
}
