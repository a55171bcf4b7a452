package admin_test

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// Rule 13: each change leaves one entry that says who, in which account.
func TestEveryChangeIsAudited(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		b := p.own()
		ctx := t.Context()
		w.must(only(w.admin.ChangeServiceUser(ctx, p.admin, admin.PrincipalEdit{ID: b.serviceUser, Name: ptr("x")})))
		w.must(only(w.admin.ChangeSettings(ctx, p.admin, admin.SettingsPatch{Strict: map[string]bool{"toy": true}})))
		w.must(only(w.admin.RenameArea(ctx, p.admin, b.area, "x")))
		w.must(w.admin.DeleteArea(ctx, p.admin, b.area))
		w.must(w.admin.RevokeCredential(ctx, p.admin, b.credential))
		w.must(w.admin.RevokeGrant(ctx, p.admin, b.grant))
		w.must(w.admin.DeleteServiceUser(ctx, p.admin, b.serviceUser))
		w.refused(w.admin.DeleteServiceUser(ctx, p.admin, b.serviceUser), authority.NotFound)
		entries, err := w.admin.Audit(ctx, p.admin, admin.AuditQuery{Actor: p.admin.Principal().ID, Size: 1000})
		w.must(err)
		var verbs []string
		for _, e := range entries {
			if e.Verb == authority.VerbIssue {
				continue
			}
			if verbs = append(verbs, e.Verb); e.Account != p.account.ID || e.Credential != p.admin.Credential() || e.Grant != p.admin.Grant() ||
				e.Outcome != authority.Done || e.RequestID != "r1" || e.Object == "" || e.Count != 1 {
				t.Errorf("entry %+v", e)
			}
		}
		slices.Reverse(verbs)
		want := []string{
			"area.create", "application.create", "application_secret.generate", "service_user.create", "service_token.generate",
			"service_user.change", "settings.change", "area.change", "area.delete", "credential.revoke", "grant.revoke", "service_user.delete",
		}
		if !slices.Equal(verbs, want) {
			t.Errorf("verbs %v, want %v", verbs, want)
		}
	})
}

// Pages of the audit join without a gap, and every filter is heeded.
func TestAuditPagesAndFilters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		p.own()
		ctx := t.Context()
		all, err := w.admin.Audit(ctx, p.admin, admin.AuditQuery{Size: 1000})
		w.must(err)
		var walked []authority.ID
		for q := (admin.AuditQuery{Size: 2}); ; {
			page, err := w.admin.Audit(ctx, p.admin, q)
			w.must(err)
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				walked = append(walked, e.ID)
			}
			q.Before = page[len(page)-1].ID
		}
		var ids []authority.ID
		for _, e := range all {
			ids = append(ids, e.ID)
		}
		if !slices.Equal(walked, ids) || !slices.IsSortedFunc(ids, func(a, b authority.ID) int { return int(b - a) }) {
			t.Errorf("walked %v, all %v", walked, ids)
		}
		one := all[0]
		_, err = w.enter(authority.NewSecret("nonsense"))
		w.refused(err, authority.InvalidToken)
		for name, test := range map[string]struct {
			q    admin.AuditQuery
			want bool
		}{
			"everything that fits": {admin.AuditQuery{
				Verb: one.Verb, Actor: one.Actor, Credential: one.Credential, Outcome: authority.Done,
				Grant: one.Grant, Object: one.Object, Dialect: one.Dialect, Door: one.Door, Address: one.Address, RequestID: one.RequestID,
				Since: one.Time, Until: one.Time.Add(time.Second), Before: one.ID + 1, After: one.ID - 1,
			}, true},
			"verbs that begin so":   {admin.AuditQuery{Verb: beginning(one.Verb, ".")}, true},
			"objects that begin so": {admin.AuditQuery{Object: beginning(one.Object, "/")}, true},
			"another beginning":     {admin.AuditQuery{Verb: "tok."}, false},
			"another object":        {admin.AuditQuery{Object: "task/1"}, false},
			"another kind":          {admin.AuditQuery{Object: "task/"}, false},
			"another grant":         {admin.AuditQuery{Grant: 5}, false},
			"another dialect":       {admin.AuditQuery{Dialect: "none"}, false},
			"another door":          {admin.AuditQuery{Door: "none"}, false},
			"another address":       {admin.AuditQuery{Address: netip.MustParseAddr("203.0.113.9")}, false},
			"another request":       {admin.AuditQuery{RequestID: "none"}, false},
			"nothing newer":         {admin.AuditQuery{After: one.ID}, false},
			"another verb":          {admin.AuditQuery{Verb: "none", Before: one.ID + 1}, false},
			"another actor":         {admin.AuditQuery{Actor: 5}, false},
			"another credential":    {admin.AuditQuery{Credential: 5}, false},
			"another outcome":       {admin.AuditQuery{Outcome: authority.Refused}, false},
			"too late":              {admin.AuditQuery{Since: one.Time.Add(time.Hour)}, false},
			"too early":             {admin.AuditQuery{Until: time.Unix(1, 0)}, false},
		} {
			found, err := w.admin.Audit(ctx, p.admin, test.q)
			w.must(err)
			if has := len(found) > 0; has != test.want {
				t.Errorf("%s: %+v", name, found)
			}
		}
	})
}

