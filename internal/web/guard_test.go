package web_test

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"propusk/internal/web"
)

const (
	get    = "GET /fsm/WORK/Tasks HTTP/1.1\r\nHost: h\r\n\r\n"
	canary = "GET /fsm/WORK/Tasks/canary HTTP/1.1\r\nHost: h\r\n\r\n"
)

// Rule 16, B36. Each text is sent as it stands, followed by a canary request:
// the canary is answered only where a strict reader sees it.
func TestGuard(t *testing.T) {
	s := serve(t, edge(t, table()), web.ServerConfig{})
	post := func(head, body string) string {
		return "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\n" + head + "\r\n" + body
	}
	line := func(l string) string { return l + "\r\nHost: h\r\n\r\n" }
	field := func(f string) string { return "GET /fsm/WORK/Tasks HTTP/1.1\r\n" + f + "\r\n" }
	for name, c := range map[string]struct {
		text   string
		status int
		canary bool
	}{
		"plain":                 {get, 200, true},
		"HTTP/1.0":              {"GET /fsm/WORK/Tasks HTTP/1.0\r\n\r\n", 200, false},
		"body":                  {post("Content-Length: 3\r\n", "abc"), 200, true},
		"empty body":            {post("Content-Length: 0\r\n", ""), 200, true},
		"chunked is the last":   {post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), 200, false},
		"chunked, keep-alive":   {post("Connection: keep-alive\r\nTransfer-Encoding: Chunked\r\n", "0\r\n\r\n"), 200, false},
		"close":                 {post("Connection: close\r\nContent-Length: 1\r\n", "a"), 200, false},
		"absolute form":         {line("GET http://h/fsm/WORK/Tasks HTTP/1.1"), 200, true},
		"both lengths":          {post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, false},
		"both lengths, swapped": {post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400, false},
		"two lengths":           {post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400, false},
		"list of lengths":       {post("Content-Length: 3, 3\r\n", "abc"), 400, false},
		"signed length":         {post("Content-Length: +3\r\n", "abc"), 400, false},
		"hex length":            {post("Content-Length: 0x3\r\n", "abc"), 400, false},
		"negative length":       {post("Content-Length: -1\r\n", ""), 400, false},
		"empty length":          {post("Content-Length:\r\n", ""), 400, false},
		"huge length":           {post("Content-Length: 99999999999999999999\r\n", ""), 400, false},
		"unknown coding":        {post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400, false},
		"identity":              {post("Transfer-Encoding: identity\r\n", ""), 400, false},
		"two codings":           {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, false},
		"coding behind tab":     {post("Transfer-Encoding:\tchunked\x0b\r\n", "0\r\n\r\n"), 400, false},
		"coding in HTTP/1.0":    {"POST /api/v1/echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, false},
		"bad chunk":             {post("Transfer-Encoding: chunked\r\n", "zz\r\nabc\r\n0\r\n\r\n"), 400, false},
		"space before colon":    {field("Host : h\r\n"), 400, false},
		"folded":                {field("Host: h\r\nX-A: a\r\n b\r\n"), 400, false},
		"folded first":          {"GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, false},
		"bare LF":               {"GET /fsm/WORK/Tasks HTTP/1.1\nHost: h\n\n", 400, false},
		"bare LF in fields":     {field("Host: h\nX-A: b\r\n"), 400, false},
		"bare LF at end":        {"GET /fsm/WORK/Tasks HTTP/1.1\r\nHost: h\r\n\n", 400, false},
		"bare CR":               {field("Host: h\r\nX-A: a\rb\r\n"), 400, false},
		"CR CR LF":              {field("Host: h\r\r\n"), 400, false},
		"NUL":                   {field("Host: h\r\nX-A: a\x00b\r\n"), 400, false},
		"no name":               {field("Host: h\r\n: x\r\n"), 400, false},
		"no colon":              {field("Host: h\r\nfoo\r\n"), 400, false},
		"odd name":              {field("Host: h\r\nX(A): x\r\n"), 400, false},
		"no host":               {"GET /fsm/WORK/Tasks HTTP/1.1\r\n\r\n", 400, false},
		"two hosts":             {field("Host: h\r\nHost: h\r\n"), 400, false},
		"path in host":          {field("Host: h/api/session\r\n"), 400, false},
		"user in host":          {field("Host: a@h\r\n"), 400, false},
		"other absolute host":   {line("GET http://other/fsm/WORK/Tasks HTTP/1.1"), 400, false},
		"odd expect":            {post("Expect: 100-continue, x\r\nContent-Length: 1\r\n", "a"), 400, false},
		"empty line first":      {"\r\n" + get, 400, false},
		"space first":           {" " + get, 400, false},
		"two spaces":            {line("GET  /fsm/WORK/Tasks HTTP/1.1"), 400, false},
		"tab":                   {line("GET\t/fsm/WORK/Tasks HTTP/1.1"), 400, false},
		"no version":            {"GET /fsm/WORK/Tasks\r\n\r\n", 400, false},
		"HTTP/2":                {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, false},
		"lower-case version":    {line("GET /fsm/WORK/Tasks http/1.1"), 400, false},
		"HTTP/1.2":              {line("GET /fsm/WORK/Tasks HTTP/1.2"), 400, false},
		"binary":                {"\x16\x03\x01\x02\x00\x01\x00", 400, false},
		"bad escape":            {line("GET /fsm/%zz HTTP/1.1"), 400, false},
		"cut escape":            {line("GET /fsm/% HTTP/1.1"), 400, false},
		"fragment":              {line("GET /fsm/WORK/Tasks#x HTTP/1.1"), 400, true},
		"target without slash":  {line("GET fsm HTTP/1.1"), 400, false},
		"ftp":                   {line("GET ftp://h/x HTTP/1.1"), 400, false},
		"star":                  {line("GET * HTTP/1.1"), 400, true},
		"CONNECT":               {line("CONNECT h:443 HTTP/1.1"), 405, false},
		"CONNECT path":          {line("CONNECT /fsm/WORK/Tasks HTTP/1.1"), 405, false},
		"TRACE":                 {line("TRACE /fsm/WORK/Tasks HTTP/1.1"), 405, false},
		"long head":             {field("Host: h\r\nX-A: " + strings.Repeat("a", 33<<10) + "\r\n"), 431, false},
		"long target":           {line("GET /" + strings.Repeat("a", 70<<10) + " HTTP/1.1"), 431, false},
		"mark of a refusal":     {field("Host: h\r\nX-Propusk-Refusal: x\r\n"), 200, true},
		"lower-case method":     {line("get /fsm/WORK/Tasks HTTP/1.1"), 405, true},
	} {
		got := answers(t, raw(t, s, c.text+canary))
		if len(got) == 0 || got[0].StatusCode != c.status {
			t.Errorf("%s: %d answers, want %d", name, len(got), c.status)
			for _, a := range got {
				t.Log(a.Status, bodyOf(a))
			}
			continue
		}
		last := got[len(got)-1]
		if seen := len(got) > 1 && strings.Contains(bodyOf(last), "canary"); seen != c.canary || len(got) > 2 {
			t.Errorf("%s: %d answers, canary answered: %v", name, len(got), seen)
		}
		if c.status == 405 && last.Header.Get("Allow") == "" && !c.canary {
			t.Errorf("%s: 405 without Allow", name)
		}
		if !c.canary && last.Header.Get("Connection") != "close" && !last.Close {
			t.Errorf("%s: the connection stays open", name)
		}
		if last.Header.Get("Server") != "" || got[0].Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: head of the answer: %v", name, got[0].Header)
		}
	}
}

