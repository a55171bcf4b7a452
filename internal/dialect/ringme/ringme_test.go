package ringme_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/dialect/ringme"
	"propusk/internal/directory"
	"propusk/internal/server"
	"propusk/internal/testenv"
)

// world is a real server with one account's applications and user.
type world struct {
	*testenv.Env

	clock    *testenv.Clock
	caller   authority.Caller
	account  authority.Account
	user     authority.Principal
	password authority.Secret
	apps     map[string]app
	role     authority.ID // that all users have
}

type app struct {
	id         authority.ID
	client     string
	secret     string
	credential authority.ID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, nil)
}

func newWorldWith(t *testing.T, change func(*server.Config)) *world {
	t.Helper()
	w := &world{
		clock: testenv.NewClock(time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)), apps: map[string]app{},
		password: authority.NewSecret("correct horse"),
	}
	w.Env = testenv.Start(t, testenv.Options{Clock: w.clock, Tasks: 1, Change: change})
	service := w.Server.Data().Admin
	owned, err := service.CreateAccount(t.Context(), authority.System(authority.Production, authority.Account{}, "", "test"), admin.NewAccount{Name: "Звонки"})
	must(t, err)
	w.account = owned.Account
	w.caller = authority.System(authority.Production, w.account, "", "test")
	made, err := w.Server.Data().Admin.CreateRole(t.Context(), w.caller, "ringme", slices.Concat(calls.Permissions(), directory.Permissions()))
	must(t, err)
	w.role = made.ID
	w.user = w.makeUser(t, "ringer", authority.GroupAdministrator)
	reader := w.makeUser(t, "reader", ringme.GroupReadOnly)
	w.makeApp(t, "trusted", authority.Traits{Type: ringme.Trusted, Access: ringme.All, Owner: w.user.ID})
	w.makeApp(t, "password", authority.Traits{Type: ringme.Password, Access: ringme.CallAPI, Owner: w.user.ID})
	w.makeApp(t, "reader", authority.Traits{Type: ringme.Trusted, Access: ringme.All, Owner: reader.ID})
	return w
}

func (w *world) makeUser(t *testing.T, login, group string) authority.Principal {
	t.Helper()
	made, err := w.Server.Data().Admin.CreateUser(t.Context(), w.caller, admin.NewUser{
		Login: login, Group: group, Password: w.password, Roles: []authority.ID{w.role}, Areas: authority.Areas{All: true},
	})
	must(t, err)
	return made
}

func (w *world) makeApp(t *testing.T, name string, traits authority.Traits) {
	t.Helper()
	made, err := w.Server.Data().Admin.CreateApplication(t.Context(), w.caller, admin.NewApplication{
		Name: "ringme " + name, Dialect: ringme.Name, Traits: traits,
	})
	must(t, err)
	w.apps[name] = app{made.Application.ID, made.Secret.Credential.ClientID, made.Secret.Secret.Reveal(), made.Secret.Credential.ID}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// token posts a form; pairs are names and values in turn.
func (w *world) token(t *testing.T, pairs ...string) testenv.Answer {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	a := w.Do(t, testenv.Call{Path: "/oauth/token", Type: testenv.Form, Body: form.Encode()})
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control %q", a.Header.Get("Cache-Control"))
	}
	return a
}

func (w *world) client(name, grant string, more ...string) []string {
	return append([]string{"grant_type", grant, "client_id", w.apps[name].client, "client_secret", w.apps[name].secret}, more...)
}

func (w *world) access(t *testing.T, name string) string {
	t.Helper()
	return w.token(t, w.client(name, "client_credentials")...).Field(t, "access_token")
}

func (w *world) me(t *testing.T, token string) testenv.Answer {
	t.Helper()
	return w.Do(t, testenv.Call{Path: "/api/ver1.0/user/"}.With(testenv.Bearer(token)...))
}

func expect(t *testing.T, name string, a testenv.Answer, status int, body string) {
	t.Helper()
	if a.Status != status || (body != "" && !regexp.MustCompile("^"+body+"$").MatchString(a.Body)) {
		t.Errorf("%s: %d %s", name, a.Status, a.Body)
	}
}

func TestTokens(t *testing.T) {
	w := newWorld(t)
	t.Run("trusted", func(t *testing.T) { w.trusted(t) })
	t.Run("refused", func(t *testing.T) { w.refused(t) })
	t.Run("password", func(t *testing.T) { w.signIn(t) })
	t.Run("user", func(t *testing.T) { w.whoAmI(t) })
	t.Run("counter", func(t *testing.T) { w.counter(t) })
	t.Run("ends", func(t *testing.T) { w.ends(t) })
}

