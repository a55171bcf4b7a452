package oauth_test

import (
	"net/http"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect/oauth"
)

const inactive = `{"active":false}`

// B47: who may ask about, and end, whose token.
func TestOnlyTheOwnAccountReachesATokenAndOnlyWithTheRight(t *testing.T) {
	tests := []struct {
		asker, owner string
		reaches      bool
	}{
		{"main", "main", true},
		{"main", "plain", true},
		{"main", "service", true}, // of another dialect
		{"plain", "plain", true},  // its own, without the right
		{"plain", "main", false},
		{"plain", "service", false},
		{"key", "service", false},
		{"ringer", "service", true}, // an application of another dialect
		{"stranger", "main", false},
		{"stranger", "service", false},
		{"stranger", "stranger", true},
	}
	for _, test := range tests {
		t.Run(test.asker+" asks about "+test.owner, func(t *testing.T) {
			w := newWorld(t)
			token := w.tokenOf(test.owner)
			asker := w.clients[test.asker].basic()
			a := w.post("/oauth/introspect", asker, form("token", token))
			if a.status != http.StatusOK || (a.body != inactive) != test.reaches {
				t.Errorf("introspection: %d %s", a.status, a.body)
			}
			if a := w.post("/oauth/revoke", asker, form("token", token)); a.status != http.StatusOK || a.body != "" {
				t.Errorf("revocation: %d %s", a.status, a.body)
			}
			if alive := w.enters(token); alive == test.reaches {
				t.Errorf("after revocation alive = %v", alive)
			}
		})
	}
}

// tokenOf is an access token that the toy's method takes.
func (w *world) tokenOf(name string) string {
	w.t.Helper()
	if name == "service" {
		access, _ := w.toyTokens()
		return access
	}
	return w.token(name)
}

func TestDeadAndForeignTextsAreInactiveAndNothingElse(t *testing.T) {
	w := newWorld(t)
	main := w.clients["main"].basic()
	old := w.token("main")
	w.clock.Advance(time.Hour)
	access, refresh := w.toyTokens()
	if a := w.post("/oauth/revoke", main, form("token", refresh)); a.status != http.StatusOK {
		t.Fatalf("revocation: %d", a.status)
	}
	disabled := w.token("plain")
	w.must(w.auth.Revoke(t.Context(), authority.System(authority.Production, w.home, "", "test"),
		authority.Target{Scope: authority.ScopePrincipal, ID: w.clients["plain"].principal}))
	texts := map[string]string{
		"expired": old, "junk": "junk", "three parts": "a.b.c", "of a revoked grant": access, "revoked": refresh,
		"of a revoked principal": disabled, "a secret": w.clients["main"].secret, "a client id": w.clients["main"].id,
		"longer": w.token("main") + "x", "blank inside": w.token("main") + " ", "two": access + "," + refresh,
	}
	for what, text := range texts {
		if a := w.post("/oauth/introspect", main, form("token", text)); a.status != http.StatusOK || a.body != inactive {
			t.Errorf("%s: %d %s", what, a.status, a.body)
		}
		if a := w.post("/oauth/revoke", main, form("token", text)); a.status != http.StatusOK || a.body != "" {
			t.Errorf("revoke %s: %d %s", what, a.status, a.body)
		}
	}
	if w.enters(access) {
		t.Error("an access token outlived its revoked grant")
	}
}

// Rule 10: a secret or token of one stand is nothing on the other.
func TestTheStandsAreApart(t *testing.T) {
	w := newWorld(t)
	basic := http.Header{
		"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {w.clients["main"].basic()},
	}
	a := w.send(authority.Test, http.MethodPost, "/oauth/token", "grant_type=client_credentials", basic)
	w.refused("a secret of production on the test stand", a, http.StatusUnauthorized, "invalid_client")
	a = w.send(authority.Test, http.MethodPost, "/oauth/introspect", "token="+w.token("main"), basic)
	w.refused("a client of production on the test stand", a, http.StatusUnauthorized, "invalid_client")
}

func TestRevokedAndDisabledClientsAreRefused(t *testing.T) {
	w := newWorld(t)
	w.exec(`UPDATE credentials SET revoked = 1 WHERE id = $1`, w.clients["main"].credential)
	w.exec(`UPDATE credentials SET expires_ms = 1 WHERE id = $1`, w.clients["key"].credential)
	w.exec(`UPDATE principals SET disabled = 1 WHERE id = $1`, w.clients["plain"].principal)
	w.exec(`UPDATE accounts SET disabled = 1 WHERE id = $1`, w.foreign.ID)
	for _, name := range []string{"main", "key", "plain", "stranger"} {
		basic := w.clients[name].basic()
		for path, f := range map[string]string{"/oauth/token": "grant_type", "/oauth/introspect": "token", "/oauth/revoke": "token"} {
			a := w.post(path, basic, form(f, "client_credentials"))
			w.refused(name+" at "+path, a, http.StatusUnauthorized, "invalid_client")
		}
	}
}

