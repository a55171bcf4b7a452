package admin_test

import (
	"strings"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// What people sign in with is judged whoever gives it to them; a program's
// password is taken as the program has it.
func TestPasswordsOfPeopleAreJudged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("D-7")
		role, err := w.admin.CreateRole(t.Context(), p.admin, "office", nil)
		w.must(err)
		for name, test := range map[string]struct {
			group  string
			roles  []authority.ID
			judged bool
		}{
			"anybody":                {"", nil, true},
			"administrator":          {authority.GroupAdministrator, nil, true},
			"worker":                 {authority.GroupMobileUser, nil, true},
			"reader":                 {authority.GroupReadOnly, nil, true},
			"program with a role":    {authority.GroupExternalConnection, []authority.ID{role.ID}, true},
			"program without a role": {authority.GroupExternalConnection, nil, false},
		} {
			login := "developer " + name
			n := admin.NewUser{Login: login, Group: test.group, Roles: test.roles, Password: authority.NewSecret("k7mq29zx")}
			user, err := w.admin.CreateUser(t.Context(), p.admin, n)
			w.must(err)
			for _, weak := range []string{strings.ToUpper(login), strings.Repeat(" ", 20), strings.Repeat("a", 20), "password123"} {
				err := w.admin.SetPassword(t.Context(), p.admin, user.ID, authority.NewSecret(weak))
				if (authority.CodeOf(err) == authority.InvalidValue) != test.judged || (err == nil) == test.judged {
					t.Errorf("%s is given %q: %v", name, weak, err)
				}
			}
			n.Login, n.Password = "another "+name, authority.NewSecret("Another "+name)
			if _, err = w.admin.CreateUser(t.Context(), p.admin, n); (err == nil) == test.judged {
				t.Errorf("%s is made with his login as his password: %v", name, err)
			}
		}
		w.refused(w.admin.SetPassword(t.Context(), p.admin, authority.NewID(), authority.NewSecret("k7mq29zx")), authority.NotFound)
	})
}