// A refusal has the shape of the dialect whose path it is, also for HEAD.
func TestGuardSpeaksTheDialect(t *testing.T) {
	s := serve(t, edge(t, table()), web.ServerConfig{})
	for text, want := range map[string]string{
		"GET /fsm/x HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n":             "folded malformed",
		"GET /fsm/%zz?secret=1 HTTP/1.1\r\nHost: h\r\n\r\n":           "folded malformed",
		"TRACE /api/v1/echo HTTP/1.1\r\nHost: h\r\n\r\n":              "exact method_not_allowed",
		"GET /api/v1/" + strings.Repeat("a", 40000) + " HTTP/1.1\r\n": "exact header_too_large",
	} {
		got := answers(t, raw(t, s, text))
		if len(got) != 1 || bodyOf(got[0]) != want {
			t.Errorf("%.40q: %d answers, want %q", text, len(got), want)
		}
	}
	head := answers(t, raw(t, s, "HEAD /fsm/x HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n"), "HEAD")
	if len(head) != 1 || head[0].StatusCode != 400 {
		t.Errorf("HEAD: %v", head)
	}
	trace := answers(t, raw(t, s, "TRACE /api/v1/echo HTTP/1.1\r\nHost: h\r\n\r\n"))
	if trace[0].Header.Get("Allow") != "POST" {
		t.Errorf("TRACE: Allow %q", trace[0].Header.Get("Allow"))
	}
}