func (w *world) trusted(t *testing.T) {
	const want = `\{"access_token":"[0-9A-Za-z]{30}","token_type":"Bearer","expires_in":3600,"scope":"all"\}`
	hex := regexp.MustCompile(`^[0-9a-f]{32}$`)
	for name, a := range w.apps {
		if !hex.MatchString(a.client) || !hex.MatchString(a.secret) {
			t.Errorf("%s: client id or secret is not 32 digits", name)
		}
	}
	expect(t, "in the form", w.token(t, w.client("trusted", "client_credentials")...), 200, want)
	expect(t, "with a scope", w.token(t, w.client("trusted", "client_credentials", "scope", "all")...), 200, want)
	basic := testenv.Call{Path: "/oauth/token", Type: testenv.Form, Body: "grant_type=client_credentials"}.
		With(testenv.Basic(w.apps["trusted"].client, w.apps["trusted"].secret)...)
	expect(t, "by Basic", w.Do(t, basic), 200, want)
}

func (w *world) refused(t *testing.T) {
	trusted := w.apps["trusted"]
	tests := []struct {
		name   string
		form   []string
		status int
		word   string
	}{
		{"wrong secret", []string{"grant_type", "client_credentials", "client_id", trusted.client, "client_secret", w.apps["password"].secret}, 401, "invalid_client"},
		{"no secret", []string{"grant_type", "client_credentials", "client_id", trusted.client}, 401, "invalid_client"},
		{"unknown client", []string{"grant_type", "client_credentials", "client_id", trusted.secret, "client_secret", trusted.secret}, 401, "invalid_client"},
		{"unknown grant", w.client("trusted", "magic"), 400, "unsupported_grant_type"},
		{"no grant", []string{"client_id", trusted.client, "client_secret", trusted.secret}, 400, "invalid_request"},
		{"other type", w.client("password", "client_credentials"), 400, "unauthorized_client"},
		{"trusted signs nobody in", w.client("trusted", "password", "username", "ringer", "password", w.password.Reveal()), 400, "unauthorized_client"},
		{"scope", w.client("trusted", "client_credentials", "scope", "some"), 400, "invalid_scope"},
		{"dead refresh token", w.client("password", "refresh_token", "refresh_token", "none"), 401, "invalid_grant"},
		{"wrong password", w.client("password", "password", "username", "ringer", "password", "wrong horse"), 401, "invalid_grant"},
		{"unknown user", w.client("password", "password", "username", "nobody", "password", w.password.Reveal()), 401, "invalid_grant"},
		{"repeated", w.client("trusted", "client_credentials", "grant_type", "client_credentials"), 400, "invalid_request|malformed"},
	}
	for _, test := range tests {
		a := w.token(t, test.form...)
		expect(t, test.name, a, test.status, `\{"error":"(`+test.word+`)".*\}`)
		if a.Status == http.StatusUnauthorized && a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", test.name)
		}
	}
}

