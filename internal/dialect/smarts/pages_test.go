package smarts_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const (
	external = "Authorization: Basic external:Pa$$ word 1"
	boss     = "Authorization: Basic boss:администратор-1"
	stranger = "Authorization: Basic stranger:stranger-pass"
	asJSON   = "Content-Type: application/json"
)

// replace makes n products the catalogue.
func (w *world) replace(n int, marking, who string) {
	w.t.Helper()
	post := func(path, body string) {
		w.t.Helper()
		if a := w.do("POST", "/api/v1/Products/"+path, body, who, asJSON); a.Status != http.StatusNoContent {
			w.t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	post("BeginUploadProducts", "")
	const most = 2000
	for from := 0; from < n; from += most {
		var all []string
		for i := from; i < min(from+most, n); i++ {
			all = append(all, fmt.Sprintf(`{"id":"%06d","name":"Болт %d","marking":%q,"price":%d}`, i, i, marking, i%10))
		}
		post("AddProductsToUpload", "["+strings.Join(all, ",")+"]")
	}
	post("EndUploadProducts", "")
}

type listing struct {
	Count *int `json:"@odata.count"`
	Value []struct {
		ID, Marking string
		Price       float64
	}
	Next string `json:"@odata.nextLink"`
}

func (w *world) list(path, who string) listing {
	w.t.Helper()
	a := w.do("GET", path, "", who)
	var out listing
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil || a.Status != http.StatusOK {
		w.t.Fatalf("%s: %d %s", path, a.Status, a.Body)
	}
	return out
}

// The links lead through everything once, in order, by whatever it is sorted, and
// stay in one catalogue while it is replaced.
func TestNextLinks(t *testing.T) {
	w := newWorld(t)
	const size = 5010
	w.replace(size, "a", external)
	for _, options := range []string{"", "?$orderby=price%20desc,name", "?$top=5005", "?$skip=7&$filter=price%20ge%200"} {
		want := map[string]int{"?$top=5005": 5005, "?$skip=7&$filter=price%20ge%200": size - 7}[options]
		if want == 0 {
			want = size
		}
		seen := map[string]bool{}
		var last listing
		for page := w.list("/api/v1/Products"+options, external); ; page = w.list(strings.TrimPrefix(page.Next, w.base), external) {
			for _, p := range page.Value {
				if seen[p.ID] || p.Marking != "a" {
					t.Fatalf("%s: %s twice, or of another catalogue: %s", options, p.ID, p.Marking)
				}
				seen[p.ID] = true
			}
			if last = page; page.Next == "" {
				break
			}
		}
		if len(seen) != want || len(last.Value) == 0 {
			t.Errorf("%s: %d of %d", options, len(seen), want)
		}
	}
	first := w.list("/api/v1/Products", external)
	w.replace(3, "b", external)
	if rest := w.list(strings.TrimPrefix(first.Next, w.base), external); len(rest.Value) != 10 || rest.Value[0].Marking != "a" {
		t.Errorf("%d rows of the former catalogue", len(rest.Value))
	}
	if now := w.list("/api/v1/Products?$count=true", external); len(now.Value) != 3 || *now.Count != 3 {
		t.Errorf("%d rows of the new catalogue", len(now.Value))
	}
}

// A place is good for who got it, for what he asked, and as it is spelled (B45).
func TestSkipTokensAreBound(t *testing.T) {
	w := newWorld(t)
	w.replace(5010, "a", external)
	w.replace(5010, "c", stranger)
	next, err := url.Parse(w.list("/api/v1/Products?$orderby=price&$filter=price%20ge%200", external).Next)
	w.must(err)
	token := next.Query().Get("$skiptoken")
	const same = "/api/v1/Products?$orderby=price&$filter=price%20ge%200&$skiptoken="
	if a := w.do("GET", same+token, "", external); a.Status != http.StatusOK {
		t.Fatal(a.Body)
	}
	refused := func(what, path, who string) {
		t.Helper()
		if a := w.do("GET", path, "", who); a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %.200s", what, a.Status, a.Body)
		}
	}
	refused("another user", same+token, boss)
	refused("another account", same+token, stranger)
	refused("another order", "/api/v1/Products?$orderby=name&$filter=price%20ge%200&$skiptoken="+token, external)
	refused("another filter", "/api/v1/Products?$orderby=price&$filter=price%20ge%201&$skiptoken="+token, external)
	refused("another set", "/api/v1/Docs?$skiptoken="+token, external)
	refused("a set of one page", "/api/v1/Users?$skiptoken="+token, external)
	text, err := base64.RawURLEncoding.DecodeString(token)
	w.must(err)
	for i := range text {
		changed := append([]byte(nil), text...)
		changed[i] ^= 1 << (i % 8)
		refused(fmt.Sprint("bit ", i), same+base64.RawURLEncoding.EncodeToString(changed), external)
	}
	for _, bad := range []string{"", "x", "%27%20OR%201=1--", token + "A", token[:len(token)-1], strings.Repeat("A", 30_000)} {
		refused("junk "+bad[:min(len(bad), 9)], same+bad, external)
	}
}
