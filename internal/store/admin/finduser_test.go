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
		find := func(q admin.UserQuery) (names []string) {
			list, err := w.admin.FindUsers(ctx, p.admin, q)
			w.must(err)
			for _, u := range list {
				names = append(names, u.Name)
			}
			return names
		}
		none, mobile := "", authority.GroupMobileUser
		for _, tt := range []struct {
			q    admin.UserQuery
			want []string
		}{
			{admin.UserQuery{Text: "ИВАН"}, []string{"Иванов Пётр"}},
			{admin.UserQuery{Text: "пётр"}, []string{"Zoe", "Иванов Пётр", "Петров 100%_!"}}, // ё is found as е
			{admin.UserQuery{Text: "ов  ПЕТР "}, []string{"Иванов Пётр"}},
			{admin.UserQuery{Text: "0%_!"}, []string{"Петров 100%_!"}},
			{admin.UserQuery{Text: "%"}, []string{"Петров 100%_!"}},
			{admin.UserQuery{Text: "пётр ivan"}, nil},
			{admin.UserQuery{Group: &mobile}, []string{"Иванов Пётр", "Петров 100%_!"}},
			{admin.UserQuery{Group: &none, Text: "zoe"}, []string{"Zoe"}},
			{admin.UserQuery{Group: &mobile, After: admin.UserCursor{Name: "Иванов Пётр", ID: ivan}}, []string{"Петров 100%_!"}},
		} {
			if got := find(tt.q); !slices.Equal(got, tt.want) {
				t.Errorf("%+v: %q, want %q", tt.q, got, tt.want)
			}
		}
		renamed := "Сидоров"
		_, err := w.admin.ChangeUser(ctx, p.admin, admin.PrincipalEdit{ID: ivan, Name: &renamed})
		w.must(err)
		if got := find(admin.UserQuery{Text: "сидор"}); len(got) != 1 {
			t.Errorf("by the new name: %q", got)
		}
		w.exec(`UPDATE principals SET search = ''`)
		n, err := w.admin.CompleteSearch(ctx)
		w.must(err)
		if got := find(admin.UserQuery{Text: "СИДОР"}); len(got) != 1 || n < 4 {
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
