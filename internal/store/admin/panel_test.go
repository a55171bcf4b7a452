package admin_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// Users of an application are a list of their own, and it goes after them.
func TestUsersOfAnApplication(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, other := w.tenant("1"), w.tenant("2")
		ctx := t.Context()
		app, err := w.admin.CreateApplication(ctx, p.admin, admin.NewApplication{
			Name: "Витрина", Dialect: "toy", Traits: authority.Traits{Type: "trusted", RedirectURIs: []string{"https://a.example/b"}},
		})
		w.must(err)
		user := admin.NewUser{Login: "visitor", Password: authority.NewSecret("correct horse"), Of: app.Application.ID}
		visitor, err := w.admin.CreateUser(ctx, p.admin, user)
		w.must(err)
		user.Login = "stranger"
		_, err = w.admin.CreateUser(ctx, other.admin, user)
		w.refused(err, authority.NotFound)
		user.Of = p.admin.Principal().ID // a user is no application
		_, err = w.admin.CreateUser(ctx, p.admin, user)
		w.refused(err, authority.NotFound)

		of, err := w.admin.UsersOf(ctx, p.admin, app.Application.ID, admin.Page{})
		w.must(err)
		own, err := w.admin.UsersOf(ctx, p.admin, 0, admin.Page{})
		w.must(err)
		if of.Total != 1 || of.Items[0].ID != visitor.ID || of.Items[0].Of != app.Application.ID || own.Total != 1 || own.Items[0].ID != p.admin.Principal().ID {
			t.Errorf("%+v, %+v", of, own)
		}
		if theirs, err := w.admin.UsersOf(ctx, other.admin, app.Application.ID, admin.Page{}); err != nil || theirs.Total != 0 {
			t.Errorf("another account sees %+v, %v", theirs, err)
		}
		w.refused(w.admin.DeleteApplication(ctx, p.admin, app.Application.ID), authority.Conflict)
		w.must(w.admin.DeleteUser(ctx, p.admin, visitor.ID))
		w.must(w.admin.DeleteApplication(ctx, p.admin, app.Application.ID))
	})
}

// B32: switching token access off refuses a user's keys, his password and what
// came from them, at once and until it is switched on; tokens from before stay
// refused.
func TestKeysOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		ctx := t.Context()
		user, err := w.admin.CreateUser(ctx, p.admin, admin.NewUser{Login: "u", Password: authority.NewSecret("correct horse")})
		w.must(err)
		key, err := w.admin.GenerateAccessKey(ctx, p.admin, admin.Generate{Principal: user.ID})
		w.must(err)
		out, err := w.issue(authority.AccessKey, key.Credential.ClientID, key.Secret)
		w.must(err)
		set := func(off bool) {
			_, err := w.admin.ChangeUser(ctx, p.admin, admin.PrincipalEdit{ID: user.ID, KeysOff: &off})
			w.must(err)
		}
		set(true)
		w.dead(out.Access)
		_, err = w.issue(authority.AccessKey, key.Credential.ClientID, key.Secret)
		w.refused(err, authority.InvalidClient)
		_, err = w.issue(authority.Password, "u", authority.NewSecret("correct horse"))
		w.refused(err, authority.InvalidGrant)
		w.start()
		_, err = w.issue(authority.AccessKey, key.Credential.ClientID, key.Secret)
		w.refused(err, authority.InvalidClient)
		set(false)
		w.dead(out.Access)
		_, err = w.issue(authority.AccessKey, key.Credential.ClientID, key.Secret)
		w.must(err)
		off := true
		_, err = w.admin.ChangeServiceUser(ctx, p.admin, admin.PrincipalEdit{ID: user.ID, KeysOff: &off})
		w.refused(err, authority.InvalidValue)
	})
}

// Nothing is issued from a key after its user's keys were switched off, however
// the two meet.
func TestKeysOffAgainstIssue(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		ctx := t.Context()
		user, err := w.admin.CreateUser(ctx, p.admin, admin.NewUser{Login: "u", Password: authority.NewSecret("correct horse")})
		w.must(err)
		key, err := w.admin.GenerateAccessKey(ctx, p.admin, admin.Generate{Principal: user.ID})
		w.must(err)
		for range 20 {
			var all sync.WaitGroup
			tokens := make(chan authority.Secret, 8)
			for range cap(tokens) {
				all.Go(func() {
					if out, err := w.issue(authority.AccessKey, key.Credential.ClientID, key.Secret); err == nil {
						tokens <- out.Access
					}
				})
			}
			off, on := true, false
			_, err := w.admin.ChangeUser(ctx, p.admin, admin.PrincipalEdit{ID: user.ID, KeysOff: &off})
			w.must(err)
			all.Wait()
			close(tokens)
			for token := range tokens {
				_, err := w.enter(token)
				w.refused(err, authority.InvalidToken)
			}
			_, err = w.admin.ChangeUser(ctx, p.admin, admin.PrincipalEdit{ID: user.ID, KeysOff: &on})
			w.must(err)
		}
	})
}

