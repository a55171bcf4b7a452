package authority_test

import (
	"slices"
	"testing"

	"propusk/internal/authority"
)

func TestInquireTrustsNoRequest(t *testing.T) {
	eachFlow(t, "jot", `{"redirect_uris":["`+callback+`","http://127.0.0.1/cb","http://[::1]:1/cb?a","http://localhost/cb"],"no_secret":true}`,
		func(t *testing.T, f *flow) {
			one := f.stage.flow("jot", withSecret)
			two := f.stage.flow("seal", `{"type":"trusted","redirect_uris":["`+callback+`"]}`)
			off := f.stage.flow("jot", secretless)
			(&pair{stage: f.stage}).set(off.app, 1)
			for _, test := range []struct {
				name   string
				change func(*authority.CodeRequest)
				code   authority.Code
				back   string // where the answer goes
			}{
				{"right", func(*authority.CodeRequest) {}, "", callback},
				{"unknown client", func(q *authority.CodeRequest) { q.ClientID = "nobody" }, authority.InvalidRequest, ""},
				{"no client", func(q *authority.CodeRequest) { q.ClientID = "" }, authority.InvalidRequest, ""},
				{"blocked", func(q *authority.CodeRequest) { q.ClientID = off.client }, authority.InvalidRequest, ""},
				{"other stand", func(q *authority.CodeRequest) { q.Stand = authority.Test }, authority.InvalidRequest, ""},
				{"foreign address", func(q *authority.CodeRequest) { q.RedirectURI = "https://evil.example/" }, authority.InvalidRequest, ""},
				{"part of it", func(q *authority.CodeRequest) { q.RedirectURI = "https://app.example/back" }, authority.InvalidRequest, ""},
				{"case", func(q *authority.CodeRequest) { q.RedirectURI = "HTTPS://app.example/back?x=1" }, authority.InvalidRequest, ""},
				{"none of several", func(q *authority.CodeRequest) { q.RedirectURI = "" }, authority.InvalidRequest, ""},
				{"the only one", func(q *authority.CodeRequest) { q.ClientID, q.RedirectURI = one.client, "" }, "", callback},
				{"any port", func(q *authority.CodeRequest) { q.RedirectURI = "http://127.0.0.1:51234/cb" }, "", "http://127.0.0.1:51234/cb"},
				{"any port, six", func(q *authority.CodeRequest) { q.RedirectURI = "http://[::1]:9/cb?a" }, "", "http://[::1]:9/cb?a"},
				{"its path", func(q *authority.CodeRequest) { q.RedirectURI = "http://127.0.0.1:51234/cb/x" }, authority.InvalidRequest, ""},
				{"a user", func(q *authority.CodeRequest) { q.RedirectURI = "http://127.0.0.1:1@evil.example/cb" }, authority.InvalidRequest, ""},
				{"more digits", func(q *authority.CodeRequest) { q.RedirectURI = "http://127.0.0.1.evil.example/cb" }, authority.InvalidRequest, ""},
				{"a name", func(q *authority.CodeRequest) { q.RedirectURI = "http://localhost:51234/cb" }, authority.InvalidRequest, ""},
				{"response type", func(q *authority.CodeRequest) { q.ResponseType = "token" }, authority.UnsupportedGrantType, callback},
				{"no response type", func(q *authority.CodeRequest) { q.ResponseType = "" }, authority.InvalidRequest, callback},
				{"scope", func(q *authority.CodeRequest) { q.Scope = "bad scope" }, authority.InvalidScope, callback},
				{"type", func(q *authority.CodeRequest) { q.ClientID = two.client }, authority.UnauthorizedClient, callback},
				{"no PKCE", func(q *authority.CodeRequest) { q.Challenge, q.Method = "", "" }, authority.InvalidRequest, callback},
				{"plain", func(q *authority.CodeRequest) { q.Method = "plain" }, authority.InvalidRequest, callback},
				{"no method", func(q *authority.CodeRequest) { q.Method = "" }, authority.InvalidRequest, callback},
				{"no challenge", func(q *authority.CodeRequest) { q.Challenge = "" }, authority.InvalidRequest, callback},
				{"short challenge", func(q *authority.CodeRequest) { q.Challenge = q.Challenge[1:] }, authority.InvalidRequest, callback},
				{"standard base64", func(q *authority.CodeRequest) { q.Challenge = "+" + q.Challenge[1:] }, authority.InvalidRequest, callback},
				{"PKCE with a secret", func(q *authority.CodeRequest) { q.ClientID, q.Challenge, q.Method = one.client, "", "" }, "", callback},
			} {
				q := f.question()
				test.change(&q)
				i, err := f.auth.Inquire(t.Context(), q)
				if authority.CodeOf(err) != test.code || i.Redirect != test.back {
					t.Errorf("%s: %v, back to %q", test.name, err, i.Redirect)
				}
			}
		})
}

