package dialect_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// open is a toy dialect with guests of account 7, a meter, and no place for
// account 13.
type openToy struct{ toy }

func (openToy) Guest(r *http.Request) (authority.ID, error) {
	switch r.URL.Query().Get("guests") {
	case "no":
		return 0, authority.E(authority.NotFound, "no such account")
	case "away":
		return 0, authority.E(authority.Unavailable, "try again")
	}
	return 7, nil
}

func (openToy) Meter(h http.Header, c authority.Caller) error {
	h.Set("X-Calls", "1")
	if c.Account().ID == 9 {
		return authority.E(authority.LimitExceeded, "")
	}
	return nil
}

func (openToy) ShowMeter(h http.Header, _ authority.Caller) { h.Set("X-Calls", "shown") }

func (openToy) Admit(_ context.Context, _ *web.Route, c authority.Caller) error {
	if c.Account().ID == 13 {
		return authority.E(authority.Forbidden, "not here")
	}
	return nil
}

// doors lets guests of account 7 in, and the bearer "n" as account n.
type doors struct{ guests int }

func (d *doors) Guest(_ context.Context, o authority.Origin, account authority.ID) (authority.Caller, error) {
	d.guests++
	return authority.System(o.Stand, authority.Account{ID: account, Name: "guest"}, o.Verb, "test"), nil
}

func (*doors) Authenticate(_ context.Context, o authority.Origin, p authority.Presented) (authority.Caller, error) {
	ids := map[string]authority.ID{"eight": 8, "nine": 9, "thirteen": 13}
	id, ok := ids[p.Token.Reveal()]
	if !ok {
		return authority.Caller{}, authority.E(authority.InvalidToken, "")
	}
	return authority.System(o.Stand, authority.Account{ID: id, Name: p.Token.Reveal()}, o.Verb, "test"), nil
}

func TestGuestsMetersAndAdmission(t *testing.T) {
	d := &doors{}
	var refused []string
	h := mount(t, dialect.Config{
		Dialects: []dialect.Dialect{openToy{toy{name: "one", routes: routes()}}}, Authority: d, Guests: d,
		Refused: func(_ context.Context, e authority.Entry) { refused = append(refused, e.Reason) },
	})
	for _, c := range []struct {
		path, token string
		status      int
		body, calls string
		guests      int
	}{
		{"/one/list", "", 200, "GET account guest", "1", 1},
		{"/one/list?guests=no", "", 401, "", "", 0},
		{"/one/list?guests=away", "", 503, "", "", 0}, // nobody knows whether there is one
		{"/one/list", "Bearer wrong", 401, "", "", 0}, // what was shown and refused never becomes a guest
		{"/one/list", "Bearer \x01", 401, "", "", 0},
		{"/one/list", "Bearer eight", 200, "GET account eight", "1", 0},
		{"/one/list", "Bearer nine", 429, "", "1", 0},
		{"/one/list", "Bearer thirteen", 403, "not here", "1", 0},
		{"/one/nothing", "Bearer eight", 404, "", "shown", 0},
		{"/one/nothing", "Bearer wrong", 404, "", "", 0},
		{"/one/nothing", "", 404, "", "", 0},
	} {
		d.guests = 0
		var header []string
		if c.token != "" {
			header = []string{"Authorization", c.token}
		}
		w := ask(h, "GET", c.path, header...)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) || w.Header().Get("X-Calls") != c.calls || d.guests != c.guests {
			t.Errorf("%s %q: %d %s %v, %d guests", c.path, c.token, w.Code, w.Body, w.Header(), d.guests)
		}
	}
	if len(refused) != 1 || refused[0] != "not_admitted" {
		t.Errorf("refusals %v", refused)
	}
}

// Rule 10: the lifetime is asked by header, on the test stand and where
// something is issued.
func TestLifetimeHeader(t *testing.T) {
	for _, c := range []struct {
		stand  authority.Stand
		path   string
		text   string
		want   time.Duration
		status int
	}{
		{authority.Test, "/one/token", "", 0, 400}, // sent and empty: nothing was meant by it
		{authority.Test, "/one/token", "5", 5 * time.Second, 200},
		{authority.Test, "/one/token", "2678400", 2678400 * time.Second, 200},
		{authority.Test, "/one/token", "2678401", 0, 400},
		{authority.Test, "/one/token", "0", 0, 400},
		{authority.Test, "/one/token", "-1", 0, 400},
		{authority.Test, "/one/token", "1.5", 0, 400},
		{authority.Test, "/one/token", "5s", 0, 400},
		{authority.Test, "/one/other", "5", 0, 200},
		{authority.Production, "/one/token", "5", 0, 200},
		{authority.Production, "/one/token", "junk", 0, 200},
	} {
		var got time.Duration
		serve := func(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
			got = web.OriginOf(r.Context()).Lifetime
			return answer(w, r, authority.Caller{})
		}
		router, _, err := dialect.Mount(dialect.Config{Stand: c.stand, Authority: &door{}, Dialects: []dialect.Dialect{toy{name: "one", routes: []web.Route{
			{Method: "POST", Pattern: "/one/token", Public: true, Door: "secret", Serve: serve},
			{Method: "POST", Pattern: "/one/other", Public: true, Serve: serve},
		}}}})
		if err != nil {
			t.Fatal(err)
		}
		w := ask(&web.Edge{Router: router}, "POST", c.path, dialect.LifetimeHeader, c.text)
		if c.text != "" {
			r := httptest.NewRequest("POST", c.path, nil)
			r.Header[dialect.LifetimeHeader] = []string{c.text, c.text}
			twice := httptest.NewRecorder()
			(&web.Edge{Router: router}).ServeHTTP(twice, r)
			if refused := c.stand == authority.Test && c.path == "/one/token"; (twice.Code == 400) != refused {
				t.Errorf("%s %s %q twice: %d", c.stand, c.path, c.text, twice.Code)
			}
		}
		if w.Code != c.status || got != c.want {
			t.Errorf("%s %s %q: %d, %v, want %d, %v", c.stand, c.path, c.text, w.Code, got, c.status, c.want)
		}
	}
}
