package admin_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// ofGroup makes a user of a group without any role, who has signed in.
func (p *tenant) ofGroup(login, group string) authority.Caller {
	p.t.Helper()
	secret := authority.NewSecret("correct horse")
	_, err := p.world.admin.CreateUser(p.t.Context(), p.admin, admin.NewUser{Login: login, Group: group, Password: secret})
	p.must(err)
	return p.signIn(login, secret)
}

// register makes an application of c's own.
func (p *tenant) register(c authority.Caller, name string) admin.NewClient {
	p.t.Helper()
	made, err := p.world.admin.Own().CreateApplication(p.t.Context(), c, admin.NewApplication{
		Name: name, Dialect: "toy", Roles: []authority.ID{p.roles[admin.AdministratorRole]}, Areas: authority.Areas{All: true},
		Traits: authority.Traits{Type: "trusted", Owner: p.admin.Principal().ID},
	})
	p.must(err)
	return made
}

// What a user registers is his, without rights of its own and whatever he asks for;
// nobody else's acts reach it.
func TestOwnApplications(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, other := w.tenant("1"), w.tenant("2")
		ctx, own := t.Context(), w.admin.Own()
		c, colleague, stranger := p.ofGroup("phone", ""), p.ofGroup("colleague", ""), other.ofGroup("stranger", "")
		made := p.register(c, "b")
		app := made.Application
		if app.Traits.Owner != c.Principal().ID || len(app.Roles) > 0 || app.Areas.All {
			t.Errorf("%+v", app)
		}
		cred := made.Secret.Credential.ID
		for name, who := range map[string]authority.Caller{"colleague": colleague, "administrator": p.admin, "stranger": stranger} {
			for act, err := range map[string]error{
				"read":    only(own.Application(ctx, who, app.ID)),
				"change":  only(own.ChangeApplication(ctx, who, admin.PrincipalEdit{ID: app.ID, Name: ptr("x")})),
				"rotate":  only(own.RotateApplicationSecret(ctx, who, admin.Generate{Principal: app.ID})),
				"secrets": only(own.Credentials(ctx, who, app.ID)),
				"effect":  only(own.GrantEffect(ctx, who, admin.GrantQuery{Principal: app.ID})),
				"use":     only(own.GrantEffect(ctx, who, admin.GrantQuery{Credential: cred})),
				"revoke":  own.RevokeCredential(ctx, who, cred),
				"delete":  own.DeleteApplication(ctx, who, app.ID),
			} {
				if authority.CodeOf(err) != authority.NotFound {
					t.Errorf("%s of the %s: %v", act, name, err)
				}
			}
			list, err := own.Applications(ctx, who, admin.Page{})
			if w.must(err); list.Total != 0 || len(list.Items) != 0 {
				t.Errorf("the %s has %+v", name, list)
			}
		}
		w.refused(only(own.Applications(ctx, w.system(), admin.Page{})), authority.Forbidden)
		w.refused(only(w.admin.Application(ctx, c, app.ID)), authority.Forbidden)

		p.register(c, "a")
		list, err := own.Applications(ctx, c, admin.Page{Size: 1})
		if w.must(err); list.Total != 2 || len(list.Items) != 1 || list.Items[0].Name != "a" {
			t.Errorf("%+v", list)
		}
		after, err := own.ChangeApplication(ctx, c, admin.PrincipalEdit{ID: app.ID, Name: ptr("c"), Areas: &authority.Areas{All: true}})
		if w.must(err); after.Name != "c" || after.Areas.All {
			t.Errorf("%+v", after)
		}
		next, err := own.RotateApplicationSecret(ctx, c, admin.Generate{Principal: app.ID, Overlap: time.Hour})
		w.must(err)
		for _, s := range []admin.NewSecret{made.Secret, next} {
			w.must(only(w.issue(authority.ApplicationSecret, s.Credential.ClientID, s.Secret)))
		}
		effect, err := own.GrantEffect(ctx, c, admin.GrantQuery{Principal: app.ID})
		if w.must(err); effect.Grants != 2 || len(effect.Latest) != 0 {
			t.Errorf("who uses it is not its owner's to know, but how many: %+v", effect)
		}
		w.must(own.RevokeCredential(ctx, c, next.Credential.ID))
		w.must(own.DeleteApplication(ctx, c, app.ID))
		w.refused(only(own.Application(ctx, c, app.ID)), authority.NotFound)
		for verb, want := range map[string]int{"application.create": 2, "application.change": 1, "application_secret.generate": 3, "application.delete": 1, "credential.revoke": 1} {
			entries, err := w.admin.Audit(ctx, p.admin, admin.AuditQuery{Verb: verb})
			w.must(err)
			if entries = slices.DeleteFunc(entries, func(e authority.Entry) bool { return e.Actor != c.Principal().ID }); len(entries) != want {
				t.Errorf("%d entries of %s: %+v", len(entries), verb, entries)
			}
		}
	})
}

// There is an end to what one user registers, and who may only read registers
// nothing.
func TestOwnApplicationsHaveLimits(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		ctx, own := t.Context(), w.admin.Own()
		c, n := p.ofGroup("phone", ""), admin.NewApplication{Name: "x", Dialect: "toy"}
		reader := p.ofGroup("reader", authority.GroupReadOnly)
		w.refused(only(own.CreateApplication(ctx, reader, n)), authority.Forbidden)
		if list, err := own.Applications(ctx, reader, admin.Page{}); err != nil || list.Total != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		n.Dialect = "other" // its applications act as themselves
		w.refused(only(own.CreateApplication(ctx, c, n)), authority.InvalidValue)
		for i := range admin.MostOwn {
			p.register(c, strconv.Itoa(i))
		}
		n.Dialect = "toy"
		w.refused(only(own.CreateApplication(ctx, c, n)), authority.Conflict)
		p.register(p.ofGroup("another", ""), "x")
	})
}

// A database of a former version learns whose its applications are.
func TestOwnersOfFormerVersions(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		c, another := p.ofGroup("phone", ""), p.ofGroup("another", "")
		p.register(c, `"owner":1,`)
		p.register(another, "another's")
		w.exec(`UPDATE principals SET owner = 0`)
		files, err := filepath.Glob("../migrations/*_owner.sql")
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		text, err := os.ReadFile(files[0])
		w.must(err)
		_, update, _ := strings.Cut(string(text), "\nUPDATE ")
		update, _, _ = strings.Cut(update, ";")
		w.exec("UPDATE " + update)
		for _, who := range []authority.Caller{c, another} {
			list, err := w.admin.Own().Applications(t.Context(), who, admin.Page{})
			if w.must(err); list.Total != 1 || list.Items[0].Traits.Owner != who.Principal().ID {
				t.Errorf("%+v", list)
			}
		}
		if n := w.count(`SELECT count(*) FROM principals WHERE owner <> 0`); n != 2 {
			t.Errorf("%d have an owner", n)
		}
	})
}
