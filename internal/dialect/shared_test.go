package dialect_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// book knows the client ids "ring", "std" and "key", and refresh tokens
// "<dialect>-refresh". It counts how often it is asked.
type book struct{ asked int }

func (b *book) Registered(_ context.Context, _ authority.Stand, id string) (authority.Registration, error) {
	b.asked++
	switch id {
	case "ring":
		return authority.Registration{Kind: authority.ApplicationSecret, Dialect: "ringme"}, nil
	case "std":
		return authority.Registration{Kind: authority.ApplicationSecret, Dialect: "oauth"}, nil
	case "key":
		return authority.Registration{Kind: authority.AccessKey}, nil
	case "down":
		return authority.Registration{}, authority.E(authority.Unavailable, "")
	}
	return authority.Registration{}, authority.E(authority.NotFound, "")
}

func (b *book) RefreshDialect(_ context.Context, _ authority.Stand, token authority.Secret) (string, bool, error) {
	name, ok := strings.CutSuffix(token.Reveal(), "-refresh")
	return name, ok, nil
}

// sharers are the three dialects of rule 14, which fail with their own name; and
// one that has refresh tokens and does not claim the path.
func sharers(without ...string) []dialect.Dialect {
	fails := func(w http.ResponseWriter, _ *http.Request, _ web.Form) error {
		return authority.E(authority.InvalidClient, "tried")
	}
	mine := func(names ...string) func(authority.Registration) bool {
		return func(r authority.Registration) bool {
			for _, n := range names {
				if r.Dialect == n {
					return true
				}
			}
			return false
		}
	}
	all := []dialect.Dialect{
		toy{name: "hubex"},
		toy{name: "smarts", claims: []dialect.TokenClaim{
			{Rank: dialect.RankRefreshToken, Serve: fails, JSON: true, Texts: []string{"grant_type"}, Fold: true},
			{Rank: dialect.RankPassword, Serve: fails, JSON: true, Fold: true},
		}},
		toy{name: "oauth", claims: []dialect.TokenClaim{
			{Rank: dialect.RankApplication, Clients: mine("", "oauth"), Serve: fails}, {Rank: dialect.RankElse, Serve: fails},
		}},
		toy{name: "ringme", claims: []dialect.TokenClaim{
			{Rank: dialect.RankAnything, Serve: fails},
			{Rank: dialect.RankRefreshToken, Serve: fails},
			{Rank: dialect.RankApplication, Clients: mine("ringme"), Serve: fails},
		}},
	}
	var out []dialect.Dialect
	for _, d := range all {
		if len(without) == 0 || d.Name() != without[0] {
			out = append(out, d)
		}
	}
	return out
}

func basicHeader(id string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":x"))
}

// Rule 14, B20: whatever a request holds, exactly one dialect gets it, and one
// that fails is not tried elsewhere.
func TestTheSharedTokenPathHasOneOwner(t *testing.T) {
	b := &book{}
	h := mount(t, dialect.Config{Dialects: sharers(), Clients: dialect.NewClients(b, nil), Refreshes: b})
	combinations := 0
	for _, client := range []string{"", "ring", "std", "key", "nobody"} {
		for _, refresh := range []string{"", "ringme-refresh", "smarts-refresh", "hubex-refresh", "junk"} {
			for _, grant := range []string{"", "password", "refresh_token", "client_credentials", "PASSWORD", "device"} {
				combinations++
				want := ownerOf(client, refresh, grant)
				form := url.Values{"client_id": {client}, "refresh_token": {refresh}, "grant_type": {grant}}
				if got := owner(h, form.Encode()); got != want {
					t.Errorf("client %q, refresh token %q, grant %q: %s, want %s", client, refresh, grant, got, want)
				}
				form = url.Values{"client_id": {"ring"}, "refresh_token": {refresh}, "grant_type": {grant}}
				if client == "" {
					continue
				}
				if got := owner(h, form.Encode(), "Authorization", basicHeader(client)); got != want {
					t.Errorf("Basic %q, refresh token %q, grant %q: %s, want %s", client, refresh, grant, got, want)
				}
			}
		}
	}
	if combinations < 40 {
		t.Errorf("%d combinations", combinations)
	}
	if b.asked > 10 {
		t.Errorf("clients were looked up %d times", b.asked)
	}
}

