package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/web"
)

type order struct {
	Title string `json:"title"`
}

func TestContentTypes(t *testing.T) {
	m := web.NewMux()
	m.Claim("/", "d")
	m.Handle(web.Route{Method: "POST", Pattern: "/x", Dialect: "d", Serve: web.JSON(
		func(_ context.Context, _ authority.Caller, o order) (order, error) { return o, nil })})
	e := edge(t, m)
	for kind, want := range map[string]int{
		"": 200, "application/json": 200, "application/json; charset=UTF-8": 200, "application/problem+json": 200, "text/plain": 200,
		"application/x-www-form-urlencoded": 200, "application/octet-stream": 200, "text/json": 200,
		"multipart/form-data; boundary=x": 415, "application/xml": 415, "text/html": 415, "image/png": 415,
		"application/json; charset=windows-1251": 415, ";;;": 415,
	} {
		if w := send(e, "POST", "/x", `{"title":"a"}`, "Content-Type", kind); w.Code != want {
			t.Errorf("%q: %d, want %d", kind, w.Code, want)
		}
	}
	if w := send(e, "POST", "/x", `{}`, "Content-Type", "application/json", "Content-Type", "text/plain"); w.Code != http.StatusBadRequest || w.Body.String() != "d malformed" {
		t.Errorf("two types: %d %s", w.Code, w.Body)
	}
	if w := send(e, "POST", "/x", `{}`, "Content-Encoding", "gzip"); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("gzip: %d", w.Code)
	}
	if w := send(e, "POST", "/x", `{"title":"<a>&\u2028"}`); w.Body.String() != `{"title":"<a>&\u2028"}` || w.Header().Get("Content-Length") != "22" {
		t.Errorf("got %q, length %s", w.Body, w.Header().Get("Content-Length"))
	}
	if w := send(e, "POST", "/x", `{"title":"`+strings.Repeat("a", 1<<20)+`"}`); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("over the limit: %d", w.Code)
	}
}

// A form where JSON is wanted is told so; what begins as JSON is told where it breaks,
// whatever it is called: curl calls everything a form.
func TestFormsAreToldToBeJSON(t *testing.T) {
	serve := web.JSON(func(_ context.Context, _ authority.Caller, o order) (order, error) { return o, nil })
	for body, want := range map[string]string{
		"title=a&x=b": "the body is a form: send JSON (Content-Type: application/json)",
		"":            "the body is a form: send JSON (Content-Type: application/json)",
		`{"title":`:   "the body is not valid JSON at byte 9: a value is missing",
		` [{]`:        "the body is not valid JSON at byte 3",
		`{"title":5}`: "title must be a string",
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		err := serve(httptest.NewRecorder(), r, authority.Caller{})
		var e *authority.Error
		if !errors.As(err, &e) || !strings.HasPrefix(e.Message, want) {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

// created is a response with status, header and body of its own.
type created struct{ id string }

func (created) StatusCode() int            { return 201 }
func (c created) SetHeaders(h http.Header) { h.Set("Location", "/x/"+c.id) }
func (c created) JSONBody() any            { return []string{c.id} }

func TestResponses(t *testing.T) {
	w := httptest.NewRecorder()
	if err := web.Encode(w, created{"7"}); err != nil || w.Code != 201 || w.Header().Get("Location") != "/x/7" || w.Body.String() != `["7"]` {
		t.Errorf("%d %v %q %v", w.Code, w.Header(), w.Body, err)
	}
	w = httptest.NewRecorder()
	if err := web.Encode(w, web.NoContent{}); err != nil || w.Code != 204 || w.Body.Len() > 0 || w.Header().Get("Content-Type") != "" {
		t.Errorf("%d %v %q %v", w.Code, w.Header(), w.Body, err)
	}
	w = httptest.NewRecorder()
	if err := web.Encode(w, func() {}); err == nil || w.Body.Len() > 0 {
		t.Error("what cannot be encoded has begun an answer")
	}
}
