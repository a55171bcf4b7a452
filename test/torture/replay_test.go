//go:build linux

package torture_test

import (
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// way is how the tokens of one dialect are got, renewed and used.
type way struct {
	first request
	next  func(refresh string) request
	use   func(access string) request
	names [2]string // members that hold the access and the refresh token
	again bool      // a spent refresh token gets its answer once more
}

// The short form: what kill -9 leaves of a refresh, in each dialect that has one.
func TestReplay(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); replaySQLite(t, 3) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); replayPostgres(t, 2) })
}

func replaySQLite(t *testing.T, rounds int) {
	root := workFolder(t)
	replays(t, deploy(t, root, filepath.Join(root, "data"), ""), rounds)
}

func replayPostgres(t *testing.T, rounds int) {
	root := workFolder(t)
	c := newCluster(t, root)
	replays(t, deploy(t, root, filepath.Join(root, "data"), c.dsn()), rounds)
}

// replays ends the server right after a refresh was answered and while another
// is on its way, and asks for both answers once more (rule 8).
func replays(t *testing.T, d *deployment, rounds int) {
	w := populate(d)
	all := w.ways()
	for range rounds {
		w.rounds++
		runs := map[string]*renewal{}
		for _, name := range slices.Sorted(maps.Keys(all)) {
			runs[name] = w.renewal(name, all[name])
		}
		w.strike(runs)
		w.start()
		for _, r := range runs {
			r.check()
		}
		if t.Failed() {
			break
		}
	}
	w.report(t.Name())
}

// ways makes who comes in through each dialect.
func (w *world) ways() map[string]way {
	c := newCaller(w.d)
	w.made(c, "role.create", map[string]any{"name": "panel", "permissions": []string{"ApplicationsManage"}})
	user := w.made(c, "user.create", map[string]any{
		"name": "Обмен", "login": "exchange", "group": "administrator", "password": "correct horse", "roles": []string{"panel", "torture"},
	})
	root := w.made(c, "authorization-token.generate", map[string]any{}).Secret
	app := w.ringme(c, w.made(c, "access-key.create", map[string]any{"principal": user.ID.String()}))
	signIn := url.Values{"grant_type": {"password"}, "username": {"exchange"}, "password": {"correct horse"}}
	w.made(c, "user.create", map[string]any{"name": "Оператор", "login": "phone", "password": "correct horse", "roles": []string{"torture"}})
	phone := url.Values{"grant_type": {"password"}, "username": {"phone"}, "password": {"correct horse"}} // no administrator: those are not let in
	renew := func(token string) url.Values {
		return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
	}
	get := func(path, token string) request {
		return request{method: http.MethodGet, path: path, header: bearer(token)}
	}
	plain := client{}
	lower := [2]string{"access_token", "refresh_token"}
	return map[string]way{
		"hubex": {service(w.drivers[0].holders[0].secret), refresh, use, lower, true},
		"smarts": {
			plain.form("/api/session", maps.Clone(signIn)), func(token string) request { return plain.form("/api/session", renew(token)) },
			func(token string) request { return get("/api/v1/Users", token) },
			[2]string{"Access_token", "Refresh_token"},
			true,
		},
		"ringme": {
			app.form("/oauth/token", phone), func(token string) request { return app.form("/oauth/token", renew(token)) },
			func(token string) request { return get("/api/ver1.0/user", token) }, lower, true,
		},
		"operator": {
			get("/api/v1/auth/integrationapi/create", root),
			func(token string) request { return get("/api/v1/auth/integrationapi/refresh", token) },
			func(token string) request { return w.gate.form("/oauth/introspect", url.Values{"token": {token}}) },
			[2]string{"accessToken", "refreshToken"},
			false,
		},
	}
}

// ringme makes an application that users sign in through, as an administrator
// does: by the API of the control panel.
func (w *world) ringme(c *caller, key made) client {
	w.d.tb.Helper()
	var token struct {
		ID string `json:"id_token"`
	}
	ask := client{key.ClientID, key.Secret}.form("/console/sys/token", url.Values{"grant_type": {"client_credentials"}})
	if r := c.do(ask); r.into(&token) != nil || token.ID == "" {
		w.d.tb.Fatalf("no token of the control panel: %d %s", r.status, r.body)
	}
	q := postJSON("/console/api/v2/applications", map[string]string{"name": "АТС", "type": "password_credentials", "access": "All"})
	q.header = bearer(token.ID)
	var app struct {
		ID     string `json:"application-id"`
		Secret string `json:"application-secret"`
	}
	if r := c.do(q); r.into(&app) != nil || app.ID == "" {
		w.d.tb.Fatalf("no application: %d %s", r.status, r.body)
	}
	return client{app.ID, app.Secret}
}