func TestConsentIsAskedOnce(t *testing.T) {
	eachFlow(t, "jot", secretless, func(t *testing.T, f *flow) {
		f.grantRole(f.user.id, "Later")
		f.caller = f.signIn()
		narrow, wide := f.question(), f.question()
		narrow.Scope = "UsersRight"
		given := func(q authority.CodeRequest) bool {
			o, err := f.auth.Offer(t.Context(), f.caller, q)
			f.must(err)
			return o.Given
		}
		if _, _, err := f.auth.Approve(t.Context(), f.caller, narrow, false); authority.CodeOf(err) != authority.Conflict || given(narrow) {
			t.Fatalf("unasked: %v", err)
		}
		code, o, err := f.auth.Approve(t.Context(), f.caller, narrow, true)
		f.must(err)
		if !slices.Equal(o.Scope, []authority.Permission{"UsersRight"}) || !given(narrow) || given(wide) {
			t.Errorf("the narrow scope: %v", o.Scope)
		}
		out, err := f.redeem(f.exchange(code))
		f.must(err)
		if c, err := (&pair{stage: f.stage}).caller("jot", out.Access); err != nil || !c.Can("UsersRight") || c.Can("Later") {
			t.Errorf("the token may %v, %v", c.Permissions(), err)
		}
		later := f.question()
		later.Scope = "Later"
		if given(later) {
			t.Error("another scope needs no question")
		}
		_, _, err = f.auth.Approve(t.Context(), f.caller, later, true)
		f.must(err)
		if !given(narrow) || !given(later) || given(wide) {
			t.Error("two consents are not both")
		}
		_, _, err = f.auth.Approve(t.Context(), f.caller, wide, true)
		f.must(err)
		if !given(wide) || !given(later) {
			t.Error("everything does not cover a part")
		}
		if _, _, err := f.auth.Approve(t.Context(), f.caller, narrow, false); err != nil {
			t.Errorf("straight through: %v", err)
		}
		none := f.question()
		none.Scope = "Nothing"
		if _, err := f.auth.Offer(t.Context(), f.caller, none); authority.CodeOf(err) != authority.InvalidScope {
			t.Errorf("a scope that he has nothing of: %v", err)
		}
		_, err = f.auth.Deny(t.Context(), f.caller, narrow)
		f.must(err)
		f.must(f.auth.Flush(t.Context()))
		if n := f.count(`SELECT count(*) FROM audit WHERE verb = 'consent.give'`); n != 3 {
			t.Errorf("%d consents in the audit", n)
		}
		if n := f.count(`SELECT count(*) FROM audit WHERE verb = 'consent.refuse' AND outcome = 'refused'`); n != 1 {
			t.Errorf("%d refusals in the audit", n)
		}
	})
}

// Who is of another account meets an application that is not there (rule 9), and
// who is no user lets nobody act as him.
func TestWhoMayApprove(t *testing.T) {
	eachFlow(t, "jot", secretless, func(t *testing.T, f *flow) {
		unknown := f.question()
		unknown.ClientID = "nobody"
		_, nobody := f.auth.Offer(t.Context(), f.caller, unknown)
		theirs := authority.Account{ID: authority.NewID(), Stand: authority.Production}
		stranger := authority.System(authority.Production, theirs, "", "test")
		o, err := f.auth.Offer(t.Context(), stranger, f.question())
		if err == nil || nobody == nil || err.Error() != nobody.Error() || o.Redirect != "" || o.Application.ID != 0 {
			t.Errorf("another account: %v, %+v; nobody's: %v", err, o, nobody)
		}
		if _, err := f.auth.Offer(t.Context(), f.system(), f.question()); authority.CodeOf(err) != authority.Forbidden {
			t.Errorf("the system: %v", err)
		}
		f.exec(`UPDATE principals SET keys_off = 1 WHERE id = $1`, f.user.id)
		f.start()
		code, _, err := f.auth.Approve(t.Context(), f.caller, f.question(), true)
		if err == nil {
			_, err = f.redeem(f.exchange(code))
		}
		if err == nil {
			t.Error("a user without token access let an application act as him")
		}
	})
}
