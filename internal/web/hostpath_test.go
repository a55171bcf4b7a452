package web_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"propusk/internal/web"
)

// The printed request, and what is nearly it: only the one line is rewritten,
// and nothing after it is served (rule 16, B36).
func TestPrintedHost(t *testing.T) {
	const tail = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b"
	const second = "GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
	for name, c := range map[string]struct {
		off  bool
		sent string
		want string // of the handler; "" = refused
	}{
		"printed":            {sent: "POST /oauth/token HTTP/1.1\r\nHost: mobilesmapts.ru/api/session\r\n" + tail, want: "mobilesmapts.ru /oauth/token a=b"},
		"with a port":        {sent: "POST /oauth/token HTTP/1.1\r\nhost:  h:80/api/session \r\n" + tail, want: "h:80 /oauth/token a=b"},
		"host behind others": {sent: "POST /oauth/token HTTP/1.1\r\nA: Host: b/api/session\r\nHost: h/api/session\r\n" + tail, want: "h /oauth/token a=b"},
		"switched off":       {off: true, sent: "POST /oauth/token HTTP/1.1\r\nHost: h/api/session\r\n" + tail},
		"another method":     {sent: "GET /oauth/token HTTP/1.1\r\nHost: h/api/session\r\n" + tail},
		"another target":     {sent: "POST /oauth/token/ HTTP/1.1\r\nHost: h/api/session\r\n" + tail},
		"with a query":       {sent: "POST /oauth/token?a=b HTTP/1.1\r\nHost: h/api/session\r\n" + tail},
		"HTTP/1.0":           {sent: "POST /oauth/token HTTP/1.0\r\nHost: h/api/session\r\n" + tail},
		"another path":       {sent: "POST /oauth/token HTTP/1.1\r\nHost: h/api/v1/session\r\n" + tail},
		"path with a slash":  {sent: "POST /oauth/token HTTP/1.1\r\nHost: h/api/session/\r\n" + tail},
		"no name":            {sent: "POST /oauth/token HTTP/1.1\r\nHost: /api/session\r\n" + tail},
		"two paths":          {sent: "POST /oauth/token HTTP/1.1\r\nHost: h/api/session/api/session\r\n" + tail},
		"a user":             {sent: "POST /oauth/token HTTP/1.1\r\nHost: u@h/api/session\r\n" + tail},
		"two hosts":          {sent: "POST /oauth/token HTTP/1.1\r\nHost: h/api/session\r\nHost: h\r\n" + tail},
		"chunked":            {sent: "POST /oauth/token HTTP/1.1\r\nHost: h/api/session\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
		"both framings":      {sent: "POST /oauth/token HTTP/1.1\r\nHost: h/api/session\r\nTransfer-Encoding: chunked\r\n" + tail},
		"two lengths":        {sent: "POST /oauth/token HTTP/1.1\r\nHost: h/api/session\r\nContent-Length: 3\r\n" + tail},
		"bare line feed":     {sent: "POST /oauth/token HTTP/1.1\nHost: h/api/session\n" + tail},
		"folded":             {sent: "POST /oauth/token HTTP/1.1\r\nHost: h\r\n /api/session\r\n" + tail},
	} {
		t.Run(name, func(t *testing.T) {
			got := ask1(t, !c.off, c.sent+second)
			body, status := got[strings.Index(got, "\r\n\r\n")+4:], got[9:12]
			if c.want != "" && (status != "200" || body != c.want || !strings.Contains(got, "Connection: close")) {
				t.Errorf("want %q and the connection closed, got %q", c.want, got)
			}
			if c.want == "" && status == "200" {
				t.Errorf("served: %q", got)
			}
			if strings.Contains(got, "/second") {
				t.Errorf("what follows was served: %q", got)
			}
		})
	}
}

// ask1 sends raw bytes and gives all that comes back.
func ask1(t *testing.T, hostPath bool, raw string) string {
	t.Helper()
	inner, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "refused") {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		text, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, r.Host+" "+r.URL.Path+" "+string(text))
	})
	s := web.NewServer(inner, web.ServerConfig{Handler: echo, HostPath: hostPath})
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	defer func() {
		_ = s.Shutdown(t.Context())
		if err := <-done; err != nil && !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	}()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, raw); err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(c)
	if len(got) < 12 {
		t.Fatalf("no answer: %q", got)
	}
	return string(got)
}
