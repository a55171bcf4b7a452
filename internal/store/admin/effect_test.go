package admin_test

import (
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// Every way to end what was issued: after the method returns, and after a
// restart, the token is refused.
func TestWhatEndsATokenEndsIt(t *testing.T) {
	steps := map[string]func(p *tenant, user authority.Principal, secret authority.Secret) error{
		"disable": func(p *tenant, user authority.Principal, _ authority.Secret) error {
			_, err := p.world.admin.ChangeServiceUser(p.t.Context(), p.admin, admin.PrincipalEdit{ID: user.ID, Disabled: ptr(true)})
			return err
		},
		"delete": func(p *tenant, user authority.Principal, _ authority.Secret) error {
			return p.world.admin.DeleteServiceUser(p.t.Context(), p.admin, user.ID)
		},
		"new secret": func(p *tenant, user authority.Principal, _ authority.Secret) error {
			_, err := p.world.admin.GenerateServiceToken(p.t.Context(), p.admin, admin.Generate{Principal: user.ID})
			return err
		},
		"revoke credential": func(p *tenant, user authority.Principal, _ authority.Secret) error {
			list, err := p.world.admin.Credentials(p.t.Context(), p.admin, user.ID)
			p.must(err)
			return p.world.admin.RevokeCredential(p.t.Context(), p.admin, list[0].ID)
		},
		"revoke all grants": func(p *tenant, user authority.Principal, _ authority.Secret) error {
			return p.world.admin.RevokeGrants(p.t.Context(), p.admin, user.ID)
		},
		"revoke one grant": func(p *tenant, user authority.Principal, _ authority.Secret) error {
			list, err := p.world.admin.Grants(p.t.Context(), p.admin, admin.GrantQuery{Principal: user.ID})
			p.must(err)
			return p.world.admin.RevokeGrant(p.t.Context(), p.admin, list[0].ID)
		},
		"revoke everything": func(p *tenant, _ authority.Principal, _ authority.Secret) error {
			return p.world.admin.RevokeEverything(p.t.Context(), p.admin)
		},
		"disable account": func(p *tenant, _ authority.Principal, _ authority.Secret) error {
			_, err := p.world.admin.DisableAccount(p.t.Context(), p.system(), p.account.ID)
			return err
		},
		"delete account": func(p *tenant, _ authority.Principal, _ authority.Secret) error {
			_, err := p.world.admin.DisableAccount(p.t.Context(), p.system(), p.account.ID)
			p.must(err)
			return p.world.admin.DeleteAccount(p.t.Context(), p.system(), p.account.ID)
		},
	}
	each(t, func(t *testing.T, w *world) {
		other := w.tenant("9")
		_, spared := other.serviceUser("spared")
		sparedToken := w.token(spared)
		for name, step := range steps {
			w.t = t
			p := w.tenant("1-" + authority.EncodeGrant(authority.NewGrantID()))
			user, secret := p.serviceUser(name)
			token := w.token(secret)
			w.alive(token)
			if err := step(p, user, secret); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			w.dead(token)
		}
		w.alive(sparedToken)
	})
}

func TestEnablingDoesNotRevive(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		user, secret := p.serviceUser("CRM")
		token := w.token(secret)
		for _, disabled := range []bool{true, false} {
			_, err := w.admin.ChangeServiceUser(t.Context(), p.admin, admin.PrincipalEdit{ID: user.ID, Disabled: &disabled})
			w.must(err)
		}
		w.dead(token)
		w.alive(w.token(secret))

		_, err := w.admin.DisableAccount(t.Context(), w.system(), p.account.ID)
		w.must(err)
		_, err = w.issue(authority.ServiceToken, "", secret)
		w.refused(err, authority.InvalidGrant)
		_, err = w.admin.EnableAccount(t.Context(), w.system(), p.account.ID)
		w.must(err)
		w.alive(w.token(secret))
	})
}

