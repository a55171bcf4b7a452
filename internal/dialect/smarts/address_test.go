package smarts_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/smarts"
)

// at sends a request that calls us by another name.
func (w *world) at(host, method, path, body string) (http.Header, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.base+path, strings.NewReader(body))
	w.must(err)
	r.Host = host
	r.Header.Set("Authorization", strings.TrimPrefix(external, "Authorization: "))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	got, err := http.DefaultClient.Do(r)
	w.must(err)
	defer got.Body.Close()
	text := new(strings.Builder)
	_, err = io.Copy(text, got.Body)
	w.must(err)
	return got.Header, text.String()
}

// Whoever follows a link shows his token there: it leads to the stand, or to a name
// that is the dialect's own or bound to the account, never to what a request calls
// us.
func TestLinksLeadHome(t *testing.T) {
	w := newWorld(t, func(c *smarts.Config) { c.Hosts = []string{"smarts.example"} })
	w.replace(5010, "a", external)
	owner := authority.System(authority.Production, authority.Account{}, "test", "test")
	w.must(w.admin.BindHost(t.Context(), owner, w.ours.ID, "ours.example"))
	w.must(w.admin.BindHost(t.Context(), owner, w.theirs.ID, "theirs.example"))
	at, err := url.Parse(w.base)
	w.must(err)
	for host, want := range map[string]string{
		at.Host: w.base, "evil.example": w.base, "theirs.example": w.base, "a..b": w.base, "[::1]:80": w.base,
		"OURS.example:1": "http://ours.example:" + at.Port(), "smarts.example": "http://smarts.example:" + at.Port(),
	} {
		_, page := w.at(host, "GET", "/api/v1/Products?$select=id&access=SECRETX", "")
		if !strings.HasPrefix(page, `{"@odata.context":"`+want+`/api/v1/$metadata`) || !strings.Contains(page, `"@odata.nextLink":"`+want+`/api/v1/Products?`) {
			t.Errorf("%s: %.80s … %s", host, page, page[max(len(page)-200, 0):])
		}
		if strings.Contains(page, "SECRETX") {
			t.Errorf("%s: the link holds what is no option", host)
		}
		head, text := w.at(host, "POST", "/api/v1/Docs/PodborZakaza", `{"name":"x"}`)
		if !strings.HasPrefix(head.Get("Location"), want+"/api/v1/Docs/PodborZakaza('") {
			t.Errorf("%s: Location %q %s", host, head.Get("Location"), text)
		}
	}
}