// ownerIn makes an administrator of p the deployment's owner, beside the other one.
func (w *world) ownerIn(p *tenant) authority.Caller {
	w.t.Helper()
	ctx, system := w.t.Context(), p.systemInside()
	role, err := w.admin.CreateRole(ctx, system, admin.OwnerRole, []authority.Permission{admin.AccountsManage})
	w.must(err)
	password := authority.NewSecret("correct horse battery")
	_, err = w.admin.CreateUser(ctx, system, admin.NewUser{
		Login: "owner", Name: "Владелец", Password: password, Roles: []authority.ID{role.ID, p.roles[admin.AdministratorRole]}, Areas: authority.Areas{All: true},
	})
	w.must(err)
	return w.signIn("owner", password)
}

// What is refused and belongs to no account is the owner's to read, of his stand
// and at home; nobody else learns that there is any.
func TestAuditOfNoAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		boss, other := w.tenant("1"), w.tenant("2")
		owner := w.ownerIn(boss)
		from := netip.MustParseAddr("203.0.113.9")
		for i := range 5 {
			w.auth.Refuse(authority.Entry{Stand: authority.Production, Verb: "token.issue", Reason: "nobody " + strconv.Itoa(i), Address: from, RequestID: "rq-1"})
			w.auth.Refuse(authority.Entry{Stand: authority.Test, Verb: "token.issue", Reason: "test", Address: from, RequestID: "rq-1"})
			w.auth.Refuse(authority.Entry{Stand: authority.Production, Account: boss.account.ID, Verb: "token.issue", Reason: "ours", RequestID: "rq-1"})
			w.auth.Refuse(authority.Entry{Stand: authority.Production, Account: other.account.ID, Verb: "token.issue", Reason: "theirs", RequestID: "rq-1"})
		}
		w.must(w.auth.Flush(ctx))
		for name, test := range map[string]struct {
			c          authority.Caller
			q          admin.AuditQuery
			ours, none int
		}{
			"the owner":            {owner, admin.AuditQuery{RequestID: "rq-1"}, 5, 5},
			"by address":           {owner, admin.AuditQuery{Address: from}, 0, 5},
			"by verb and time":     {owner, admin.AuditQuery{Verb: "token.", Outcome: authority.Refused, Since: w.clock.Now().Add(-time.Hour)}, 5, 5},
			"too late":             {owner, admin.AuditQuery{RequestID: "rq-1", Since: w.clock.Now().Add(time.Hour)}, 0, 0},
			"of no account":        {owner, admin.AuditQuery{Whose: admin.NobodysEntries}, 0, 5},
			"of his account":       {owner, admin.AuditQuery{Whose: admin.OwnEntries, RequestID: "rq-1"}, 5, 0},
			"an administrator":     {boss.admin, admin.AuditQuery{RequestID: "rq-1"}, 5, 0},
			"who asks for it":      {boss.admin, admin.AuditQuery{Whose: admin.NobodysEntries}, 0, 0},
			"the command line":     {boss.systemInside(), admin.AuditQuery{RequestID: "rq-1"}, 5, 0},
			"of the whole stand":   {w.system(), admin.AuditQuery{Address: from}, 0, 5},
			"and of no account":    {w.system(), admin.AuditQuery{Whose: admin.NobodysEntries, RequestID: "rq-1"}, 0, 5},
			"at work elsewhere":    {owner.In(other.account, admin.AccountsManage), admin.AuditQuery{Address: from}, 0, 0},
			"and asking for it":    {owner.In(other.account, admin.AccountsManage), admin.AuditQuery{Whose: admin.NobodysEntries}, 0, 0},
			"another's addresses":  {other.admin, admin.AuditQuery{Address: from}, 0, 0},
			"another who asks too": {other.admin, admin.AuditQuery{Whose: admin.NobodysEntries}, 0, 0},
		} {
			ours, none := 0, 0
			for test.q.Size = 3; ; {
				found, err := w.admin.Audit(ctx, test.c, test.q)
				w.must(err)
				for _, e := range found {
					if test.q.Before != 0 && e.ID >= test.q.Before {
						t.Errorf("%s: out of order", name)
					}
					if test.q.Before = e.ID; e.Account == 0 {
						none++
					} else {
						ours++
					}
					if e.Stand != authority.Production || e.Reason == "theirs" {
						t.Errorf("%s: %+v", name, e)
					}
				}
				if len(found) == 0 {
					break
				}
			}
			if ours != test.ours || none != test.none {
				t.Errorf("%s: %d of the account and %d of none", name, ours, none)
			}
		}
	})
}

// beginning cuts a word behind a mark.
func beginning(word, mark string) string { return word[:strings.Index(word, mark)+1] }

