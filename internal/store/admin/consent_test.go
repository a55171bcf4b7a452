package admin_test

import (
	"sync"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

const (
	callback  = "https://app.example/back"
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" // RFC 7636, appendix B
)

// application makes one without a secret.
func (p *tenant) application(name string) admin.NewClient {
	p.t.Helper()
	made, err := p.world.admin.CreateApplication(p.t.Context(), p.admin, admin.NewApplication{
		Name: name, Dialect: "toy", Traits: authority.Traits{NoSecret: true, RedirectURIs: []string{callback}},
	})
	p.must(err)
	return made
}

// code has a user let the application act as him.
func (p *tenant) code(user authority.Caller, app admin.NewClient) authority.Secret {
	p.t.Helper()
	code, _, err := p.auth.Approve(p.t.Context(), user, authority.CodeRequest{
		ResponseType: "code", ClientID: app.Secret.Credential.ClientID, Challenge: challenge, Method: "S256",
	}, true)
	p.must(err)
	return code
}

func (p *tenant) redeem(app admin.NewClient, code authority.Secret) (authority.Issued, error) {
	return p.auth.Redeem(p.t.Context(), authority.RedeemRequest{
		Origin: p.origin(), ClientID: app.Secret.Credential.ClientID, Code: code, Verifier: authority.NewSecret(verifier),
	})
}

func (p *tenant) user(login string) authority.Caller {
	p.t.Helper()
	password := authority.NewSecret("correct horse")
	_, err := p.world.admin.CreateUser(p.t.Context(), p.admin, admin.NewUser{Login: login, Name: login, Password: password})
	p.must(err)
	return p.signIn(login, password)
}

func TestAWithdrawnConsentEndsItsTokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, other := w.tenant("C-1"), w.tenant("C-2")
		app, second := p.application("Витрина"), p.application("Склад")
		if !app.Secret.Secret.Empty() {
			t.Error("an application without a secret was shown one")
		}
		_, err := w.admin.RotateApplicationSecret(t.Context(), p.admin, admin.Generate{Principal: app.Application.ID})
		w.refused(err, authority.Conflict)
		user := p.user("ivanov")
		out, err := p.redeem(app, p.code(user, app))
		w.must(err)
		kept, err := p.redeem(second, p.code(user, second))
		w.must(err)
		colleague, err := p.redeem(app, p.code(p.admin, app))
		w.must(err)
		waiting := p.code(user, app)

		mine, err := w.admin.MyConsents(t.Context(), user, admin.Page{})
		w.must(err)
		if mine.Total != 2 || len(mine.Items) != 2 {
			t.Fatalf("%+v", mine)
		}
		of, err := w.admin.Consents(t.Context(), p.admin, admin.ConsentQuery{Application: app.Application.ID}, admin.Page{})
		w.must(err)
		if of.Total != 2 || of.Items[0].Name != "Витрина" || of.Items[0].Grants != 1 || of.Items[0].LastUsed.IsZero() || of.Items[0].Given.IsZero() {
			t.Errorf("%+v", of)
		}
		_, err = w.admin.Consents(t.Context(), user, admin.ConsentQuery{}, admin.Page{})
		w.refused(err, authority.Forbidden)
		w.refused(w.admin.WithdrawConsent(t.Context(), user, p.admin.Principal().ID, app.Application.ID), authority.Forbidden)
		w.refused(w.admin.WithdrawConsent(t.Context(), other.admin, user.Principal().ID, app.Application.ID), authority.NotFound)
		if foreign, err := w.admin.Consents(t.Context(), other.admin, admin.ConsentQuery{User: user.Principal().ID}, admin.Page{}); err != nil || foreign.Total != 0 {
			t.Errorf("another account sees %+v, %v", foreign, err)
		}

		w.must(w.admin.WithdrawMine(t.Context(), user, app.Application.ID))
		w.dead(out.Access)
		w.alive(kept.Access)
		w.alive(colleague.Access)
		_, err = p.redeem(app, waiting)
		w.refused(err, authority.InvalidGrant)
		w.refused(w.admin.WithdrawMine(t.Context(), user, app.Application.ID), authority.NotFound)

		w.must(w.admin.WithdrawConsent(t.Context(), p.admin, user.Principal().ID, second.Application.ID))
		w.dead(kept.Access)
		if n := w.count(`SELECT count(*) FROM audit WHERE verb = 'consent.withdraw' AND outcome = 'done'`); n != 2 {
			t.Errorf("%d withdrawals in the audit", n)
		}
		w.must(w.admin.DeleteApplication(t.Context(), p.admin, app.Application.ID))
		if n := w.count(`SELECT (SELECT count(*) FROM consents) + (SELECT count(*) FROM codes WHERE application = $1)`, app.Application.ID); n != 0 {
			t.Errorf("%d rows of a deleted application", n)
		}
	})
}

// Whichever comes first, an exchange or the withdrawal: nothing lives afterwards.
func TestAWithdrawalMeetsAnExchange(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("C-1")
		app, user := p.application("Витрина"), p.user("ivanov")
		for range 8 {
			code := p.code(user, app)
			var out authority.Issued
			var got error
			var wg sync.WaitGroup
			wg.Go(func() { out, got = p.redeem(app, code) })
			w.must(w.admin.WithdrawMine(t.Context(), user, app.Application.ID))
			wg.Wait()
			if got != nil {
				w.refused(got, authority.InvalidGrant)
				continue
			}
			if _, err := w.enter(out.Access); authority.CodeOf(err) != authority.InvalidToken {
				t.Errorf("a token outlived the withdrawal: %v", err)
			}
		}
	})
}
