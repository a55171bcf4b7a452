package demo

import (
	"context"
	"crypto/rand"
	"strconv"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// storekeeper is a user of the warehouse and where what he signs in with goes.
type storekeeper struct {
	name  string
	login string // the account's number follows it: logins are unique on a stand
	group string
	odd   string // characters that his password begins with
	pair  *Pair
}

// storekeepers lists the users of an account's warehouse.
func storekeepers(s *Smarts) []storekeeper {
	return []storekeeper{
		{"Обмен с учётной системой", "exchange-", authority.GroupExternalConnection, "", &s.External},
		{"Терминал сбора данных", "terminal-", authority.GroupMobileUser, "", &s.Mobile},
		{"Администратор склада", "warehouse-", authority.GroupAdministrator, "", &s.Administrator},
		{"Проверка двоеточий", "colon-", authority.GroupExternalConnection, "a:b:", &s.Colon},
		{"Кладовщик", "кладовщик-", authority.GroupExternalConnection, "пароль-", &s.Cyrillic},
	}
}

// choose gives p another password.
func (p storekeeper) choose() authority.Secret {
	text := strings.ToLower(rand.Text())
	if p.odd == "пароль-" { // Russian letters alone
		text = strings.Map(func(c rune) rune { return 'а' + c%32 }, text)
	}
	p.pair.Password = p.odd + text
	return authority.NewSecret(p.pair.Password)
}

// terminals makes the users of the warehouse of an account.
func (f *filler) terminals(ctx context.Context, c authority.Caller, out *Account) error {
	var jobs []func() error
	for _, p := range storekeepers(&out.Smarts) {
		p.pair.Username = p.login + strconv.FormatInt(out.Number, 10)
		jobs = append(jobs, func() error { return f.storekeeper(ctx, c, p) })
	}
	return together(jobs)
}

func (f *filler) storekeeper(ctx context.Context, c authority.Caller, p storekeeper) error {
	user, err := f.user(ctx, c, admin.NewUser{
		Login: p.pair.Username, Name: p.name, Group: p.group, Password: p.choose(), Areas: authority.Areas{All: true},
	})
	p.pair.Username = user.Login
	return err
}