// Grants: who holds a living token. The dead ones are not listed, and pages
// join without a gap.
func TestGrantsListWhoIsAlive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		ctx := t.Context()
		var users []authority.Principal
		for range 3 {
			user, secret := p.serviceUser("CRM")
			users = append(users, user)
			for range 3 {
				w.token(secret)
			}
		}
		w.must(w.admin.RevokeGrants(ctx, p.admin, users[0].ID))
		listed := map[authority.ID]int{}
		for q := (admin.GrantQuery{Size: 2}); ; {
			page, err := w.admin.Grants(ctx, p.admin, q)
			w.must(err)
			if len(page) == 0 {
				break
			}
			for _, g := range page {
				listed[g.Principal]++
			}
			q.After = page[len(page)-1].Cursor()
		}
		if len(listed) != 3 || listed[users[1].ID] != 3 || listed[users[2].ID] != 3 || listed[p.admin.Principal().ID] != 1 {
			t.Errorf("listed %v of %v", listed, users)
		}
		list, err := w.admin.Credentials(ctx, p.admin, users[1].ID)
		w.must(err)
		for name, test := range map[string]struct {
			q    admin.GrantQuery
			want int
		}{
			"principal":       {admin.GrantQuery{Principal: users[1].ID}, 3},
			"credential":      {admin.GrantQuery{Credential: list[0].ID}, 3},
			"dialect":         {admin.GrantQuery{Dialect: "toy", Principal: users[2].ID}, 3},
			"another dialect": {admin.GrantQuery{Dialect: "other"}, 0},
			"revoked":         {admin.GrantQuery{Principal: users[0].ID}, 0},
		} {
			got, err := w.admin.Grants(ctx, p.admin, test.q)
			w.must(err)
			if len(got) != test.want {
				t.Errorf("%s: %d grants, want %d", name, len(got), test.want)
			}
		}
		w.clock.Advance(61 * 24 * time.Hour)
		got, err := w.admin.Grants(ctx, p.systemInside(), admin.GrantQuery{})
		w.must(err)
		if len(got) != 0 {
			t.Errorf("expired grants are listed: %+v", got)
		}
	})
}

// A program that rotates without end keeps the table small, and keeps dead
// what it replaced.
func TestRotationWithoutEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		user, first := p.serviceUser("CRM")
		token := w.token(first)
		for range 40 {
			p.serviceToken(user.ID, 0)
		}
		if n := w.count(`SELECT count(*) FROM credentials WHERE principal = $1`, user.ID); n > 25 {
			t.Errorf("%d rows are kept", n)
		}
		w.dead(token)
		_, err := w.issue(authority.ServiceToken, "", first)
		w.refused(err, authority.InvalidGrant)
	})
}

// An act has one verb in the audit, whatever the route calls it that it came by:
// whoever filters by verb finds all of it.
func TestAnActHasOneVerb(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		b := p.own()
		ctx, id := t.Context(), p.account.ID
		user, _ := p.serviceUser("робот")
		acts := map[string]func(c authority.Caller) error{
			"account.change":       func(c authority.Caller) error { return only(w.admin.RenameAccount(ctx, c, id, "x")) },
			"account.disable":      func(c authority.Caller) error { return only(w.admin.DisableAccount(ctx, c, id)) },
			"account.enable":       func(c authority.Caller) error { return only(w.admin.EnableAccount(ctx, c, id)) },
			"account.default":      func(c authority.Caller) error { return w.admin.SetDefaultAccount(ctx, c, id) },
			"host.bind":            func(c authority.Caller) error { return w.admin.BindHost(ctx, c, id, "api.example.com") },
			"host.unbind":          func(c authority.Caller) error { return w.admin.UnbindHost(ctx, c, id, "api.example.com") },
			"grant.revoke_all":     func(c authority.Caller) error { return w.admin.RevokeGrants(ctx, c, user.ID) },
			"grant.revoke_account": func(c authority.Caller) error { return w.admin.RevokeEverything(ctx, c) },
			"area.change":          func(c authority.Caller) error { return only(w.admin.RenameArea(ctx, c, b.area, "x")) },
			"service_user.change": func(c authority.Caller) error {
				return only(w.admin.ChangeServiceUser(ctx, c, admin.PrincipalEdit{ID: user.ID, Name: ptr("x")}))
			},
			"service_token.generate": func(c authority.Caller) error {
				return only(w.admin.GenerateServiceToken(ctx, c, admin.Generate{Principal: user.ID}))
			},
			"settings.change": func(c authority.Caller) error {
				return only(w.admin.ChangeSettings(ctx, c, admin.SettingsPatch{Strict: map[string]bool{"toy": true}}))
			},
		}
		order := slices.Sorted(maps.Keys(acts)) // binds a host before it unbinds it
		for door, route := range map[string]string{"a command": "", "a page": "page.word", "an api": "api.word"} {
			c := authority.System(authority.Production, p.account, route, door)
			for _, verb := range order {
				if err := acts[verb](c); err != nil {
					t.Fatalf("%s by %s: %v", verb, door, err)
				}
			}
			for _, verb := range order {
				if n := w.count(`SELECT count(*) FROM audit WHERE reason = $1 AND verb = $2`, door, verb); n != 1 {
					t.Errorf("%s by %s: %d entries", verb, door, n)
				}
			}
		}
	})
}