// renewal is what one dialect went through in a round: a refresh that was
// answered, and one that the end of the server met.
type renewal struct {
	*caller
	way

	w      *world
	name   string
	before pair // shown for after
	after  pair
	shown  pair // shown when the end came
	answer pair // its answer; zero = none came
}

// renewal gets the families and renews. A dialect without a second answer has one
// living pair, so that one family goes through both.
func (w *world) renewal(name string, how way) *renewal {
	r := &renewal{caller: newCaller(w.d), way: how, w: w, name: name}
	r.before = r.pair(r.do(how.first))
	r.after = r.pair(r.do(how.next(r.before.Refresh)))
	r.shown = r.after
	if how.again {
		r.shown = r.pair(r.do(how.first))
	}
	return r
}

// wrong reports a broken promise.
func (r *renewal) wrong(format string, args ...any) {
	r.w.losses.Add(1)
	r.w.d.tb.Errorf("seed %d, %s: "+format, append([]any{r.w.seed, r.name}, args...)...)
}

// pair reads an answer that must hold tokens.
func (r *renewal) pair(got reply) pair {
	var members map[string]any
	err := got.into(&members)
	p := pair{}
	p.Access, _ = members[r.names[0]].(string)
	p.Refresh, _ = members[r.names[1]].(string)
	if got.status != http.StatusOK || err != nil || p.Access == "" || p.Refresh == "" {
		r.wrong("no pair: %d %s", got.status, got.trouble())
	}
	return p
}

// strike kills the server while every dialect refreshes.
func (w *world) strike(runs map[string]*renewal) {
	answers := map[string]chan reply{}
	for name, r := range runs {
		answers[name] = make(chan reply, 1)
		w.ledger.intents.Add(1)
		go func() { answers[name] <- r.do(r.next(r.shown.Refresh)) }()
	}
	pause(w.d.tb.Context(), w.between(0, 8*time.Millisecond))
	w.d.server.kill()
	for name, r := range runs {
		if got := <-answers[name]; got.vague() {
			w.ledger.doubts.Add(1)
		} else {
			w.ledger.acks.Add(1)
			r.answer = r.pair(got)
		}
	}
}

// check asks again for what was answered, and for what was not.
func (r *renewal) check() {
	r.w.ledger.checks.Add(1)
	if !r.again {
		r.checkOnce()
		return
	}
	r.same("an answer that was given", r.after, r.before.Refresh)
	if r.answer == (pair{}) {
		r.answer = r.pair(r.do(r.next(r.shown.Refresh)))
	}
	r.same("the last answer", r.answer, r.shown.Refresh)
	for _, p := range []pair{r.after, r.answer} {
		if got := r.do(r.use(p.Access)); got.status != http.StatusOK {
			r.wrong("I1: its access token gets %d %s", got.status, got.trouble())
		}
	}
	if got := r.do(r.next(r.before.Refresh)); got.status != http.StatusUnauthorized {
		r.wrong("I4: a spent token gets %d although its answer was used", got.status)
	}
	if got := r.do(r.use(r.after.Access)); got.status != http.StatusUnauthorized {
		r.wrong("I2: the family lives on after that: %d", got.status)
	}
}

// same asks for an answer once more.
func (r *renewal) same(what string, want pair, token string) {
	if got := r.pair(r.do(r.next(token))); got != want {
		r.wrong("I4: %s is not given again byte for byte: %v, was %v", what, got, want)
	}
}

// checkOnce is check where a spent token is refused at once: what was answered
// counts, and what was not has happened wholly or not at all.
func (r *renewal) checkOnce() {
	if r.answer != (pair{}) {
		r.pair(r.do(r.next(r.answer.Refresh)))
	} else if got := r.do(r.next(r.shown.Refresh)); got.status != http.StatusUnauthorized {
		r.pair(got)
	}
	if got := r.do(r.next(r.before.Refresh)); got.status != http.StatusUnauthorized {
		r.wrong("I2: a spent token gets %d", got.status)
	}
	p := r.pair(r.do(r.first)) // the way back
	var said struct{ Active bool }
	if got := r.do(r.use(p.Access)); got.into(&said) != nil || !said.Active {
		r.wrong("I1: a new access token is not active: %d %s", got.status, got.trouble())
	}
}
