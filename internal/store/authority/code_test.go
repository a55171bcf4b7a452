package authority_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"propusk/internal/authority"
	"propusk/internal/store"
)

// coded are the toy dialects, as those have them whose users let applications act
// as them.
func coded() []authority.Profile {
	all := owned()
	for i := range all {
		all[i].Codes = &authority.CodeRules{
			AnyPort: all[i].Dialect == "jot",
			Takes:   func(app authority.Principal) bool { return app.Traits.Type != "trusted" },
			Scope: func(text string) ([]authority.Permission, error) {
				if text == "bad scope" {
					return nil, authority.E(authority.InvalidScope, "no scope")
				}
				if text == "" {
					return nil, nil
				}
				return []authority.Permission{authority.Permission(text), "Never"}, nil
			},
		}
	}
	return all
}

const (
	callback = "https://app.example/back?x=1"
	verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)

func challenge(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// flow is an application, its user and somebody else's account beside them.
type flow struct {
	*stage

	dialect   string
	client    string
	app, cred authority.ID
	secret    authority.Secret
	user      person
	caller    authority.Caller
}

// eachFlow gives an application of one dialect to fn; traits are its JSON.
func eachFlow(t *testing.T, dialect, traits string, fn func(t *testing.T, f *flow)) {
	eachOf(t, coded(), func(t *testing.T, s *stage) { fn(t, s.flow(dialect, traits)) })
}

func (s *stage) flow(dialect, traits string) *flow {
	f := &flow{stage: s, dialect: dialect, app: authority.NewID(), cred: authority.NewID()}
	f.client = "client " + number(f.app)
	f.secret = authority.NewSecretText(authority.ApplicationSecret, f.cred)
	digest, pepper, err := s.auth.Digest(authority.Production, authority.ApplicationSecret, f.secret)
	s.must(err)
	s.exec(`INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark, created_ms, traits)
		VALUES ($1, $2, 'production', 'application', 'x', '', NULL, '', 0, 1, 0, 1, $3)`, f.app, s.account.ID, traits)
	s.exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest,
		pepper, hash, revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses)
		VALUES ($1, $2, $3, 'production', 'application_secret', $4, $5, '', $6, $7, '', 1, 0, '[]', 0, 0, 0, 1, 0, '', 0)`,
		f.cred, s.account.ID, f.app, f.client, dialect, digest, pepper)
	f.user = s.addUser("user"+number(f.app), "correct horse")
	s.grantRole(f.user.id, "UsersRight")
	f.caller = f.signIn()
	return f
}

// signIn is the user as the console knows him.
func (f *flow) signIn() authority.Caller {
	f.t.Helper()
	out, err := f.auth.Issue(f.t.Context(), authority.IssueRequest{
		Origin: f.origin("seal"), Kind: authority.Password, ClientID: f.user.login, Secret: authority.NewSecret(f.user.password),
	})
	f.must(err)
	return out.Caller
}

const (
	secretless = `{"redirect_uris":["` + callback + `"],"no_secret":true}`
	withSecret = `{"redirect_uris":["` + callback + `"]}`
)

func (f *flow) question() authority.CodeRequest {
	return authority.CodeRequest{
		Stand: authority.Production, ResponseType: "code", ClientID: f.client, RedirectURI: callback, Challenge: challenge(verifier), Method: "S256",
	}
}

func (f *flow) code() authority.Secret {
	f.t.Helper()
	code, _, err := f.auth.Approve(f.t.Context(), f.caller, f.question(), true)
	f.must(err)
	return code
}

func (f *flow) exchange(code authority.Secret) authority.RedeemRequest {
	return authority.RedeemRequest{
		Origin: f.origin(f.dialect), ClientID: f.client, Code: code, RedirectURI: callback, Verifier: authority.NewSecret(verifier),
	}
}

func (f *flow) redeem(r authority.RedeemRequest) (authority.Issued, error) {
	return f.auth.Redeem(f.t.Context(), r)
}

func TestACodeActsAsTheUserWhoApproved(t *testing.T) {
	eachOf(t, coded(), func(t *testing.T, s *stage) {
		for _, dialect := range dialects() {
			f := s.flow(dialect, secretless)
			out, err := f.redeem(f.exchange(f.code()))
			f.must(err)
			p := pair{stage: s}
			c, err := p.caller(dialect, out.Access)
			f.must(err)
			through, err := f.auth.Through(t.Context(), c)
			f.must(err)
			if c.Principal().ID != f.user.id || !c.Can("UsersRight") || through.ID != f.app || c.Credential() != f.cred {
				t.Errorf("%s: acts as %d through %d with %v", dialect, c.Principal().ID, through.ID, c.Permissions())
			}
			next, err := f.refresh(dialect, out.Refresh)
			f.must(err)
			f.alive(dialect, next.Access)
			if n := f.count(`SELECT count(*) FROM audit WHERE verb IN ('consent.give', 'code.issue', 'token.issue') AND dialect = $1 AND outcome = 'done'`, dialect); n < 3 {
				t.Errorf("%s: %d entries", dialect, n)
			}
		}
	})
}

// Nothing about a wrong exchange is told apart, and nothing of it touches the
// code: B33.
func TestAWrongExchangeIsRefusedAndTakesNothing(t *testing.T) {
	eachFlow(t, "short", secretless, func(t *testing.T, f *flow) {
		code := f.code()
		other := f.stage.flow("short", secretless)
		wrong := map[string]func(*authority.RedeemRequest){
			"unknown code":  func(r *authority.RedeemRequest) { r.Code = authority.NewSecret(code.Reveal()[1:] + "x") },
			"no code":       func(r *authority.RedeemRequest) { r.Code = authority.Secret{} },
			"another case":  func(r *authority.RedeemRequest) { r.RedirectURI = "https://APP.example/back?x=1" },
			"port":          func(r *authority.RedeemRequest) { r.RedirectURI = "https://app.example:443/back?x=1" },
			"slash":         func(r *authority.RedeemRequest) { r.RedirectURI = callback + "/" },
			"encoded":       func(r *authority.RedeemRequest) { r.RedirectURI = "https://app.example/%62ack?x=1" },
			"more query":    func(r *authority.RedeemRequest) { r.RedirectURI = callback + "&y=1" },
			"no redirect":   func(r *authority.RedeemRequest) { r.RedirectURI = "" },
			"no verifier":   func(r *authority.RedeemRequest) { r.Verifier = authority.Secret{} },
			"wrong":         func(r *authority.RedeemRequest) { r.Verifier = authority.NewSecret(verifier[1:] + "x") },
			"the challenge": func(r *authority.RedeemRequest) { r.Verifier = authority.NewSecret(challenge(verifier)) },
			"other client":  func(r *authority.RedeemRequest) { r.ClientID = other.client },
		}
		for name, change := range wrong {
			r := f.exchange(code)
			change(&r)
			_, err := f.redeem(r)
			var e *authority.Error
			if !errors.As(err, &e) || e.Code != authority.InvalidGrant || e.Message != "the code is not valid" {
				t.Errorf("%s: %v", name, err)
			}
		}
		out, err := f.redeem(f.exchange(code))
		if err != nil {
			t.Fatalf("afterwards: %v", err)
		}
		r := f.exchange(code)
		r.Verifier = authority.NewSecret("another")
		_, _ = f.redeem(r)
		f.alive("short", out.Access) // who has but seen the code ends nothing
	})
}

// Whoever has a secret shows it; a verifier that nobody asked for is refused.
func TestApplicationsWithASecretShowIt(t *testing.T) {
	eachFlow(t, "jot", withSecret, func(t *testing.T, f *flow) {
		ask := func(challenged, verified bool) error {
			q := f.question()
			if !challenged {
				q.Challenge, q.Method = "", ""
			}
			code, _, err := f.auth.Approve(t.Context(), f.caller, q, true)
			f.must(err)
			r := f.exchange(code)
			if _, err := f.redeem(r); authority.CodeOf(err) != authority.InvalidClient {
				t.Errorf("without the secret: %v", err)
			}
			if r.Secret = f.secret; !verified {
				r.Verifier = authority.Secret{}
			}
			_, err = f.redeem(r)
			return err
		}
		for _, test := range []struct{ challenged, verified, ok bool }{{true, true, true}, {false, false, true}, {true, false, false}, {false, true, false}} {
			if err := ask(test.challenged, test.verified); (err == nil) != test.ok {
				t.Errorf("%+v: %v", test, err)
			}
		}
	})
}

func TestASecondUseEndsWhatTheFirstGave(t *testing.T) {
	for _, late := range []time.Duration{0, 2 * time.Minute} {
		eachFlow(t, "seal", secretless, func(t *testing.T, f *flow) {
			code := f.code()
			out, err := f.redeem(f.exchange(code))
			f.must(err)
			f.clock.Advance(late)
			f.alive("seal", out.Access)
			for range 2 {
				if _, err := f.redeem(f.exchange(code)); authority.CodeOf(err) != authority.InvalidGrant {
					t.Errorf("second use: %v", err)
				}
			}
			f.dead("seal", out.Access)
			if _, err := f.refresh("seal", out.Refresh); authority.CodeOf(err) != authority.InvalidGrant {
				t.Errorf("refresh: %v", err)
			}
			f.start()
			f.dead("seal", out.Access)
			if n := f.count(`SELECT count(*) FROM audit WHERE reason = 'code_reused' AND grant_id = $1`, out.Grant); n != 1 {
				t.Errorf("%d entries of the second use", n)
			}
		})
	}
}

func TestACodeLivesAMinute(t *testing.T) {
	eachFlow(t, "jot", secretless, func(t *testing.T, f *flow) {
		early, late := f.code(), f.code()
		f.clock.Advance(time.Minute - time.Millisecond)
		if _, err := f.redeem(f.exchange(early)); err != nil {
			t.Errorf("within the minute: %v", err)
		}
		f.clock.Advance(time.Millisecond)
		if _, err := f.redeem(f.exchange(late)); authority.CodeOf(err) != authority.InvalidGrant {
			t.Errorf("after it: %v", err)
		}
	})
}

func TestOfManyExchangesOneWins(t *testing.T) {
	eachFlow(t, "pair", secretless, func(t *testing.T, f *flow) {
		for range 3 {
			code := f.code()
			var mu sync.Mutex
			var got []authority.Issued
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					out, err := f.redeem(f.exchange(code))
					if err != nil && authority.CodeOf(err) != authority.InvalidGrant {
						t.Errorf("%v", err)
					}
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						got = append(got, out)
					}
				})
			}
			wg.Wait()
			if len(got) != 1 {
				t.Fatalf("%d exchanges won", len(got))
			}
			f.dead("pair", got[0].Access) // the others were second uses
		}
	})
}

func TestAWriteThatFailsTakesNothing(t *testing.T) {
	eachFlow(t, "jot", secretless, func(t *testing.T, f *flow) {
		code := f.code()
		f.must(f.db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`ALTER TABLE grants RENAME TO grants_away`)
			return err
		}))
		if _, err := f.redeem(f.exchange(code)); err == nil {
			t.Fatal("exchanged without a table of grants")
		}
		f.exec(`ALTER TABLE grants_away RENAME TO grants`)
		if _, err := f.redeem(f.exchange(code)); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// What comes between approval and exchange kills the code, and lifting it again
// revives nothing.
func TestWhatEndsTheTwoEndsTheirCode(t *testing.T) {
	ends := map[string]func(*flow){
		"user":        func(f *flow) { f.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: f.user.id}) },
		"application": func(f *flow) { f.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: f.app}) },
		"account":     func(f *flow) { f.revoke(authority.Target{Scope: authority.ScopeAccount, ID: f.account.ID}) },
		"blocked for a while": func(f *flow) {
			(&pair{stage: f.stage}).set(f.user.id, 1)
			(&pair{stage: f.stage}).set(f.user.id, 0)
		},
		"user blocked":      func(f *flow) { (&pair{stage: f.stage}).set(f.user.id, 1) },
		"restore":           func(f *flow) { f.exec(`UPDATE stands SET epoch = epoch + 1`); f.start() },
		"consent withdrawn": func(f *flow) { f.exec(`DELETE FROM consents WHERE principal = $1`, f.user.id) },
		"consent given anew": func(f *flow) {
			f.exec(`DELETE FROM consents WHERE principal = $1`, f.user.id)
			f.code()
		},
	}
	eachOf(t, coded(), func(t *testing.T, s *stage) {
		for name, end := range ends {
			f := s.flow("jot", secretless)
			code := f.code()
			end(f)
			if _, err := f.redeem(f.exchange(code)); authority.CodeOf(err) != authority.InvalidGrant && authority.CodeOf(err) != authority.InvalidClient {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestNoOrderRevivesACode runs random orders of what can befall a code and what
// it was exchanged for.
func TestNoOrderRevivesACode(t *testing.T) {
	eachFlow(t, "short", secretless, func(t *testing.T, f *flow) {
		rapid.Check(t, func(rt *rapid.T) {
			f.caller = f.signIn()
			m := &codeModel{}
			for range rapid.IntRange(3, 14).Draw(rt, "steps") {
				m.step(rt, f)
			}
			for _, c := range m.codes {
				if c.token.Empty() {
					continue
				}
				if err := f.enter("short", c.token); (err == nil) == c.dead {
					rt.Fatalf("a token: dead %v, but entering gave %v", c.dead, err)
				}
			}
		})
	})
}

// codeModel is the specification in a few lines: a code gives one token, once,
// unless something came between; using it again ends that.
type codeModel struct{ codes []*modelCode }

type modelCode struct {
	text       authority.Secret
	made       time.Time
	dead, used bool
	token      authority.Secret
	grant      authority.ID
}

func (m *codeModel) step(rt *rapid.T, f *flow) {
	switch rapid.SampledFrom([]string{"issue", "issue", "exchange", "exchange", "exchange", "revoke", "withdraw", "wait", "restart"}).Draw(rt, "step") {
	case "issue":
		m.codes = append(m.codes, &modelCode{text: f.code(), made: f.clock.Now()})
	case "exchange":
		if len(m.codes) > 0 {
			m.exchange(rt, f, rapid.SampledFrom(m.codes).Draw(rt, "code"))
		}
	case "revoke":
		id := rapid.SampledFrom([]authority.ID{f.user.id, f.app}).Draw(rt, "whom")
		f.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: id})
		m.end(func(*modelCode) bool { return true })
	case "withdraw":
		f.exec(`DELETE FROM consents WHERE principal = $1`, f.user.id)
		m.end(func(c *modelCode) bool { return !c.used }) // its grants are the admin slice's to end
	case "wait":
		f.clock.Advance(time.Duration(rapid.IntRange(1, 40).Draw(rt, "seconds")) * time.Second)
	case "restart":
		f.start()
	}
}

func (m *codeModel) end(which func(*modelCode) bool) {
	for _, c := range m.codes {
		c.dead = c.dead || which(c)
	}
}

func (m *codeModel) exchange(rt *rapid.T, f *flow, c *modelCode) {
	out, err := f.redeem(f.exchange(c.text))
	fresh := !c.dead && !c.used && f.clock.Now().Before(c.made.Add(time.Minute))
	if (err == nil) != fresh {
		rt.Fatalf("an exchange: dead %v, used %v, and it gave %v", c.dead, c.used, err)
	}
	if c.used {
		c.dead = true
	}
	if err == nil {
		c.used, c.token, c.grant = true, out.Access, out.Grant
	}
}

func TestCodesLeave(t *testing.T) {
	eachFlow(t, "short", secretless, func(t *testing.T, f *flow) {
		unused, used := f.code(), f.code()
		out, err := f.redeem(f.exchange(used))
		f.must(err)
		left := func(after time.Duration) int {
			f.exec(`UPDATE codes SET gone_ms = gone_ms - $1`, after.Milliseconds())
			_, err := f.store.Purge(t.Context())
			f.must(err)
			return f.count(`SELECT count(*) FROM codes`)
		}
		if n := left(2 * time.Minute); n != 1 {
			t.Errorf("%d codes after two minutes", n)
		}
		if _, err := f.redeem(f.exchange(unused)); authority.CodeOf(err) != authority.InvalidGrant {
			t.Errorf("a code that has left: %v", err)
		}
		if n := left(24 * time.Hour); n != 0 {
			t.Errorf("%d codes after a day", n)
		}
		f.alive("short", out.Access)
	})
}
