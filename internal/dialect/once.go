package dialect

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// OnceHeader makes a changing request repeatable: sent again with the same key,
// it changes nothing and gets the first answer
// (draft-ietf-httpapi-idempotency-key-header).
const OnceHeader = "Idempotency-Key"

// ReplayedHeader marks an answer that was given before.
const ReplayedHeader = "Idempotent-Replayed"

// Answers keeps what a request got under its key. Answer gives it back: ok is
// false when the key is new; Unprocessable when it stands for another request.
type Answers interface {
	Answer(ctx context.Context, o *authority.Once) (a authority.Answer, ok bool, err error)
	KeepAnswer(ctx context.Context, o *authority.Once, a authority.Answer) error
}

// Repeatable reports whether requests of rt may carry OnceHeader.
func Repeatable(rt *web.Route) bool { return rt.Audit != "" && rt.Door == "" && !rt.Public }

// repeatable reports whether r may be sent twice and has its effect once.
func (p *pipeline) repeatable(r *http.Request, rt *web.Route) bool {
	return p.Answers != nil && Repeatable(rt) && len(r.Header.Values(OnceHeader)) > 0
}

// once serves r so that its effect and the claim of its key are on disk
// together. What it gets is kept before it is sent.
func (p *pipeline) once(w http.ResponseWriter, r *http.Request, rt *web.Route, c authority.Caller) error {
	o, err := readOnce(r, rt, c)
	if err != nil {
		return err
	}
	if former, ok, err := p.Answers.Answer(r.Context(), o); ok || err != nil {
		return replay(w, former, err)
	}
	r = r.WithContext(authority.WithOnce(r.Context(), o))
	held := &heldAnswer{ResponseWriter: w}
	refusal := rt.Serve(held, r, c)
	if !o.Claimed() {
		// The same request may have come first meanwhile: then this one found its
		// key claimed, or what it was to change changed.
		if former, ok, err := p.Answers.Answer(r.Context(), o); ok {
			return replay(w, former, err)
		}
	}
	if refusal != nil {
		p.Refuse(held, r, rt.Dialect, refusal)
	}
	if o.Claimed() || held.status < http.StatusBadRequest {
		p.keep(r, o, held.keep(rt.Secret))
	}
	held.release()
	return nil
}

// keep keeps what r gets. Its effect is there in any case, so that a failure is
// the log's alone: a repeat will be told that the answer was lost.
func (p *pipeline) keep(r *http.Request, o *authority.Once, a authority.Answer) {
	err := p.Answers.KeepAnswer(context.WithoutCancel(r.Context()), o, a)
	if err != nil && p.Logger != nil {
		p.Logger.LogAttrs(r.Context(), slog.LevelError, "the answer of a repeatable request was not kept",
			slog.String("request_id", web.ExchangeOf(r.Context()).ID), slog.String("error", err.Error()))
	}
}

// maxHeld bounds the bodies that are compared whole, in bytes: those of uploads
// too.
const maxHeld = 16 << 20

// onceKey gives the key of a request that carries one.
func onceKey(r *http.Request) (string, error) {
	keys := r.Header.Values(OnceHeader)
	if len(keys) > 1 {
		return "", authority.E(authority.InvalidRequest, OnceHeader+" is sent more than once").With("header", OnceHeader)
	}
	return keys[0], authority.CheckOnceKey(keys[0])
}

// readOnce reads the key and what it stands for: who asks for what.
func readOnce(r *http.Request, rt *web.Route, c authority.Caller) (*authority.Once, error) {
	key, err := onceKey(r)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	for _, part := range []string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, r.Header.Get("Content-Type")} {
		_, _ = io.WriteString(sum, strconv.Itoa(len(part))+":"+part)
	}
	if rt.MaxBody > maxHeld { // too long to be held: its length stands for it
		_, _ = io.WriteString(sum, strconv.FormatInt(r.ContentLength, 10))
	} else {
		body, err := web.ReadBody(r)
		if err != nil {
			return nil, err
		}
		_, _ = sum.Write(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	o := &authority.Once{Account: c.Account().ID, Principal: c.Principal().ID, Key: key}
	sum.Sum(o.Digest[:0])
	return o, nil
}

// keptAnswer is the text of authority.Answer.
type keptAnswer struct {
	Header http.Header `json:"header,omitempty"`
	Body   []byte      `json:"body,omitempty"`
	Lost   bool        `json:"lost,omitempty"` // the body is not kept: it held a secret, or was too long
}

// replay sends what the request got when it came first, unless finding it failed
// with err.
func replay(w http.ResponseWriter, a authority.Answer, err error) error {
	if err != nil {
		return err
	}
	var kept keptAnswer
	if a.Status == 0 {
		return authority.E(authority.Conflict,
			"a request with this key is under way, or was carried out and its answer was lost: look for what it made").With("header", OnceHeader)
	}
	if err := json.Unmarshal(a.Text, &kept); err != nil {
		return authority.Wrap(authority.Internal, "", err)
	}
	if kept.Lost {
		return authority.E(authority.Conflict,
			"a request with this key was carried out, and its answer is not shown twice: make another one with another key").With("header", OnceHeader)
	}
	h := w.Header()
	for name, values := range kept.Header {
		h[name] = values
	}
	h.Set(ReplayedHeader, "true")
	if len(kept.Body) == 0 {
		w.WriteHeader(a.Status)
		return nil
	}
	web.WriteBody(w, a.Status, h.Get("Content-Type"), kept.Body)
	return nil
}

// maxKept bounds the body that is kept for a repeat, in bytes.
const maxKept = 64 << 10

// heldAnswer holds an answer back until it is kept. It is for the answers of
// changes, which are short.
type heldAnswer struct {
	http.ResponseWriter

	status int
	body   bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (h *heldAnswer) WriteHeader(status int) {
	if h.status == 0 && status >= http.StatusOK {
		h.status = status
	}
}

// Write implements http.ResponseWriter.
func (h *heldAnswer) Write(p []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(p)
}

// keep gives the answer in the form in which it is kept.
func (h *heldAnswer) keep(secret bool) authority.Answer {
	var kept keptAnswer
	if secret && h.status < http.StatusBadRequest || h.body.Len() > maxKept {
		kept.Lost = true
	} else {
		kept.Body, kept.Header = h.body.Bytes(), http.Header{}
		for _, name := range []string{"Content-Type", "Location", "Cache-Control"} {
			if v := h.Header().Values(name); len(v) > 0 {
				kept.Header[name] = v
			}
		}
	}
	text, err := json.Marshal(kept)
	if err != nil { // bytes and text always can be written
		text = []byte(`{"lost":true}`)
	}
	return authority.Answer{Status: cmp.Or(h.status, http.StatusOK), Text: text}
}

// release sends the answer.
func (h *heldAnswer) release() {
	h.ResponseWriter.WriteHeader(cmp.Or(h.status, http.StatusOK))
	_, _ = h.ResponseWriter.Write(h.body.Bytes())
}
