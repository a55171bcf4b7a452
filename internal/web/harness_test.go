package web_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/testenv/fake"
	"propusk/internal/web"
)

// toy is a pipeline that lets everybody in and writes errors as "dialect code".
type toy struct{ cors web.CORS }

func (p toy) Run(w http.ResponseWriter, r *http.Request, rt *web.Route) {
	web.LimitBody(w, r, rt.MaxBody)
	if err := rt.Serve(w, r, authority.Caller{}); err != nil {
		p.Refuse(w, r, rt.Dialect, err)
	}
}

func (p toy) Refuse(w http.ResponseWriter, r *http.Request, dialect string, err error) {
	web.ExchangeOf(r.Context()).Refusal = authority.CodeOf(err)
	web.ErrorHeaders(w.Header(), err)
	if dialect == "" {
		web.WriteProblem(w, r, err)
		return
	}
	text := dialect + " " + string(authority.CodeOf(err))
	web.WriteBody(w, web.Status(authority.CodeOf(err)), "text/plain", []byte(text))
}

func (p toy) Cross(string) web.CORS { return p.cors }

// echo answers with what it was given.
func echo(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	body, err := web.ReadBody(r)
	if err != nil {
		return err
	}
	web.WriteBody(w, http.StatusOK, "text/plain", []byte(r.Method+" "+r.URL.Path+" id="+r.PathValue("id")+" body="+string(body)))
	return nil
}

// table is a small route table in two dialects.
func table() *web.Mux {
	m := web.NewMux()
	m.Claim("/fsm", "folded")
	m.Claim("/api/v1", "exact")
	m.Claim("/api/v1/auth", "inner")
	for _, rt := range []web.Route{
		{Method: "GET", Pattern: "/fsm/WORK/Tasks", Fold: true, Dialect: "folded"},
		{Method: "POST", Pattern: "/fsm/WORK/Tasks", Fold: true, Dialect: "folded"},
		{Method: "GET", Pattern: "/fsm/WORK/Tasks/{id}", Fold: true, Dialect: "folded"},
		{Method: "GET", Pattern: "/api/v1/user/", Dialect: "exact"},
		{Method: "POST", Pattern: "/api/v1/echo", Dialect: "exact"},
		{Method: "GET", Pattern: "/api/v1/auth/create", Dialect: "inner", NoHead: true},
		{Method: "GET", Pattern: "/api/v1/files/{id...}", Dialect: "exact"},
		{Method: "POST", Pattern: "/api/v1/expire", Dialect: "exact", Stands: []authority.Stand{authority.Test}},
		{Method: "GET", Pattern: "/api/v1/panic", Dialect: "exact", Serve: func(http.ResponseWriter, *http.Request, authority.Caller) error {
			panic("a defect")
		}},
	} {
		if rt.Serve == nil {
			rt.Serve = echo
		}
		m.Handle(rt)
	}
	return m
}

func edge(t testing.TB, m *web.Mux) *web.Edge {
	t.Helper()
	router, err := m.Router(authority.Production, toy{cors: web.AnyOrigin()})
	if err != nil {
		t.Fatal(err)
	}
	return &web.Edge{Router: router}
}

// ask runs one request without a network.
func ask(h http.Handler, method, target string, header ...string) *httptest.ResponseRecorder {
	return send(h, method, target, "", header...)
}

func send(h http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://x/", strings.NewReader(body))
	if body == "" {
		r = httptest.NewRequest(method, "http://x/", nil)
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		panic(err)
	}
	r.URL, r.RequestURI = u, target
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// serve runs h behind a real listener until the test ends.
func serve(t testing.TB, h http.Handler, c web.ServerConfig) *web.Server {
	t.Helper()
	c.Handler = h
	s, err := web.Listen(t.Context(), "127.0.0.1:0", c)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = s.Shutdown(ctx)
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

// raw writes text to a fresh connection, then reads all answers to the end.
func raw(t testing.TB, s *web.Server, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, _ = io.WriteString(c, text)
	if half, ok := c.(*net.TCPConn); ok {
		_ = half.CloseWrite()
	}
	out, _ := io.ReadAll(c)
	return string(out)
}

// answers parses the responses in text. Methods are those of the requests.
func answers(t testing.TB, text string, methods ...string) []*http.Response {
	t.Helper()
	br := bufio.NewReader(strings.NewReader(text))
	var out []*http.Response
	for i := 0; ; i++ {
		if _, err := br.Peek(1); err != nil {
			return out
		}
		req := &http.Request{Method: "GET"}
		if i < len(methods) {
			req.Method = methods[i]
		}
		resp, err := http.ReadResponse(br, req)
		if err != nil {
			t.Fatalf("answer %d: %v in %q", i, err, text)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(body))
		out = append(out, resp)
	}
}

func bodyOf(r *http.Response) string {
	b, _ := io.ReadAll(r.Body)
	return string(b)
}

func logger(l *fake.Log) *slog.Logger { return slog.New(slog.NewJSONHandler(l, nil)) }