// Names in another case reach a dialect that reads them so, unless a client or a
// token of another one is among them.
func TestTheSharedTokenPathInAnyCase(t *testing.T) {
	b := &book{}
	all := mount(t, dialect.Config{Dialects: sharers(), Clients: dialect.NewClients(b, nil), Refreshes: b})
	withoutRingme := mount(t, dialect.Config{Dialects: sharers("ringme"), Clients: dialect.NewClients(b, nil), Refreshes: b})
	for form, want := range map[string]string{
		"GRANT_TYPE=password":                                   "smarts",
		"Grant_Type=refresh_token":                              "smarts",
		"Refresh_Token=smarts-refresh":                          "smarts",
		"grant_type=password&GRANT_TYPE=client_credentials":     "smarts", // which refuses the pair
		"Grant_Type=password&GRANT_TYPE=password":               "ringme",
		"GRANT_TYPE=client_credentials":                         "ringme",
		"GRANT_TYPE=PASSWORD":                                   "ringme",
		"GRANT_TYPE=refresh_token&REFRESH_TOKEN=ringme-refresh": "ringme",
		"CLIENT_ID=ring&GRANT_TYPE=password":                    "ringme",
		"client_id=std&GRANT_TYPE=password":                     "oauth",
		"client_id=nobody&GRANT_TYPE=password":                  "smarts",
	} {
		if got := owner(all, form); got != want {
			t.Errorf("%s: %s, want %s", form, got, want)
		}
	}
	for _, form := range []string{"client_id=ring&GRANT_TYPE=password", "CLIENT_ID=ring&GRANT_TYPE=password", "GRANT_TYPE=refresh_token&REFRESH_TOKEN=ringme-refresh"} {
		if got := owner(withoutRingme, form); got != "oauth" { // what is switched off falls to nobody else
			t.Errorf("ringme is off, %s: %s", form, got)
		}
	}
}

// ownerOf is rule 14 once more, in its own words.
func ownerOf(client, refresh, grant string) string {
	switch client {
	case "ring":
		return "ringme"
	case "std", "key":
		return "oauth"
	}
	switch refresh {
	case "ringme-refresh":
		return "ringme"
	case "smarts-refresh":
		return "smarts"
	}
	if grant == "password" || grant == "refresh_token" {
		return "smarts"
	}
	return "ringme"
}

// owner posts a form and gives the dialect that answers.
func owner(h http.Handler, body string, header ...string) string {
	name, _, _ := strings.Cut(answerOf(h, body, header...), " ")
	return name
}

// answerOf posts a form, unless header says that it is something else.
func answerOf(h http.Handler, body string, header ...string) string {
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Body.String()
}

func TestTheSharedTokenPathWithoutADialect(t *testing.T) {
	b := &book{}
	for _, c := range []struct{ without, body, want string }{
		{"ringme", "grant_type=device", "oauth"},
		{"ringme", "grant_type=client_credentials&client_id=ring", "oauth"},
		{"ringme", "grant_type=password", "smarts"},
		{"ringme", "grant_type=password&client_id=ring", "smarts"},
		{"ringme", "grant_type=refresh_token&refresh_token=ringme-refresh", "smarts"},
		{"ringme", "%zz", "oauth"},
		{"smarts", "grant_type=password", "ringme"},
		{"oauth", "client_id=std&grant_type=client_credentials", "ringme"},
		{"", "%zz", "ringme"},
		{"", "client_id=down", "ringme"},
	} {
		h := mount(t, dialect.Config{Dialects: sharers(c.without), Clients: dialect.NewClients(b, nil), Refreshes: b})
		if got := owner(h, c.body); got != c.want {
			t.Errorf("without %s, %s: %s, want %s", c.without, c.body, got, c.want)
		}
	}
}

// What belongs to a dialect that is switched off is refused, and reaches no
// other's door.
func TestASwitchedOffDialectKeepsWhatIsItsOwn(t *testing.T) {
	b := &book{}
	for _, c := range []struct{ without, body, want string }{
		{"ringme", "grant_type=password&client_id=ring", "smarts invalid_client"},
		{"ringme", "grant_type=client_credentials&client_id=ring", "oauth invalid_client"},
		{"oauth", "grant_type=password&client_id=std", "smarts invalid_client"},
		{"ringme", "grant_type=refresh_token&refresh_token=ringme-refresh", "smarts invalid_grant"},
		{"smarts", "grant_type=refresh_token&refresh_token=smarts-refresh", "ringme invalid_grant"},
		{"ringme", "grant_type=password&client_id=nobody", "smarts invalid_client tried"},
	} {
		reached := false
		ds := sharers(c.without)
		for i, d := range ds {
			ds[i] = watched(d, &reached)
		}
		h := mount(t, dialect.Config{Dialects: ds, Clients: dialect.NewClients(b, nil), Refreshes: b})
		w := answerOf(h, c.body)
		want, tried := strings.CutSuffix(c.want, " tried")
		if !strings.HasPrefix(w, want) || reached != tried {
			t.Errorf("without %s, %s: %s, reached %v", c.without, c.body, w, reached)
		}
	}
}

