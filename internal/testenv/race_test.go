package testenv_test

import (
	"net/http"
	"sync"
	"testing"

	"propusk/internal/demo"
	"propusk/internal/store"
	"propusk/internal/testenv"
)

// family is how a dialect's tokens are got, renewed and used over HTTP.
type family struct {
	first  testenv.Call
	next   func(refresh string) testenv.Call
	use    func(access string) testenv.Call
	names  [2]string // members that hold the access and the refresh token
	single bool      // a new pair ends the former one, and no answer is given twice
}

// pair is what an answer hands out; zero = it was refused.
type pair struct{ access, refresh string }

func (f family) read(t *testing.T, a testenv.Answer) pair {
	t.Helper()
	if a.Status == http.StatusUnauthorized {
		return pair{}
	}
	p := pair{a.Field(t, f.names[0]), a.Field(t, f.names[1])}
	if a.Status != http.StatusOK || p.access == "" || p.refresh == "" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	return p
}

// families lists the dialects that refresh. The operator's access tokens are
// asked about at the standard door, which says what its methods would.
func families(a demo.Account) map[string]family {
	form := func(path, body string) testenv.Call {
		return testenv.Call{Stand: a.Stand, Path: path, Type: testenv.Form, Body: body}
	}
	get := func(path string) func(string) testenv.Call {
		return func(token string) testenv.Call {
			return testenv.Call{Stand: a.Stand, Path: path}.With(testenv.Bearer(token)...)
		}
	}
	lower := [2]string{"access_token", "refresh_token"}
	app, user := a.Ringme.Password, a.Ringme.User
	client := testenv.Basic(app.ApplicationID, app.ApplicationSecret)
	const operator = "/api/v1/auth/integrationapi/"
	return map[string]family{
		"hubex": {
			hubexDoor("serviceToken")(nil, a, a.HubEx.ServiceToken),
			func(token string) testenv.Call { return hubexDoor("refreshJwt")(nil, a, token) }, get(taskPath + "?fetch=1"), lower, false,
		},
		"smarts": {
			smartsForm(a, "/api/session", a.Smarts.External.Password),
			func(token string) testenv.Call {
				return form("/oauth/token", "grant_type=refresh_token&refresh_token="+testenv.Escape(token))
			},
			get("/api/v1/Users?$top=1"),
			[2]string{"Access_token", "Refresh_token"},
			false,
		},
		"ringme": {
			form("/oauth/token", "grant_type=password&username="+user.Login+"&password="+testenv.Escape(user.Password)).With(client...),
			func(token string) testenv.Call {
				return form("/oauth/token", "grant_type=refresh_token&refresh_token="+testenv.Escape(token)).With(client...)
			},
			get("/api/ver1.0/user/"), lower, false,
		},
		"operator": {
			get(operator + "create")(a.Operator.AuthorizationToken), get(operator + "refresh"), nil,
			[2]string{"accessToken", "refreshToken"},
			true,
		},
	}
}

// track is one dialect's races on one server.
type track struct {
	*testenv.Env
	family

	account demo.Account
}

// alive reports whether an access token is accepted.
func (r track) alive(t *testing.T, access string) bool {
	t.Helper()
	if r.use != nil {
		return r.Do(t, r.use(access)).Status == http.StatusOK
	}
	var said struct{ Active bool }
	r.Ask(t, r.account, access).JSON(t, &said)
	return said.Active
}

// together sends n calls at once.
func (r track) together(t *testing.T, n int, call testenv.Call) []pair {
	t.Helper()
	out := make([]pair, n)
	var wg sync.WaitGroup
	for i := range out {
		wg.Go(func() {
			a, err := r.Try(t, call)
			if err != nil {
				t.Error(err)
				return
			}
			out[i] = r.read(t, a)
		})
	}
	wg.Wait()
	return out
}

func (r track) start(t *testing.T) pair {
	t.Helper()
	return r.read(t, r.Do(t, r.first))
}

// refreshes is B28: one token shown fifty times at once gives one chain, and
// where no answer is given twice the others were theft.
func (r track) refreshes(t *testing.T) {
	first := r.start(t)
	answers := map[pair]int{}
	for _, p := range r.together(t, 50, r.next(first.refresh)) {
		answers[p]++
	}
	refused := answers[pair{}]
	delete(answers, pair{})
	if len(answers) != 1 || (refused != 0) != r.single {
		t.Fatalf("%d chains of one token, %d refused", len(answers), refused)
	}
	for p := range answers {
		if r.alive(t, p.access) == r.single {
			t.Errorf("the pair lives: %v", !r.single)
		}
		if next := r.read(t, r.Do(t, r.next(p.refresh))); (next == pair{}) != r.single {
			t.Errorf("the chain goes on: %v", r.single)
		}
	}
}

// creates asks for 32 pairs at once: exactly one lives, and goes on.
func (r track) creates(t *testing.T) {
	living := 0
	for _, p := range r.together(t, 32, r.first) {
		if !r.alive(t, p.access) {
			continue
		}
		living++
		if next := r.read(t, r.Do(t, r.next(p.refresh))); next == (pair{}) || !r.alive(t, next.access) {
			t.Error("the living pair does not go on")
		}
	}
	if living != 1 {
		t.Fatalf("%d pairs live", living)
	}
}

// revoked revokes beside refreshes (B29): nothing of the family is left, whoever
// came first.
func (r track) revoked(t *testing.T) {
	first := r.start(t)
	answers := make(chan []pair, 1)
	go func() { answers <- r.together(t, 4, r.next(first.refresh)) }()
	if a := r.Revoke(t, r.account, first.refresh); a.Status != http.StatusOK {
		t.Fatalf("revoke: %d", a.Status)
	}
	if r.alive(t, first.access) {
		t.Fatal("alive after the answer to its revocation")
	}
	for _, p := range <-answers {
		if p == (pair{}) {
			continue
		}
		if r.alive(t, p.access) || r.read(t, r.Do(t, r.next(p.refresh))) != (pair{}) {
			t.Fatal("a successor outlives the revocation")
		}
	}
}

// races runs each race so many times, for each dialect, on both engines.
func races(t *testing.T, refreshes, creates, revokes int) {
	for _, driver := range []string{store.SQLite, store.Postgres} {
		t.Run(driver, func(t *testing.T) {
			e := testenv.Start(t, testenv.Options{Driver: driver, Tasks: 5})
			a := e.Fixture.Accounts[0]
			for name, f := range families(a) {
				r := track{e, f, a}
				t.Run(name, func(t *testing.T) {
					repeat(t, refreshes, r.refreshes)
					repeat(t, revokes, r.revoked)
					if r.single {
						repeat(t, creates, r.creates)
					}
				})
			}
		})
	}
}

func repeat(t *testing.T, rounds int, race func(*testing.T)) {
	t.Helper()
	for range rounds {
		if race(t); t.Failed() {
			return
		}
	}
}

// Every dialect that refreshes, through its own door. The long form is
// TestTortureRaces.
func TestRaces(t *testing.T) { races(t, 2, 2, 6) }
