package authority_test

import (
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"propusk/internal/authority"
)

// pair is an application and the user that it acts as.
type pair struct {
	*stage

	owner, app, credential authority.ID
	secret                 authority.Secret
}

// owned are the toy dialects, as one has them whose applications act as users.
func owned() []authority.Profile {
	all := profiles()
	for i := range all {
		all[i].Owned, all[i].TellsBlocked = true, true
		all[i].Reach = func(app authority.Principal) []authority.Permission {
			switch app.Traits.Access {
			case "calls":
				return []authority.Permission{"CallsList", "RecordRead"}
			case "nothing":
				return []authority.Permission{}
			}
			return nil
		}
	}
	return all
}

func eachPair(t *testing.T, fn func(t *testing.T, p *pair)) {
	eachOf(t, owned(), func(t *testing.T, s *stage) { fn(t, s.pair("all")) })
}

// pair makes the two; the owner holds one right, the application another.
func (s *stage) pair(access string) *pair {
	s.t.Helper()
	p := &pair{stage: s, owner: authority.NewID(), app: authority.NewID(), credential: authority.NewID()}
	p.secret = authority.NewSecretText(authority.ApplicationSecret, p.credential)
	digest, pepper, err := s.auth.Digest(authority.Production, authority.ApplicationSecret, p.secret)
	s.must(err)
	insert := `INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark, created_ms, traits)
		VALUES ($1, $2, 'production', $3, 'x', '', NULL, '', 0, 1, 0, 1, $4)`
	s.exec(insert, p.owner, s.account.ID, "user", "{}")
	s.exec(insert, p.app, s.account.ID, "application", `{"access":"`+access+`","owner":`+number(p.owner)+`}`)
	s.grantRole(p.owner, "OwnersRight")
	s.grantRole(p.app, "ApplicationsRight")
	s.exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest,
		pepper, hash, revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses)
		VALUES ($1, $2, $3, 'production', 'application_secret', $4, '', '', $5, $6, '', 1, 0, '[]', 0, 0, 0, 1, 0, '', 0)`,
		p.credential, s.account.ID, p.app, "client "+number(p.app), digest, pepper)
	return p
}

func number(id authority.ID) string { return strconv.FormatInt(int64(id), 10) }

func (s *stage) grantRole(principal authority.ID, permission string) {
	role := authority.NewID()
	s.exec(`INSERT INTO roles (id, account, name, permissions) VALUES ($1, $2, $3, $4)`,
		role, s.account.ID, permission+number(principal), `["`+permission+`"]`)
	s.exec(`INSERT INTO principal_roles (principal, role) VALUES ($1, $2)`, principal, role)
}

func (p *pair) request(dialect string) authority.IssueRequest {
	return authority.IssueRequest{
		Origin: p.origin(dialect), Kind: authority.ApplicationSecret, ClientID: "client " + number(p.app), Secret: p.secret,
	}
}

func (p *pair) token(dialect string) authority.Issued {
	p.t.Helper()
	out, err := p.auth.Issue(p.t.Context(), p.request(dialect))
	p.must(err)
	return out
}

func (p *pair) caller(dialect string, token authority.Secret) (authority.Caller, error) {
	return p.auth.Authenticate(p.t.Context(), p.origin(dialect), authority.Presented{Scheme: authority.Bearer, Token: token})
}

// set moves a flag of a principal as the admin slice does: with its entry.
func (p *pair) set(id authority.ID, disabled int) {
	p.t.Helper()
	p.exec(`UPDATE principals SET disabled = $1 WHERE id = $2`, disabled, id)
	p.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: id})
}

func TestAnApplicationActsAsItsOwner(t *testing.T) {
	eachPair(t, func(t *testing.T, p *pair) {
		for _, dialect := range dialects() {
			out := p.token(dialect)
			c, err := p.caller(dialect, out.Access)
			p.must(err)
			through, err := p.auth.Through(t.Context(), c)
			p.must(err)
			if c.Principal().ID != p.owner || !c.Can("OwnersRight") || c.Can("ApplicationsRight") || through.ID != p.app || c.Credential() != p.credential {
				t.Errorf("%s: acts as %d through %d with %v", dialect, c.Principal().ID, through.ID, c.Permissions())
			}
			if next, err := p.refresh(dialect, out.Refresh); err != nil {
				t.Errorf("%s: refresh: %v", dialect, err)
			} else if c, err = p.caller(dialect, next.Access); err != nil || c.Principal().ID != p.owner {
				t.Errorf("%s: after a refresh: %d, %v", dialect, c.Principal().ID, err)
			}
			client, err := p.auth.Client(t.Context(), p.origin(dialect), authority.ApplicationSecret, "client "+number(p.app), p.secret)
			p.must(err)
			if told, err := p.auth.Introspect(t.Context(), client, p.token(dialect).Access); err != nil || !told.Active || told.Subject != p.owner {
				t.Errorf("%s: the application's own token: %+v, %v", dialect, told, err)
			}
		}
	})
}

// The owner's rights are those of the moment of the call.
func TestTheOwnersRightsAreTodays(t *testing.T) {
	eachPair(t, func(t *testing.T, p *pair) {
		out := p.token("short")
		p.grantRole(p.owner, "Later")
		p.exec(`DELETE FROM principal_roles WHERE principal = $1 AND role IN (SELECT id FROM roles WHERE name LIKE 'OwnersRight%')`, p.owner)
		p.start() // as if the change were heard of
		c, err := p.caller("short", out.Access)
		if err != nil || !c.Can("Later") || c.Can("OwnersRight") {
			t.Errorf("%v, %v", c.Permissions(), err)
		}
	})
}

func TestAnApplicationsReachCutsItsOwner(t *testing.T) {
	eachOf(t, owned(), func(t *testing.T, s *stage) {
		for _, test := range []struct {
			access  string
			can, no authority.Permission
		}{
			{"all", "OwnersRight", "CallsList"}, {"calls", "CallsList", "OwnersRight"}, {"nothing", "", "CallsList"},
		} {
			p := s.pair(test.access)
			if test.access == "calls" {
				s.grantRole(p.owner, "CallsList")
			}
			for _, dialect := range dialects() {
				c, err := p.caller(dialect, p.token(dialect).Access)
				if err != nil || !c.Can(test.can) || c.Can(test.no) || (test.access == "nothing" && c.Can("OwnersRight")) {
					t.Errorf("%s, %s: %v, %v", dialect, test.access, c.Permissions(), err)
				}
			}
		}
	})
}

// Whatever ends one of the two ends what they have together; a blocked owner is
// told so as long as nothing else is wrong.
func TestBothEndsKill(t *testing.T) {
	tests := []struct {
		name  string
		end   func(*pair)
		code  authority.Code // of a token from before
		issue bool           // afterwards
	}{
		{"owner revoked", func(p *pair) { p.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: p.owner}) }, authority.InvalidToken, true},
		{"application revoked", func(p *pair) { p.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: p.app}) }, authority.InvalidToken, true},
		{"secret revoked", func(p *pair) { p.revoke(authority.Target{Scope: authority.ScopeCredential, ID: p.credential}) }, authority.InvalidToken, false},
		{"owner blocked", func(p *pair) { p.set(p.owner, 1) }, authority.Forbidden, false},
		{"application blocked", func(p *pair) { p.set(p.app, 1) }, authority.InvalidToken, false},
		{"both blocked", func(p *pair) { p.set(p.owner, 1); p.set(p.app, 1) }, authority.InvalidToken, false},
		{"owner blocked for a while", func(p *pair) { p.set(p.owner, 1); p.set(p.owner, 0) }, authority.InvalidToken, true},
		{"owner gone", func(p *pair) {
			p.exec(`DELETE FROM principal_roles WHERE principal = $1`, p.owner)
			p.exec(`DELETE FROM principals WHERE id = $1`, p.owner)
			p.start()
		}, authority.InvalidToken, false},
	}
	eachOf(t, owned(), func(t *testing.T, s *stage) {
		for _, test := range tests {
			p := s.pair("all")
			tokens := map[string]authority.Issued{}
			for _, dialect := range dialects()[:3] {
				tokens[dialect] = p.token(dialect)
				p.alive(dialect, tokens[dialect].Access)
			}
			test.end(p)
			for dialect, out := range tokens {
				if err := p.enter(dialect, out.Access); authority.CodeOf(err) != test.code {
					t.Errorf("%s, %s: %v", test.name, dialect, err)
				}
				if _, err := p.refresh(dialect, out.Refresh); authority.CodeOf(err) != authority.InvalidGrant {
					t.Errorf("%s, %s: refresh: %v", test.name, dialect, err)
				}
				if _, err := p.auth.Issue(t.Context(), p.request(dialect)); (err == nil) != test.issue {
					t.Errorf("%s, %s: issue: %v", test.name, dialect, err)
				}
			}
		}
	})
}

// TestNoOrderRevivesAnActingToken runs random orders of what can befall the two.
func TestNoOrderRevivesAnActingToken(t *testing.T) {
	eachPair(t, func(t *testing.T, p *pair) {
		rapid.Check(t, func(rt *rapid.T) {
			p.set(p.owner, 0)
			p.set(p.app, 0)
			m := &model{}
			blocked := map[authority.ID]bool{}
			for range rapid.IntRange(3, 15).Draw(rt, "steps") {
				p.step(rt, m, blocked)
			}
			for _, token := range m.tokens {
				if err := p.enter(token.dialect, token.access); (err == nil) == token.dead {
					rt.Fatalf("%s token: dead %v, but entering gave %v", token.dialect, token.dead, err)
				}
			}
		})
	})
}

func (p *pair) step(rt *rapid.T, m *model, blocked map[authority.ID]bool) {
	all := func(*modelToken) bool { return true }
	which := rapid.SampledFrom([]authority.ID{p.owner, p.app}).Draw(rt, "which")
	switch rapid.SampledFrom([]string{"issue", "issue", "issue", "use", "revoke", "block", "unblock", "restart"}).Draw(rt, "step") {
	case "issue":
		dialect := rapid.SampledFrom([]string{"jot", "seal", "short"}).Draw(rt, "dialect")
		out, err := p.auth.Issue(p.t.Context(), p.request(dialect))
		if (err != nil) != (blocked[p.owner] || blocked[p.app]) {
			rt.Fatalf("issue while blocked %v: %v", blocked, err)
		}
		if err == nil {
			m.tokens = append(m.tokens, &modelToken{dialect: dialect, grant: out.Grant, access: out.Access})
		}
	case "use":
		for _, token := range m.tokens {
			_ = p.enter(token.dialect, token.access)
		}
	case "revoke":
		p.revoke(authority.Target{Scope: authority.ScopePrincipal, ID: which})
		m.kill(all)
	case "block", "unblock":
		on := rapid.Bool().Draw(rt, "on")
		blocked[which] = on
		p.set(which, map[bool]int{true: 1}[on])
		m.kill(all)
	case "restart":
		p.start()
	}
}

// A grant without a refresh token leaves with its access token.
func TestWithoutRefreshTheRowLeavesEarly(t *testing.T) {
	eachPair(t, func(t *testing.T, p *pair) {
		for _, dialect := range dialects() {
			req := p.request(dialect)
			req.NoRefresh = true
			out, err := p.auth.Issue(t.Context(), req)
			p.must(err)
			if !out.Refresh.Empty() || !out.RefreshExpires.IsZero() {
				t.Errorf("%s: a refresh token was made", dialect)
			}
			if n := p.count(`SELECT count(*) FROM grants WHERE id = $1 AND gone_ms = access_expires_ms`, out.Grant); n != 1 {
				t.Errorf("%s: the row stays longer than the access token", dialect)
			}
		}
	})
}
