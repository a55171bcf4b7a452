package operation

import (
	"context"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

type nothing struct{}

type accountView struct {
	ID            authority.ID  `json:"id"`
	Contract      string        `json:"contract"`
	Number        int64         `json:"number"`
	Name          string        `json:"name"`
	Disabled      bool          `json:"disabled"`
	Created       time.Time     `json:"created"`
	Settings      *settingsView `json:"settings,omitempty"`
	Administrator string        `json:"administrator,omitempty"` // login
	Password      string        `json:"password,omitempty"`      // shown once
}

type settingsView struct {
	AccessLifetime   map[string]string   `json:"access_lifetime"`
	AcceptTokensFrom map[string][]string `json:"accept_tokens_from"`
	TimeZone         string              `json:"time_zone"`
	Strict           map[string]bool     `json:"strict"`
	Guest            map[string]bool     `json:"guest"`
	Shape            map[string]string   `json:"shape"`
}

func viewAccount(a authority.Account) accountView {
	return accountView{ID: a.ID, Contract: a.Contract, Number: a.Number, Name: a.Name, Disabled: a.Disabled, Created: a.Created}
}

func viewSettings(s authority.Settings) *settingsView {
	v := &settingsView{
		AccessLifetime: map[string]string{}, AcceptTokensFrom: s.AcceptTokensFrom,
		TimeZone: s.TimeZone, Strict: s.Strict, Guest: s.Guest, Shape: s.Shape,
	}
	for dialect, d := range s.AccessLifetime {
		v.AccessLifetime[dialect] = d.String()
	}
	return v
}

func accountOperations() []operation {
	return []operation{
		op("account.list", outside, listAccounts),
		op("account.create", outside, createAccount),
		op("account.rename", inside, renameAccount),
		op("account.disable", inside, func(ctx context.Context, t *Table, c authority.Caller, _ nothing) (accountView, error) {
			a, err := t.Admin.DisableAccount(ctx, c, c.Account().ID)
			return viewAccount(a), err
		}),
		op("account.enable", inside, func(ctx context.Context, t *Table, c authority.Caller, _ nothing) (accountView, error) {
			a, err := t.Admin.EnableAccount(ctx, c, c.Account().ID)
			return viewAccount(a), err
		}),
		op("account.delete", inside, func(ctx context.Context, t *Table, c authority.Caller, _ nothing) (nothing, error) {
			return nothing{}, t.Admin.DeleteAccount(ctx, c, c.Account().ID)
		}),
		op("settings.show", inside, func(ctx context.Context, t *Table, c authority.Caller, _ nothing) (*settingsView, error) {
			a, err := t.Admin.Account(ctx, c, 0)
			return viewSettings(a.Settings), err
		}),
		op("settings.change", inside, changeSettings),
	}
}

func listAccounts(ctx context.Context, t *Table, c authority.Caller, _ nothing) ([]accountView, error) {
	return everyPage(func(p admin.Page) ([]accountView, int, error) {
		list, err := t.Admin.Accounts(ctx, c, p)
		return mapped(list.Items, viewAccount), list.Total, err
	})
}

type newAccount struct {
	Name     string `json:"name"`
	Contract string `json:"contract"`
	Number   int64  `json:"number,string"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Owner    bool   `json:"owner"`
}

func createAccount(ctx context.Context, t *Table, c authority.Caller, in newAccount) (accountView, error) {
	made, err := t.Admin.CreateAccount(ctx, c, admin.NewAccount{
		Name: in.Name, Contract: in.Contract, Number: in.Number, Login: in.Login,
		Password: authority.NewSecret(in.Password), Owner: in.Owner,
	})
	if err != nil {
		return accountView{}, err
	}
	v := viewAccount(made.Account)
	v.Administrator, v.Password = made.Administrator.Login, made.Password.Reveal()
	return v, nil
}

type rename struct {
	Name string `json:"name"`
}

func renameAccount(ctx context.Context, t *Table, c authority.Caller, in rename) (accountView, error) {
	a, err := t.Admin.RenameAccount(ctx, c, c.Account().ID, in.Name)
	return viewAccount(a), err
}

type settingsInput struct {
	AccessLifetime   map[string]Span     `json:"access_lifetime"`
	AcceptTokensFrom map[string][]string `json:"accept_tokens_from"`
	TimeZone         *string             `json:"time_zone"`
	Strict           map[string]bool     `json:"strict"`
	Guest            map[string]bool     `json:"guest"`
	Shape            map[string]string   `json:"shape"`
}

func changeSettings(ctx context.Context, t *Table, c authority.Caller, in settingsInput) (*settingsView, error) {
	patch := admin.SettingsPatch{
		AccessLifetime: map[string]time.Duration{}, AcceptTokensFrom: in.AcceptTokensFrom,
		TimeZone: in.TimeZone, Strict: in.Strict, Guest: in.Guest, Shape: in.Shape,
	}
	for dialect, d := range in.AccessLifetime {
		patch.AccessLifetime[dialect] = time.Duration(d)
	}
	a, err := t.Admin.ChangeSettings(ctx, c, patch)
	return viewSettings(a.Settings), err
}
