package admin_test

import (
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

// The core remembers what a right secret stood for. Whatever changes that must
// be seen by the very next issue, and by a refresh, without a restart.

// reader gives a service user with a role of its own, whose secret has just
// been used twice: the second time from memory.
func (p *tenant) reader() (user authority.Principal, role authority.Role, secret authority.Secret) {
	p.t.Helper()
	role, err := p.world.admin.CreateRole(p.t.Context(), p.admin, "reader", []authority.Permission{tasksList})
	p.must(err)
	user, secret = p.serviceUser("CRM")
	_, err = p.world.admin.ChangeServiceUser(p.t.Context(), p.admin, admin.PrincipalEdit{ID: user.ID, Roles: &[]authority.ID{role.ID}})
	p.must(err)
	p.token(secret)
	p.token(secret)
	return user, role, secret
}

func TestARememberedSecretShowsChangedRights(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		user, role, secret := p.reader()
		see := func(want bool, what string) {
			t.Helper()
			issued, err := w.issue(authority.ServiceToken, "", secret)
			w.must(err)
			refreshed, err := w.auth.Refresh(t.Context(), authority.RefreshRequest{Origin: w.origin(), Token: issued.Refresh})
			w.must(err)
			if issued.Caller.Can(tasksList) != want || refreshed.Caller.Can(tasksList) != want {
				t.Errorf("%s: issue %v, refresh %v", what, issued.Caller.Can(tasksList), refreshed.Caller.Can(tasksList))
			}
		}
		see(true, "at first")
		_, err := w.admin.ChangeRole(t.Context(), p.admin, admin.RoleEdit{ID: role.ID, Permissions: &[]authority.Permission{}})
		w.must(err)
		see(false, "the role lost it")
		_, err = w.admin.ChangeRole(t.Context(), p.admin, admin.RoleEdit{ID: role.ID, Permissions: &[]authority.Permission{tasksList}})
		w.must(err)
		see(true, "the role has it again")
		_, err = w.admin.ChangeServiceUser(t.Context(), p.admin, admin.PrincipalEdit{ID: user.ID, Roles: &[]authority.ID{}})
		w.must(err)
		see(false, "the principal lost the role")
	})
}

func TestARememberedSecretHeedsChangedLifetimes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		user, _, secret := p.reader()
		_, err := w.admin.ChangeSettings(t.Context(), p.admin, admin.SettingsPatch{
			AccessLifetime: map[string]time.Duration{"toy": 2 * time.Hour},
		})
		w.must(err)
		out, err := w.issue(authority.ServiceToken, "", secret)
		w.must(err)
		if out.ExpiresIn != 2*time.Hour {
			t.Errorf("the account's new lifetime is 2h, the token has %v", out.ExpiresIn)
		}
		p.serviceToken(user.ID, time.Hour) // the former one dies within the hour
		out, err = w.issue(authority.ServiceToken, "", secret)
		w.must(err)
		if out.ExpiresIn > time.Hour {
			t.Errorf("a token of %v outlives its dying secret", out.ExpiresIn)
		}
		w.clock.Advance(time.Hour + time.Second)
		_, err = w.issue(authority.ServiceToken, "", secret)
		w.refused(err, authority.InvalidGrant)
	})
}

func TestARememberedSecretDiesAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		steps := map[string]func(p *tenant, user authority.ID) error{
			"disable": func(p *tenant, user authority.ID) error {
				_, err := w.admin.ChangeServiceUser(t.Context(), p.admin, admin.PrincipalEdit{ID: user, Disabled: ptr(true)})
				return err
			},
			"delete": func(p *tenant, user authority.ID) error { return w.admin.DeleteServiceUser(t.Context(), p.admin, user) },
			"new secret": func(p *tenant, user authority.ID) error {
				_, err := w.admin.GenerateServiceToken(t.Context(), p.admin, admin.Generate{Principal: user})
				return err
			},
			"disable account": func(p *tenant, _ authority.ID) error {
				_, err := w.admin.DisableAccount(t.Context(), w.system(), p.account.ID)
				return err
			},
			"a row that no entry speaks of": func(p *tenant, user authority.ID) error {
				return w.db.Write(t.Context(), func(tx *store.Tx) error {
					_, err := tx.Exec(`UPDATE credentials SET revoked = 1 WHERE principal = $1`, user)
					return err
				})
			},
		}
		for name, step := range steps {
			p := w.tenant("1-" + authority.EncodeGrant(authority.NewGrantID()))
			user, _, secret := p.reader()
			w.must(step(p, user.ID))
			_, err := w.issue(authority.ServiceToken, "", secret)
			if authority.CodeOf(err) != authority.InvalidGrant {
				t.Errorf("%s: got error %v", name, err)
			}
		}
	})
}

// A known client costs the reading connections nothing, and a wrong secret
// never profits from what is remembered.
func TestARememberedSecretIsTheWholeSecret(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		app, err := w.admin.CreateApplication(t.Context(), p.admin, admin.NewApplication{Name: "1С", Dialect: "toy", Areas: authority.Areas{All: true}})
		w.must(err)
		id, secret := app.Secret.Credential.ClientID, app.Secret.Secret
		for range 2 {
			_, err := w.issue(authority.ApplicationSecret, id, secret)
			w.must(err)
		}
		for _, wrong := range []struct {
			id, secret string
			kind       authority.CredentialKind
		}{
			{id, secret.Reveal() + "x", authority.ApplicationSecret},
			{id + "x", secret.Reveal(), authority.ApplicationSecret},
			{"", id + secret.Reveal(), authority.ApplicationSecret},
			{id, secret.Reveal(), authority.AccessKey},
		} {
			_, err := w.issue(wrong.kind, wrong.id, authority.NewSecret(wrong.secret))
			w.refused(err, authority.InvalidClient)
		}
		other := w.origin()
		other.Stand = authority.Test
		_, err = w.auth.Issue(t.Context(), authority.IssueRequest{
			Origin: other, Kind: authority.ApplicationSecret, ClientID: id, Secret: secret,
		})
		w.refused(err, authority.InvalidClient)
	})
}
