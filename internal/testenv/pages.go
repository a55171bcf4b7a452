package testenv

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/demo"
)

// Pages are the console as one person uses it: a browser's cookies without a
// browser. It follows no redirect.
type Pages struct {
	Stand  authority.Stand
	Cookie string // the session's; "" = not signed in
	Lang   string // of Accept-Language

	client *Client
}

// Shown is an answer of the console.
type Shown struct {
	Status int
	Header http.Header
	Body   string
	To     string // where a redirect leads
}

// Says reports whether the page holds text, as its reader sees it.
func (s Shown) Says(text string) bool { return strings.Contains(html.UnescapeString(s.Body), text) }

// Pages makes a visitor of a stand's console.
func (c *Client) Pages(stand authority.Stand) *Pages {
	return &Pages{Stand: stand, Lang: "en", client: c}
}

// SignIn makes somebody who has signed in to the console.
func (c *Client) SignIn(tb testing.TB, stand authority.Stand, who demo.Person) *Pages {
	tb.Helper()
	p := c.Pages(stand)
	got := p.Post(tb, "/sign-in", "login", who.Login, "password", who.Password)
	if got.Status != http.StatusSeeOther || p.Cookie == "" {
		tb.Fatalf("sign-in of %s: %d %s", who.Login, got.Status, got.Body)
	}
	return p
}

// Get asks for a page by its path on the stand.
func (p *Pages) Get(tb testing.TB, path string, header ...string) Shown {
	tb.Helper()
	return p.do(tb, http.MethodGet, path, nil, header)
}

// Post sends a form: name, value, name, value.
func (p *Pages) Post(tb testing.TB, path string, pairs ...string) Shown {
	tb.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return p.Send(tb, path, form)
}

// Send sends a form with header fields: name, value, name, value.
func (p *Pages) Send(tb testing.TB, path string, form url.Values, header ...string) Shown {
	tb.Helper()
	return p.do(tb, http.MethodPost, path, form, header)
}

// Upload sends a body of another type than a form's.
func (p *Pages) Upload(tb testing.TB, path, kind string, body io.Reader) Shown {
	tb.Helper()
	return p.send(tb, http.MethodPost, path, body, []string{"Content-Type", kind})
}

func (p *Pages) do(tb testing.TB, method, path string, form url.Values, header []string) Shown {
	tb.Helper()
	if form == nil {
		return p.send(tb, method, path, nil, header)
	}
	header = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)
	return p.send(tb, method, path, strings.NewReader(form.Encode()), header)
}

func (p *Pages) send(tb testing.TB, method, path string, body io.Reader, header []string) Shown {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, p.client.Fixture.ConsoleURL+page.Base(p.Stand)+path, body)
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Accept-Language", p.Lang)
	if p.Cookie != "" {
		r.Header.Set("Cookie", page.SessionCookie(p.Stand)+"="+p.Cookie)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := (&http.Client{
		Transport:     p.client.http.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}).Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		if c.Name == page.SessionCookie(p.Stand) {
			p.Cookie = c.Value
		}
	}
	return Shown{resp.StatusCode, resp.Header, string(text), resp.Header.Get("Location")}
}