func TestEveryActLeavesAnEntry(t *testing.T) {
	w := newWorld(t)
	token := w.token("main")
	w.post("/oauth/revoke", w.clients["main"].basic(), form("token", token))
	w.post("/oauth/token", "", form("grant_type", "client_credentials", "client_id", w.clients["main"].id, "client_secret", "x"))
	w.post("/oauth/introspect", "", form("token", token, "client_id", w.clients["ringer"].id, "client_secret", "x"))
	for what, query := range map[string]string{
		"issue":  `SELECT count(*) FROM audit WHERE verb = 'token.issue' AND outcome = 'done' AND dialect = 'oauth' AND door = 'oauth_token'`,
		"revoke": `SELECT count(*) FROM audit WHERE verb = 'token.revoke' AND outcome = 'done' AND dialect = 'oauth'`,
		"refused": `SELECT count(*) FROM audit WHERE verb = 'token.issue' AND outcome = 'refused' AND dialect = 'oauth'
			AND reason = 'unknown_or_wrong'`,
		"refused to ask": `SELECT count(*) FROM audit WHERE verb = 'token.authenticate' AND outcome = 'refused'`,
	} {
		if n := w.count(query); n != 1 {
			t.Errorf("%s: %d entries, want 1", what, n)
		}
	}
}

// A client id is looked up once in a while, and one that nobody has once a
// second at most; the secret is compared every time.
func TestClientIDsAreRememberedSecretsAreNot(t *testing.T) {
	w := newWorld(t)
	w.token("main")
	w.token("main")
	w.lookedUp("two tokens", 1)
	bad := form("grant_type", "client_credentials", "client_id", w.clients["main"].id, "client_secret", "x")
	w.refused("wrong secret", w.post("/oauth/token", "", bad), http.StatusUnauthorized, "invalid_client")
	w.lookedUp("a wrong secret", 0)
	late := form("grant_type", "client_credentials", "client_id", "late", "client_secret", "x")
	w.refused("unknown", w.post("/oauth/token", "", late), http.StatusUnauthorized, "invalid_client")
	w.lookedUp("an unknown client", 1)
	c := client{id: "late", secret: "long enough to be a secret", principal: w.clients["plain"].principal, credential: authority.NewID()}
	w.insertSecret(w.home, c, authority.AccessKey, "")
	w.clock.Advance(time.Second)
	w.clients["late"] = c
	w.token("late")
	w.lookedUp("the client that came", 1)
	w.clock.Advance(time.Minute)
	w.token("main")
	w.lookedUp("a minute later", 1)
}

func (w *world) lookedUp(what string, want int64) {
	w.t.Helper()
	if n := w.lookups.Swap(0); n != want {
		w.t.Errorf("%s: %d look-ups, want %d", what, n, want)
	}
}

// The two kinds of client and the three doors share one count (rule 18).
func TestRefusedAttemptsAreCountedTogether(t *testing.T) {
	w := newWorld(t)
	bad := form("grant_type", "client_credentials", "token", "x", "client_id", w.clients["main"].id, "client_secret", "x")
	paths := []string{"/oauth/token", "/oauth/introspect", "/oauth/revoke"}
	for i := range 10 {
		w.refused("attempt", w.post(paths[i%3], "", bad), http.StatusUnauthorized, "invalid_client")
	}
	for _, path := range paths {
		a := w.post(path, w.clients["main"].basic(), form("grant_type", "client_credentials", "token", "x"))
		w.refused(path, a, http.StatusTooManyRequests, "temporarily_unavailable")
		if a.header.Get("Retry-After") != "300" {
			t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
		}
	}
	w.clock.Advance(5 * time.Minute)
	w.token("main")
}

func TestProfile(t *testing.T) {
	p := oauth.Profile("RS256", 10*time.Minute)
	if p.Access.Algorithm != "RS256" || p.Access.Lifetime != 10*time.Minute || p.Refresh.Form != authority.Sealed || p.Codes == nil {
		t.Errorf("profile %+v", p)
	}
}