// What an application says of itself is kept as it was checked.
func TestTraits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		ctx := t.Context()
		app, err := w.admin.CreateApplication(ctx, p.admin, admin.NewApplication{
			Name: "Витрина", Dialect: "toy",
			Traits: authority.Traits{DisplayName: " Витрина  ", Type: "trusted", Access: "All", RedirectURIs: []string{"http://127.0.0.1:9/x"}},
		})
		w.must(err)
		text, none := "Описание", []string{}
		_, err = w.admin.ChangeApplication(ctx, p.admin, admin.PrincipalEdit{
			ID: app.Application.ID, Traits: &admin.TraitsEdit{Description: &text, RedirectURIs: &none},
		})
		w.must(err)
		got, err := w.admin.Application(ctx, p.admin, app.Application.ID)
		w.must(err)
		if tr := got.Traits; tr.DisplayName != "Витрина" || tr.Description != text || tr.Type != "trusted" || tr.Access != "All" || len(tr.RedirectURIs) != 0 {
			t.Errorf("%+v", got.Traits)
		}
		for _, bad := range []string{
			"", "x", "/x", "http://a.example/", "https://u:p@a.example/", "https://a.example/#f", "javascript:alert(1)", "https:///x",
			"https://a.example/\u202e", "ftp://a.example/", "https:a", "data:text/html,x", "http://127.0.0.1.evil.example/",
		} {
			list := []string{bad}
			_, err := w.admin.ChangeApplication(ctx, p.admin, admin.PrincipalEdit{
				ID: app.Application.ID, Traits: &admin.TraitsEdit{RedirectURIs: &list},
			})
			if authority.CodeOf(err) != authority.InvalidValue {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}

// Uses add up by credential, dialect and hour, whatever is written in between,
// and are the account's own.
func TestUsage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.clock.Advance(w.clock.Now().Truncate(time.Hour).Sub(w.clock.Now()))
		p, other := w.tenant("1"), w.tenant("2")
		ctx := t.Context()
		key, err := w.admin.GenerateAccessKey(ctx, p.admin, admin.Generate{Principal: p.admin.Principal().ID})
		w.must(err)
		out, err := w.issue(authority.AccessKey, key.Credential.ClientID, key.Secret)
		w.must(err)
		call := func(n int) {
			for range n {
				_, err := w.auth.Authenticate(ctx, authority.Origin{Stand: authority.Production, Dialect: "toy"},
					authority.Presented{Scheme: authority.Bearer, Token: out.Access})
				w.must(err)
			}
		}
		call(3)
		w.must(w.auth.Flush(ctx))
		call(4)
		w.must(w.auth.Flush(ctx))
		w.clock.Advance(time.Hour)
		call(5)
		w.must(w.auth.Flush(ctx))
		list, err := w.admin.Usage(ctx, p.admin, admin.UsageQuery{Credential: key.Credential.ID}, admin.Page{})
		w.must(err)
		got := ""
		for _, u := range list.Items {
			got += fmt.Sprintf("%s %d %d;", u.Dialect, u.Calls, u.Issues)
		}
		if got != "toy 5 0;toy 7 1;" || list.Total != 2 || !list.Items[0].Hour.After(list.Items[1].Hour) {
			t.Errorf("%s %+v", got, list)
		}
		theirs, err := w.admin.Usage(ctx, other.admin, admin.UsageQuery{Credential: key.Credential.ID}, admin.Page{})
		w.must(err)
		if theirs.Total != 0 {
			t.Errorf("another account sees %+v", theirs)
		}
	})
}