// watched notes that a door of d was reached.
func watched(d dialect.Dialect, reached *bool) dialect.Dialect {
	of, ok := d.(toy)
	if !ok {
		return d
	}
	claims := slices.Clone(of.claims)
	for i := range claims {
		serve := claims[i].Serve
		claims[i].Serve = func(w http.ResponseWriter, r *http.Request, f web.Form) error {
			*reached = true
			return serve(w, r, f)
		}
	}
	of.claims = claims
	return of
}

// JSON is taken for the grants of one dialect; what else is sent in it is told the
// right way.
func TestJSONOnTheSharedTokenPathIsForWhoTakesIt(t *testing.T) {
	b := &book{}
	h := mount(t, dialect.Config{Dialects: sharers(), Clients: dialect.NewClients(b, nil), Refreshes: b})
	for body, want := range map[string]string{
		`{"grant_type":"password"}`: "smarts invalid_client", `{"Grant_Type":"password"}`: "smarts invalid_client",
		`{"client_id":"std"}`:                               "oauth unsupported_media: the body must be application/x-www-form-urlencoded",
		`{"client_id":"ring","grant_type":"password"}`:      "ringme unsupported_media: the body must be application/x-www-form-urlencoded",
		`{"grant_type":"x"}`:                                "ringme unsupported_grant_type: in JSON grant_type must be password or refresh_token; any other is sent as",
		`{"username":"a"}`:                                  "ringme invalid_request: grant_type is missing",
		`{"grant_type":1}`:                                  "ringme invalid_value: grant_type must be a string",
		`{"Grant_Type":["password"]}`:                       "ringme invalid_value: Grant_Type must be a string",
		`{"grant_type":"password","grant_type":"password"}`: "ringme malformed", `[`: "ringme malformed",
	} {
		if got := answerOf(h, body, "Content-Type", "application/json"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	if got := answerOf(h, `<x/>`, "Content-Type", "text/xml"); !strings.HasSuffix(got, "must be application/x-www-form-urlencoded or application/json") {
		t.Error(got)
	}
}

// down is what asks about authorization requests while the database is away.
type down struct{ code authority.Code }

func (d down) Inquire(context.Context, authority.CodeRequest) (authority.CodeInquiry, error) {
	return authority.CodeInquiry{}, authority.Wrap(d.code, "no database at /var/lib", errors.New("a cause"))
}

// Whoever was sent to /oauth/authorize reads in words why he is not sent on, also
// where the fault is ours; a program gets its dialect's own answer.
func TestAuthorizeRefusesInWords(t *testing.T) {
	for code, want := range map[authority.Code]struct {
		status      int
		title, gone string
	}{
		authority.InvalidRequest: {http.StatusBadRequest, "This link does not work", ""},
		authority.Unavailable:    {http.StatusServiceUnavailable, "Not just now", ""},
		authority.Internal:       {http.StatusInternalServerError, "Not just now", "/var/lib"},
	} {
		b := &book{}
		h := mount(t, dialect.Config{Dialects: sharers(), Clients: dialect.NewClients(b, nil), Refreshes: b, Codes: down{code}})
		for accept, page := range map[string]bool{"text/html,application/xhtml+xml;q=0.9": true, "application/json": false, "": false} {
			r := httptest.NewRequest(http.MethodGet, "/oauth/authorize?response_type=code&client_id=ring", nil)
			r.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			html := strings.HasPrefix(w.Header().Get("Content-Type"), "text/html")
			if w.Code != want.status && page || html != page || strings.Contains(w.Body.String(), want.title) != page {
				t.Errorf("%s to %q: %d %v %s", code, accept, w.Code, w.Header(), w.Body)
			}
			if page && (strings.Contains(w.Body.String(), "a cause") || want.gone != "" && strings.Contains(w.Body.String(), want.gone)) {
				t.Errorf("%s shows %s", code, w.Body)
			}
			if page && code == authority.Unavailable && w.Header().Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		}
	}
}
