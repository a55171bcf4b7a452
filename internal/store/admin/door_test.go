package admin_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// Whoever gives an account's authorization token anew ends all that was made
// from the earlier one, at once.
func TestANewAuthorizationTokenEndsTheEarlierOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.tenant("1"), t.Context()
		_, err := w.admin.AuthorizationToken(ctx, p.admin)
		w.refused(err, authority.NotFound)
		w.refused(w.admin.RevokeAuthorizationToken(ctx, p.admin), authority.NotFound)
		first, err := w.admin.GenerateAuthorizationToken(ctx, p.admin, admin.Generate{Description: "CRM"})
		w.must(err)
		issued, err := w.issue(authority.AuthorizationToken, "", first.Secret)
		w.must(err)
		w.alive(issued.Access)
		second, err := w.admin.GenerateAuthorizationToken(ctx, p.admin, admin.Generate{})
		w.must(err)
		w.dead(issued.Access)
		_, err = w.issue(authority.AuthorizationToken, "", first.Secret)
		w.refused(err, authority.InvalidGrant)
		_, err = w.auth.Refresh(ctx, authority.RefreshRequest{Origin: w.origin(), Token: issued.Refresh})
		w.refused(err, authority.InvalidGrant)
		found, err := w.admin.AuthorizationToken(ctx, p.admin)
		w.must(err)
		if found.ID != second.Credential.ID || found.Holder != authority.Integration || second.Credential.Principal != first.Credential.Principal {
			t.Errorf("found %+v", found)
		}
		issued, err = w.issue(authority.AuthorizationToken, "", second.Secret)
		w.must(err)
		w.must(w.admin.RevokeAuthorizationToken(ctx, p.admin))
		w.dead(issued.Access)
		if n := w.count(`SELECT count(*) FROM principals WHERE kind = 'integration'`); n != 1 {
			t.Errorf("%d principals", n)
		}
	})
}

// Its text is a JWT of its dialect that is checked as every other secret: it
// outlives the key that signed it, and no spelling of it but its own gets in.
func TestAnAuthorizationTokenOutlivesItsKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.tenant("1"), t.Context()
		made, err := w.admin.GenerateAuthorizationToken(ctx, p.admin, admin.Generate{Expires: w.clock.Now().Add(48 * time.Hour)})
		w.must(err)
		text := made.Secret.Reveal()
		verified, err := w.ring.Verify("production", []string{"toy"}, text)
		w.must(err)
		var got struct {
			Contract, Iss, Roles, Jti string
			Exp                       int64
		}
		w.must(json.Unmarshal(verified.Payload, &got))
		if got.Contract != "1" || got.Iss != "production/toy" || got.Roles != "authorization" || len(got.Jti) != 32 ||
			got.Exp != made.Credential.Expires.Unix() {
			t.Errorf("claims %+v", got)
		}
		if _, err := w.enter(made.Secret); authority.CodeOf(err) != authority.InvalidToken {
			t.Errorf("as a bearer: %v", err)
		}
		kid, err := w.ring.Active("production", "toy")
		w.must(err)
		_, err = w.ring.Rotate(ctx, "production", "toy", w.clock.Now().Add(time.Second))
		w.must(err)
		w.must(w.ring.MarkCompromised(ctx, kid))
		w.start()
		_, err = w.issue(authority.AuthorizationToken, "", made.Secret)
		w.must(err)
		for _, other := range []string{text + "=", text[:len(text)-1], text + "\n", " " + text, text[:len(text)-2] + "AA"} {
			_, err = w.issue(authority.AuthorizationToken, "", authority.NewSecret(other))
			w.refused(err, authority.InvalidGrant)
		}
		w.clock.Advance(48 * time.Hour)
		_, err = w.issue(authority.AuthorizationToken, "", made.Secret)
		w.refused(err, authority.InvalidGrant)
	})
}

func TestAuthorizationTokensAskForTheRight(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.tenant("1"), t.Context()
		_, token := p.serviceUser("bystander")
		bystander, err := w.enter(w.token(token))
		w.must(err)
		_, err = w.admin.GenerateAuthorizationToken(ctx, bystander, admin.Generate{})
		w.refused(err, authority.Forbidden)
		w.refused(w.admin.RevokeAuthorizationToken(ctx, bystander), authority.Forbidden)
		_, err = w.admin.GenerateAuthorizationToken(ctx, p.admin, admin.Generate{Overlap: time.Hour})
		w.refused(err, authority.InvalidValue)
		_, err = w.admin.GenerateAuthorizationToken(ctx, p.admin, admin.Generate{Expires: w.clock.Now()})
		w.refused(err, authority.InvalidValue)
	})
}

func TestDoorUsesAreListedInTheirAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, other, ctx := w.tenant("1"), w.tenant("2"), t.Context()
		o := w.origin()
		o.Door = "query"
		for range 2 {
			w.clock.Advance(time.Second)
			_, err := w.auth.Issue(ctx, authority.IssueRequest{Origin: o, Kind: authority.Password, ClientID: p.login, Secret: p.password})
			w.must(err)
		}
		w.must(w.auth.Flush(ctx))
		list, err := w.admin.DoorUses(ctx, p.admin, admin.Page{})
		w.must(err)
		if list.Total != 1 || len(list.Items) != 1 {
			t.Fatalf("%+v", list)
		}
		u := list.Items[0]
		if u.Login != p.login || u.Door != "query" || u.Dialect != "toy" || u.Uses != 2 || !u.LastUsed.Equal(w.clock.Now().Truncate(time.Millisecond)) {
			t.Errorf("%+v", u)
		}
		list, err = w.admin.DoorUses(ctx, other.admin, admin.Page{})
		w.must(err)
		if list.Total != 0 || len(list.Items) != 0 {
			t.Errorf("another account sees %+v", list)
		}
		_, token := p.serviceUser("bystander")
		role, err := w.admin.CreateRole(ctx, p.admin, "nothing", nil)
		w.must(err)
		_ = role
		bystander, err := w.enter(w.token(token))
		w.must(err)
		if _, err := w.admin.DoorUses(ctx, bystander, admin.Page{}); err != nil { // a developer reads
			t.Error(err)
		}
	})
}

func TestHostNamesBelongToOneAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.tenant("1"), t.Context()
		w.clock.Advance(time.Millisecond) // the default is the first by time
		other := w.tenant("2")
		at := func(host string) string {
			t.Helper()
			a, err := w.auth.AccountFor(ctx, w.origin(), host, "")
			w.must(err)
			return a.Contract
		}
		if got := at("two.example.com"); got != "1" {
			t.Errorf("by default %s", got)
		}
		w.must(w.admin.BindHost(ctx, w.system(), other.account.ID, "Two.Example.com"))
		if got := at("two.example.com:443"); got != "2" {
			t.Errorf("bound %s", got)
		}
		w.refused(w.admin.BindHost(ctx, w.system(), p.account.ID, "two.example.com"), authority.Conflict)
		w.refused(w.admin.BindHost(ctx, p.admin, p.account.ID, "one.example.com"), authority.Forbidden)
		w.refused(w.admin.BindHost(ctx, w.system(), authority.NewID(), "one.example.com"), authority.NotFound)
		for _, bad := range []string{"", "a b", "a/b", "two.example.com:443", "два рф", "127.0.0.1", "-x"} {
			w.refused(w.admin.BindHost(ctx, w.system(), p.account.ID, bad), authority.InvalidValue)
		}
		hosts, err := w.admin.Hosts(ctx, other.admin, 0)
		w.must(err)
		if !slices.Equal(hosts, []string{"two.example.com"}) {
			t.Errorf("hosts %v", hosts)
		}
		w.refused(w.admin.UnbindHost(ctx, w.system(), p.account.ID, "two.example.com"), authority.NotFound)
		w.must(w.admin.UnbindHost(ctx, w.system(), other.account.ID, "two.example.com"))
		if got := at("two.example.com"); got != "1" {
			t.Errorf("freed %s", got)
		}
		w.must(w.admin.SetDefaultAccount(ctx, w.system(), other.account.ID))
		w.refused(w.admin.SetDefaultAccount(ctx, p.admin, p.account.ID), authority.Forbidden)
		w.refused(w.admin.SetDefaultAccount(ctx, w.system(), authority.NewID()), authority.NotFound)
		if got := at(""); got != "2" {
			t.Errorf("default %s", got)
		}
		w.must(w.admin.BindHost(ctx, w.system(), other.account.ID, "gone.example.com"))
		_, err = w.admin.DisableAccount(ctx, w.system(), other.account.ID)
		w.must(err)
		w.must(w.admin.DeleteAccount(ctx, w.system(), other.account.ID))
		if got := at("gone.example.com"); got != "1" {
			t.Errorf("after the account left %s", got)
		}
	})
}

func TestGuestsAreSwitchedByTheAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.tenant("1"), t.Context()
		guest := func() error { _, err := w.auth.Guest(ctx, w.origin(), p.account.ID); return err }
		w.refused(guest(), authority.Unauthenticated)
		w.must(only(w.admin.ChangeSettings(ctx, p.admin, admin.SettingsPatch{Guest: map[string]bool{"toy": true}})))
		w.must(guest())
		w.refused(only(w.admin.ChangeSettings(ctx, p.admin, admin.SettingsPatch{Guest: map[string]bool{"other": true}})), authority.InvalidValue)
		w.must(only(w.admin.ChangeSettings(ctx, p.admin, admin.SettingsPatch{Guest: map[string]bool{"toy": false}})))
		w.refused(guest(), authority.Unauthenticated)
	})
}