// Pages of grants count as the list does.
func TestGrantPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		ctx := t.Context()
		key, err := w.admin.GenerateAccessKey(ctx, p.admin, admin.Generate{Principal: p.admin.Principal().ID})
		w.must(err)
		for range 7 {
			_, err := w.issue(authority.AccessKey, key.Credential.ClientID, key.Secret)
			w.must(err)
		}
		q := admin.GrantQuery{Credential: key.Credential.ID}
		seen := map[authority.ID]bool{}
		for offset := 0; offset < 9; offset += 3 {
			page, err := w.admin.GrantPage(ctx, p.admin, q, admin.Page{Offset: offset, Size: 3})
			w.must(err)
			for _, g := range page.Items {
				seen[g.ID] = true
			}
			if page.Total != 7 {
				t.Errorf("total %d", page.Total)
			}
		}
		if len(seen) != 7 {
			t.Errorf("%d grants", len(seen))
		}
		w.clock.Advance(25 * time.Hour * 31)
		if page, err := w.admin.GrantPage(ctx, p.admin, q, admin.Page{}); err != nil || page.Total != 0 || len(page.Items) != 0 {
			t.Errorf("after their end: %+v, %v", page, err)
		}
	})
}

// A place in a list is good for one list of one principal (B45).
func TestMarks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, other := w.tenant("1"), w.tenant("2")
		text, err := w.auth.Mark(p.admin, "audit", 42)
		w.must(err)
		if again, err := w.auth.Mark(p.admin, "audit", 42); err != nil || again != text {
			t.Errorf("%s, then %s, %v", text, again, err)
		}
		if at, err := w.auth.ReadMark(p.admin, "audit", text); err != nil || at != 42 {
			t.Errorf("%d, %v", at, err)
		}
		for i := range len(text) {
			flipped := text[:i] + string(text[i]^1) + text[i+1:]
			if _, err := w.auth.ReadMark(p.admin, "audit", flipped); err == nil {
				t.Errorf("%s is read", flipped)
			}
		}
		_, err = w.auth.ReadMark(p.admin, "usage", text)
		w.refused(err, authority.InvalidValue)
		_, err = w.auth.ReadMark(other.admin, "audit", text)
		w.refused(err, authority.InvalidValue)
		if _, err := w.auth.ReadMark(p.admin, "audit", ""); err == nil {
			t.Error("nothing is read")
		}
		name, err := w.auth.MarkText(p.admin, "audit", "7.Ёлка")
		w.must(err)
		if at, err := w.auth.ReadMarkText(p.admin, "audit", name); err != nil || at != "7.Ёлка" {
			t.Errorf("%q, %v", at, err)
		}
		for list, who := range map[string]authority.Caller{"audit": other.admin, "usage": p.admin} {
			_, err = w.auth.ReadMarkText(who, list, name)
			w.refused(err, authority.InvalidValue)
		}
		_, err = w.auth.ReadMarkText(p.admin, "audit", text)
		w.refused(err, authority.InvalidValue)
	})
}

// The program's roles of former versions get what is new, audited and heard of
// at once; other roles, and wider ones, stay as they are.
func TestCompleteRoles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		ctx := t.Context()
		if n, err := w.admin.CompleteRoles(ctx); err != nil || n != 0 {
			t.Fatalf("of this version: %d, %v", n, err)
		}
		w.exec(`UPDATE roles SET permissions = '["AccountRead"]' WHERE name = 'Administrator'`)
		w.exec(`UPDATE roles SET permissions = '["AccountRead","AuditRead","FormerRight","KeysManage"]' WHERE name = 'Developer'`)
		w.exec(`INSERT INTO roles (id, account, name, permissions) VALUES (77, $1, 'administrator', '["AccountRead"]')`, p.admin.Account().ID)
		n, err := w.admin.CompleteRoles(ctx)
		w.must(err)
		roles, err := w.admin.Roles(ctx, p.admin, admin.Page{})
		w.must(err)
		for _, r := range roles.Items {
			want := map[string]int{"Administrator": len(admin.Permissions()), "Developer": 4, "administrator": 1}[r.Name]
			if len(r.Permissions) < want || (r.Name != "Administrator" && len(r.Permissions) != want) {
				t.Errorf("%s: %v", r.Name, r.Permissions)
			}
		}
		if got := w.count(`SELECT count(*) FROM audit WHERE verb = 'role.complete' AND reason = 'new_version' AND account = $1`, p.admin.Account().ID); n != 1 || got != 1 {
			t.Errorf("%d changed, %d entries", n, got)
		}
		if n, err := w.admin.CompleteRoles(ctx); err != nil || n != 0 {
			t.Errorf("again: %d, %v", n, err)
		}
	})
}
