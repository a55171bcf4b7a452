package admin_test

import (
	"slices"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// Users are found by parts of name and login in any case, by group, and page by
// page; those of another account never.
func TestUsersAreFound(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, other, ctx := w.tenant("1"), w.tenant("2"), t.Context()
		create := func(c authority.Caller, login, name, group string) authority.ID {
			u, err := w.admin.CreateUser(ctx, c, admin.NewUser{Login: login, Name: name, Group: group, Password: authority.NewSecret("long enough")})
			w.must(err)
			return u.ID
		}
		ivan := create(p.admin, "ivanov", "Иванов Пётр", authority.GroupMobileUser)
		create(p.admin, "petrov", "Петров 100%_!", authority.GroupMobileUser)
		create(p.admin, "ПЁТР", "Zoe", "")
		create(other.admin, "stranger", "Иванов", authority.GroupMobileUser)
		find := func(q admin.PrincipalQuery) (names []string) {
			list, err := w.admin.FindUsers(ctx, p.admin, q)
			w.must(err)
			for _, u := range list {
				names = append(names, u.Name)
			}
			return names
		}
		none, mobile := "", authority.GroupMobileUser
		for _, tt := range []struct {
			q    admin.PrincipalQuery
			want []string
		}{
			{admin.PrincipalQuery{Text: "ИВАН"}, []string{"Иванов Пётр"}},
			{admin.PrincipalQuery{Text: "пётр"}, []string{"Zoe", "Иванов Пётр", "Петров 100%_!"}}, // ё is found as е
			{admin.PrincipalQuery{Text: "ов  ПЕТР "}, []string{"Иванов Пётр"}},
			{admin.PrincipalQuery{Text: "0%_!"}, []string{"Петров 100%_!"}},
			{admin.PrincipalQuery{Text: "%"}, []string{"Петров 100%_!"}},
			{admin.PrincipalQuery{Text: "пётр ivan"}, nil},
			{admin.PrincipalQuery{Group: &mobile}, []string{"Иванов Пётр", "Петров 100%_!"}},
			{admin.PrincipalQuery{Group: &none, Text: "zoe"}, []string{"Zoe"}},
			{admin.PrincipalQuery{Group: &mobile, After: admin.PrincipalCursor{Name: "Иванов Пётр", ID: ivan}}, []string{"Петров 100%_!"}},
		} {
			if got := find(tt.q); !slices.Equal(got, tt.want) {
				t.Errorf("%+v: %q, want %q", tt.q, got, tt.want)
			}
		}
		cron, _ := p.serviceUser("Иван и Крон")
		found, err := w.admin.FindServiceUsers(ctx, p.admin, admin.PrincipalQuery{Text: "иван"})
		w.must(err)
		if len(found) != 1 || found[0].ID != cron.ID || len(found[0].Roles) == 0 {
			t.Errorf("service users: %+v", found)
		}
		found, err = w.admin.FindApplications(ctx, p.admin, admin.PrincipalQuery{Text: "иван"})
		if err != nil || len(found) != 0 {
			t.Errorf("applications: %+v, %v", found, err)
		}
		renamed := "Сидоров"
		_, err = w.admin.ChangeUser(ctx, p.admin, admin.PrincipalEdit{ID: ivan, Name: &renamed})
		w.must(err)
		if got := find(admin.PrincipalQuery{Text: "сидор"}); len(got) != 1 {
			t.Errorf("by the new name: %q", got)
		}
		w.exec(`UPDATE principals SET search = ''`)
		n, err := w.admin.CompleteSearch(ctx)
		w.must(err)
		if got := find(admin.PrincipalQuery{Text: "СИДОР"}); len(got) != 1 || n < 4 {
			t.Errorf("%d completed, then found %q", n, got)
		}
	})
}

func TestGroupsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, ctx := w.tenant("1"), t.Context()
		_, err := w.admin.CreateUser(ctx, p.admin, admin.NewUser{
			Login: "one", Group: authority.GroupMobileUser, Password: authority.NewSecret("long enough"), Disabled: true,
		})
		w.must(err)
		got, err := w.admin.CountGroups(ctx, p.admin)
		w.must(err)
		if len(got) != len(authority.Groups())+1 || got[0] != (admin.GroupCount{Group: authority.GroupMobileUser, Users: 1, Disabled: 1}) {
			t.Errorf("got %+v", got)
		}
	})
}
