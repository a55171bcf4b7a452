package bench_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/dialect/ringme"
)

// accounts is how many accounts ask by turns: a pair of the operator belongs to
// one account, and so does the hourly counter of ringme.
const accounts = 64

// member is one account with somebody who may come in through every door.
type member struct {
	login    string
	password authority.Secret
	root     authority.Secret // authorization token
	app, key admin.NewSecret  // a trusted application of ringme, an access key
}

const formType = "application/x-www-form-urlencoded"

// crowd makes the accounts, one after the other: only so many passwords are
// hashed at once.
func (w *world) crowd(tb testing.TB) []member {
	tb.Helper()
	var out []member
	for i := range accounts {
		m, err := w.member(tb, i)
		must(tb, err)
		out = append(out, m)
	}
	return out
}

func (w *world) member(tb testing.TB, i int) (m member, err error) {
	ctx, a := tb.Context(), w.data.Admin
	made, err := a.CreateAccount(ctx, authority.System(authority.Production, authority.Account{}, "", "bench"),
		admin.NewAccount{Name: fmt.Sprint("Счёт ", i), Contract: fmt.Sprint(5000 + i)})
	if err != nil {
		return m, err
	}
	caller := authority.System(authority.Production, made.Account, "", "bench")
	role, err := a.CreateRole(ctx, caller, "bench", admin.Permissions())
	if err != nil {
		return m, err
	}
	m.login, m.password = fmt.Sprint("bench-", i), authority.NewSecret("correct horse")
	user, err := a.CreateUser(ctx, caller, admin.NewUser{
		Login: m.login, Group: authority.GroupAdministrator, Password: m.password, Roles: []authority.ID{role.ID},
	})
	if err != nil {
		return m, err
	}
	app, err := a.CreateApplication(ctx, caller, admin.NewApplication{
		Name: "bench", Dialect: ringme.Name, Traits: authority.Traits{Type: ringme.Trusted, Access: ringme.All, Owner: user.ID},
	})
	if err != nil {
		return m, err
	}
	m.app = app.Secret
	if m.key, err = a.GenerateAccessKey(ctx, caller, admin.Generate{Principal: user.ID}); err != nil {
		return m, err
	}
	root, err := a.GenerateAuthorizationToken(ctx, caller, admin.Generate{})
	m.root = root.Secret
	return m, err
}

// The requests that exchange what a member has.

func (m member) signIn(addr string) []byte {
	return request(addr, "/api/session", formType, url.Values{
		"grant_type": {"password"}, "username": {m.login}, "password": {m.password.Reveal()},
	}.Encode())
}

func (m member) create(addr string) []byte {
	return request(addr, "/api/v1/auth/integrationapi/create", formType, "", "Authorization: Bearer "+m.root.Reveal()+"\r\n")
}

func (m member) ringme(addr string) []byte {
	return request(addr, "/oauth/token", formType, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {m.app.Credential.ClientID}, "client_secret": {m.app.Secret.Reveal()},
	}.Encode())
}

func (m member) element(addr string) []byte {
	return request(addr, "/console/sys/token", formType, "grant_type=client_credentials",
		"Authorization: Basic "+pairText(m.key.Credential.ClientID, m.key.Secret)+"\r\n")
}

func pairText(name string, secret authority.Secret) string {
	return base64.StdEncoding.EncodeToString([]byte(name + ":" + secret.Reveal()))
}

// each makes a request of every member.
func each(all []member, make func(member) []byte) [][]byte {
	out := [][]byte{}
	for _, m := range all {
		out = append(out, make(m))
	}
	return out
}