// Pipelined requests are answered in their order, in pieces of any size, and a
// bad one behind good ones takes nothing from them.
func TestGuardPipelining(t *testing.T) {
	s := serve(t, edge(t, table()), web.ServerConfig{})
	text := get + "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10000\r\n\r\n" + strings.Repeat("b", 10000) +
		canary + "GET / HTTP/1.1\nHost: h\n\n" + canary
	for _, piece := range []int{1, 7, 100, len(text)} {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for part := range slices.Chunk([]byte(text), piece) {
				if _, err := c.Write(part); err != nil {
					return
				}
			}
		}()
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		out, err := io.ReadAll(c)
		_ = c.Close()
		got := answers(t, string(out))
		if len(got) != 4 || got[0].StatusCode != 200 || got[1].StatusCode != 200 || !strings.Contains(bodyOf(got[2]), "canary") || got[3].StatusCode != 400 {
			t.Errorf("pieces of %d: %d answers, %v", piece, len(got), err)
		}
	}
}

// B39: of a body that is not wanted little is read.
func TestUnwantedBodyIsCut(t *testing.T) {
	s := serve(t, edge(t, table()), web.ServerConfig{})
	for name, head := range map[string]string{
		"length":  "Content-Length: 1073741824\r\n\r\n",
		"chunked": "Transfer-Encoding: chunked\r\n\r\n40000000\r\n",
		"coded":   "Content-Encoding: gzip\r\nContent-Length: 1073741824\r\n\r\n",
	} {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		sent := make(chan int, 1)
		go func() {
			_, _ = io.WriteString(c, "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\n"+head)
			n, piece := 0, make([]byte, 16<<10)
			for {
				k, err := c.Write(piece)
				if n += k; err != nil || n > 64<<20 {
					sent <- n
					return
				}
			}
		}()
		_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
		out, _ := io.ReadAll(c)
		_ = c.Close()
		got := answers(t, string(out))
		if len(got) != 1 || (got[0].StatusCode != 413 && got[0].StatusCode != 415) {
			t.Errorf("%s: %d answers", name, len(got))
		}
		// What the kernel's buffers swallowed is not ours to bound.
		if n := <-sent; n > 16<<20 {
			t.Errorf("%s: %d bytes were taken", name, n)
		}
	}
}

// A client that sends all before it reads still finds its answer.
func TestUnwantedBodyIsAnswered(t *testing.T) {
	s := serve(t, edge(t, table()), web.ServerConfig{})
	const size = 2 << 20
	body := strings.Repeat("x", size)
	for name, rest := range map[string]string{
		"length":  fmt.Sprintf("Content-Length: %d\r\n\r\n%s", size, body),
		"chunked": fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", size, body),
	} {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		if _, err := io.WriteString(c, "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\n"+rest); err != nil {
			t.Errorf("%s: the body could not be sent: %v", name, err)
		}
		out, err := io.ReadAll(c)
		_ = c.Close()
		if got := answers(t, string(out)); err != nil || len(got) != 1 || got[0].StatusCode != 413 {
			t.Errorf("%s: %d answers, %v; want 413", name, len(got), err)
		}
	}
}

func TestSlowHead(t *testing.T) {
	s := serve(t, edge(t, table()), web.ServerConfig{HeadTimeout: 150 * time.Millisecond})
	for name, text := range map[string]string{
		"nothing": "", "half a head": "GET /fsm HTTP/1.1\r\nHo", "half a second head": get + "GET /fsm HTTP/1.1\r\nHo",
	} {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(c, text)
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.ReadAll(c); err != nil {
			t.Errorf("%s: the connection was not cut: %v", name, err)
		}
		_ = c.Close()
	}
}