func TestPasswordChangeEndsWhatWasIssued(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		user, err := w.admin.CreateUser(t.Context(), p.admin, admin.NewUser{
			Login: "Иванов", Password: authority.NewSecret("первый пароль"), Roles: []authority.ID{p.roles[admin.DeveloperRole]},
		})
		w.must(err)
		out, err := w.issue(authority.Password, "иванов", authority.NewSecret("первый пароль"))
		w.must(err)
		w.must(w.admin.SetPassword(t.Context(), p.admin, user.ID, authority.NewSecret("второй пароль")))
		w.dead(out.Access)
		_, err = w.issue(authority.Password, "Иванов", authority.NewSecret("первый пароль"))
		w.refused(err, authority.InvalidGrant)
		_, err = w.issue(authority.Password, "ИВАНОВ", authority.NewSecret("второй пароль"))
		w.must(err)

		_, err = w.admin.ChangeUser(t.Context(), p.admin, admin.PrincipalEdit{ID: user.ID, Login: ptr("Петров")})
		w.must(err)
		_, err = w.issue(authority.Password, "петров", authority.NewSecret("второй пароль"))
		w.must(err)
		_, err = w.issue(authority.Password, "Иванов", authority.NewSecret("второй пароль"))
		w.refused(err, authority.InvalidGrant)
		hashed := w.count(`SELECT count(*) FROM credentials WHERE kind = 'password' AND hash LIKE '$argon2id$v=19$m=%' AND digest IS NULL`)
		if all := w.count(`SELECT count(*) FROM credentials WHERE kind = 'password'`); hashed != all || all < 2 {
			t.Errorf("rule 6: %d of %d passwords are kept as argon2id", hashed, all)
		}
	})
}

// Roles, areas and settings reach a caller who is remembered already.
func TestRightsChangeAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		role, err := w.admin.CreateRole(t.Context(), p.admin, "reader", []authority.Permission{tasksList})
		w.must(err)
		area, err := w.admin.CreateArea(t.Context(), p.admin, "Север")
		w.must(err)
		user, secret := p.serviceUser("CRM")
		_, err = w.admin.ChangeServiceUser(t.Context(), p.admin, admin.PrincipalEdit{
			ID: user.ID, Roles: &[]authority.ID{role.ID}, Areas: &authority.Areas{IDs: []authority.ID{area.ID}},
		})
		w.must(err)
		token := w.token(secret)
		see := func() authority.Caller {
			t.Helper()
			c, err := w.enter(token)
			w.must(err)
			return c
		}
		if c := see(); !c.Can(tasksList) || c.Areas().All || !c.Areas().Allow(area.ID) {
			t.Errorf("permissions %v, areas %v", c.Permissions(), c.Areas())
		}
		_, err = w.admin.ChangeRole(t.Context(), p.admin, admin.RoleEdit{ID: role.ID, Permissions: &[]authority.Permission{}})
		w.must(err)
		if see().Can(tasksList) {
			t.Error("the role lost the permission, the caller has it still")
		}
		w.refused(w.admin.DeleteRole(t.Context(), p.admin, role.ID), authority.Conflict)
		w.refused(w.admin.DeleteArea(t.Context(), p.admin, area.ID), authority.Conflict)
		_, err = w.admin.ChangeServiceUser(t.Context(), p.admin, admin.PrincipalEdit{
			ID: user.ID, Roles: &[]authority.ID{}, Areas: &authority.Areas{},
		})
		w.must(err)
		w.must(w.admin.DeleteRole(t.Context(), p.admin, role.ID))
		w.must(w.admin.DeleteArea(t.Context(), p.admin, area.ID))
		if a := see().Areas(); a.All || len(a.IDs) > 0 {
			t.Errorf("losing the last area widened the sight to %v", a)
		}
		_, err = w.admin.ChangeSettings(t.Context(), p.admin, admin.SettingsPatch{TimeZone: ptr("Asia/Omsk")})
		w.must(err)
		if zone := see().Account().Settings.TimeZone; zone != "Asia/Omsk" {
			t.Errorf("the remembered caller has time zone %q", zone)
		}
	})
}