func (w *world) signIn(t *testing.T) {
	a := w.token(t, w.client("password", "password", "username", "ringer", "password", w.password.Reveal())...)
	access, refresh := a.Field(t, "access_token"), a.Field(t, "refresh_token")
	if access == "" || refresh == "" {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	expect(t, "user", w.me(t, access), 200, fmt.Sprintf(`\{"id":%d,"login":"ringer".*\}`, w.user.ID))
	w.makeApp(t, "password 2", authority.Traits{Type: ringme.Password, Access: ringme.All})
	expect(t, "refresh by another client", w.token(t, w.client("password 2", "refresh_token", "refresh_token", refresh)...), 401, "")
	next := w.token(t, w.client("password", "refresh_token", "refresh_token", refresh)...)
	if next.Status != 200 || next.Field(t, "refresh_token") == refresh {
		t.Errorf("refresh: %d %s", next.Status, next.Body)
	}
	expect(t, "the former lives on", w.me(t, access), 200, "")
	must(t, w.Server.Data().Admin.DeleteApplication(t.Context(), w.caller, w.apps["password"].id))
	expect(t, "without its application", w.me(t, access), 401, `\{"message":"Unauthorized","status":401\}`)
}

func (w *world) whoAmI(t *testing.T) {
	want := fmt.Sprintf(`\{"id":%d,"login":"ringer","admin":true,"client_id":%d,"dealer_id":null,"extension_id":null,`+
		`"extension_group_id":null,"timezone":"Europe/Moscow","access":"full","extra_params":\{\}\}`, w.user.ID, w.account.Number)
	token := w.access(t, "trusted")
	expect(t, "with a slash", w.me(t, token), 200, want)
	expect(t, "without", w.Do(t, testenv.Call{Path: "/api/ver1.0/user"}.With(testenv.Bearer(token)...)), 200, want)
	expect(t, "reader", w.me(t, w.access(t, "reader")), 200, `.*"login":"reader","admin":false.*"access":"read_only".*`)
	expect(t, "nobody", w.Do(t, testenv.Call{Path: "/api/ver1.0/user/"}), 401, `\{"message":"Unauthorized","status":401\}`)
	expect(t, "junk", w.me(t, "junk"), 401, `\{"message":"Unauthorized","status":401\}`)
	expect(t, "foreign", w.me(t, w.HubEx(t, authority.Production, w.Fixture.Accounts[0].HubEx.ServiceToken).Access), 401, "")
	expect(t, "no such path", w.Do(t, testenv.Call{Path: "/api/ver1.0/nothing"}), 404, `\{"message":"Not found"\}`)
	expect(t, "POST", w.Do(t, testenv.Call{Method: "POST", Path: "/api/ver1.0/user"}), 405, `\{"message":".*","status":"method_not_allowed"\}`)
}

func (w *world) counter(t *testing.T) {
	first := w.me(t, w.access(t, "trusted"))
	second := w.me(t, w.access(t, "reader"))
	if first.Header.Get("X-RateLimit-Limit") != "36000" || first.Header.Get("X-RateLimit-Reset") == "" ||
		first.Header.Get("X-RateLimit-Remaining") <= second.Header.Get("X-RateLimit-Remaining") {
		t.Errorf("%v, then %v", first.Header, second.Header)
	}
}

// Rule 18: the calls of an hour are those of all applications of an account.
func TestHourlyLimit(t *testing.T) {
	w := newWorldWith(t, func(c *server.Config) {
		d := c.Dialects[ringme.Name]
		d.HourlyCalls = 3
		c.Dialects[ringme.Name] = d
	})
	trusted, reader := w.access(t, "trusted"), w.access(t, "reader")
	for i, token := range []string{trusted, reader, trusted} {
		a := w.me(t, token)
		expect(t, "within", a, 200, "")
		if got, want := a.Header.Get("X-RateLimit-Remaining"), fmt.Sprint(2-i); got != want {
			t.Errorf("remaining %q, want %q", got, want)
		}
	}
	for _, token := range []string{trusted, reader} {
		a := w.me(t, token)
		expect(t, "over", a, 429, `\{"message":"too many calls in this hour","status":"rate_limit_exceeded"\}`)
		for name, want := range map[string]string{
			"X-RateLimit-Limit": "3", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "3600", "Retry-After": "3600",
			"RateLimit": `"account";r=0;t=3600`, "RateLimit-Policy": `"account";q=3;w=3600`,
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
	w.clock.Advance(59 * time.Minute)
	expect(t, "still over", w.me(t, trusted), 429, "")
	w.clock.Advance(time.Minute)
	expect(t, "the next hour", w.me(t, w.access(t, "trusted")), 200, "")
}

func setBlocked(t *testing.T, w *world, blocked bool) error {
	t.Helper()
	_, err := w.Server.Data().Admin.ChangeUser(t.Context(), w.caller, admin.PrincipalEdit{ID: w.user.ID, Disabled: &blocked})
	return err
}

// A user who is blocked hears so with every token that acts as him.
func TestBlockedUser(t *testing.T) {
	w := newWorld(t)
	trusted := w.access(t, "trusted")
	own := w.token(t, w.client("password", "password", "username", "ringer", "password", w.password.Reveal())...)
	must(t, setBlocked(t, w, true))
	for name, token := range map[string]string{"trusted": trusted, "his own": own.Field(t, "access_token")} {
		expect(t, name, w.me(t, token), 403, `\{"message":"the user is blocked","status":"user_blocked"\}`)
	}
	expect(t, "refresh", w.token(t, w.client("password", "refresh_token", "refresh_token", own.Field(t, "refresh_token"))...), 401, "")
	expect(t, "another's", w.me(t, w.access(t, "reader")), 200, "")
	w.clock.Advance(time.Hour)
	expect(t, "expired", w.me(t, trusted), 401, "")
}

// Without its owner an application gets nothing more.
func TestOwnerGone(t *testing.T) {
	w := newWorld(t)
	token := w.access(t, "trusted")
	must(t, w.Server.Data().Admin.DeleteUser(t.Context(), w.caller, w.user.ID))
	expect(t, "a former token", w.me(t, token), 401, `\{"message":"Unauthorized","status":401\}`)
	expect(t, "a new one", w.token(t, w.client("trusted", "client_credentials")...), 401, `\{"error":"invalid_client".*\}`)
}

// ends blocks the user, then expires the token.
func (w *world) ends(t *testing.T) {
	token := w.access(t, "trusted")
	must(t, setBlocked(t, w, true))
	expect(t, "blocked", w.me(t, token), 403, `\{"message":"the user is blocked","status":"user_blocked"\}`)
	expect(t, "no token for a blocked user", w.token(t, w.client("trusted", "client_credentials")...), 401, `\{"error":"invalid_client".*\}`)
	must(t, setBlocked(t, w, false))
	expect(t, "let in again, with a former token", w.me(t, token), 401, "")
	token = w.access(t, "trusted")
	expect(t, "let in again", w.me(t, token), 200, "")
	w.clock.Advance(time.Hour)
	expect(t, "expired", w.me(t, token), 401, "")
	must(t, w.Server.Data().Admin.RevokeCredential(t.Context(), w.caller, w.apps["trusted"].credential))
	expect(t, "revoked secret", w.token(t, w.client("trusted", "client_credentials")...), 401, "")
}