func TestOverlap(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		user, first := p.serviceUser("CRM")
		before := w.token(first)
		w.clock.Advance(time.Second)
		second := p.serviceToken(user.ID, 48*time.Hour).Secret
		w.alive(w.token(second))
		w.alive(w.token(first))
		w.alive(before)

		list, err := w.admin.Credentials(t.Context(), p.admin, user.ID)
		w.must(err)
		if len(list) != 2 || !list[0].Ends.IsZero() || list[1].Ends.Sub(w.clock.Now()).Round(time.Second) != 48*time.Hour {
			t.Fatalf("the dying one is not marked: %+v", list)
		}
		w.clock.Advance(47 * time.Hour)
		ended, next, err := w.admin.EndOverlaps(t.Context())
		w.must(err)
		if next.Sub(w.clock.Now()).Round(time.Second) != time.Hour {
			t.Errorf("the next ends at %v", next)
		}
		if ended != 0 {
			t.Errorf("%d ended before their time", ended)
		}
		late := w.token(first) // capped at the end of the overlap
		w.alive(late)
		w.clock.Advance(time.Hour + time.Second)
		_, err = w.issue(authority.ServiceToken, "", first)
		w.refused(err, authority.InvalidGrant)
		ended, next, err = w.admin.EndOverlaps(t.Context())
		w.must(err)
		if !next.IsZero() {
			t.Errorf("another one ends at %v", next)
		}
		if ended != 1 {
			t.Errorf("%d ended, want 1", ended)
		}
		w.dead(late)
		w.alive(w.token(second))
		entries, err := w.admin.Audit(t.Context(), p.systemInside(), admin.AuditQuery{Verb: "credential.end"})
		w.must(err)
		if len(entries) != 1 || entries[0].Reason != "overlap_ended" || entries[0].Credential != list[1].ID {
			t.Errorf("audit of the end: %+v", entries)
		}
	})
}

// A dying secret takes along what was made from it long before the overlap was
// chosen, can be cut now, and is not prolonged by a second replacement.
func TestOverlapEndsEverything(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		user, first := p.serviceUser("CRM")
		old := w.token(first)
		second := p.serviceToken(user.ID, time.Minute).Secret
		third := p.serviceToken(user.ID, time.Hour).Secret
		w.clock.Advance(2 * time.Minute)
		_, _, err := w.admin.EndOverlaps(t.Context())
		w.must(err)
		w.dead(old)
		fromSecond := w.token(second)
		list, err := w.admin.Credentials(t.Context(), p.admin, user.ID)
		w.must(err)
		for _, c := range list {
			if !c.Ends.IsZero() {
				w.must(w.admin.RevokeCredential(t.Context(), p.admin, c.ID))
			}
		}
		w.dead(fromSecond)
		_, err = w.issue(authority.ServiceToken, "", second)
		w.refused(err, authority.InvalidGrant)
		w.alive(w.token(third))
	})
}

func (p *tenant) systemInside() authority.Caller {
	return authority.System(authority.Production, p.account, "", "test")
}

func TestApplicationAndAccessKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		app, err := w.admin.CreateApplication(t.Context(), p.admin, admin.NewApplication{Name: "1С", Dialect: "toy"})
		w.must(err)
		client := app.Secret.Credential.ClientID
		out, err := w.issue(authority.ApplicationSecret, client, app.Secret.Secret)
		w.must(err)
		next, err := w.admin.RotateApplicationSecret(t.Context(), p.admin, admin.Generate{Principal: app.Application.ID, Overlap: time.Hour})
		w.must(err)
		if next.Credential.ClientID != client {
			t.Error("rotation changed the client id")
		}
		for _, secret := range []authority.Secret{app.Secret.Secret, next.Secret} {
			_, err = w.issue(authority.ApplicationSecret, client, secret)
			w.must(err)
		}
		_, err = w.admin.RotateApplicationSecret(t.Context(), p.admin, admin.Generate{Principal: app.Application.ID})
		w.must(err)
		w.dead(out.Access)

		foreign, err := w.admin.CreateApplication(t.Context(), p.admin, admin.NewApplication{Name: "чужое", Dialect: "other"})
		w.must(err)
		_, err = w.issue(authority.ApplicationSecret, foreign.Secret.Credential.ClientID, foreign.Secret.Secret)
		w.refused(err, authority.InvalidClient)

		key, err := w.admin.GenerateAccessKey(t.Context(), p.admin, admin.Generate{Principal: p.admin.Principal().ID, Description: "CI"})
		w.must(err)
		if len(key.Credential.ClientID) != 44 || len(key.Secret.Reveal()) != 44 {
			t.Errorf("access key halves have %d and %d characters, want 44", len(key.Credential.ClientID), len(key.Secret.Reveal()))
		}
		_, err = w.issue(authority.AccessKey, key.Credential.ClientID, key.Secret)
		w.must(err)
	})
}
