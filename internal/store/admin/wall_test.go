package admin_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
	rows "propusk/internal/store/admin"
)

// foreign is one method, called by one account with ids of another.
type foreign struct {
	name string
	want authority.Code
	call func(ctx context.Context, s *admin.Service, c authority.Caller, b *belongings) error
}

// belongings is what another account has.
type belongings struct {
	account, serviceUser, user, application, role, area, credential, grant authority.ID
}

func only[T any](_ T, err error) error { return err }

// foreigners lists every method that takes an id.
func foreigners() []foreign {
	type ctx = context.Context
	type service = admin.Service
	type caller = authority.Caller
	gone := authority.NotFound
	return []foreign{
		{"Account", gone, func(x ctx, s *service, c caller, b *belongings) error { return only(s.Account(x, c, b.account)) }},
		{"ServiceUser", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.ServiceUser(x, c, b.serviceUser))
		}},
		{"User", gone, func(x ctx, s *service, c caller, b *belongings) error { return only(s.User(x, c, b.user)) }},
		{"Application", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.Application(x, c, b.application))
		}},
		{"ChangeServiceUser", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.ChangeServiceUser(x, c, admin.PrincipalEdit{ID: b.serviceUser, Disabled: ptr(true)}))
		}},
		{"ChangeUser", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.ChangeUser(x, c, admin.PrincipalEdit{ID: b.user, Name: ptr("x")}))
		}},
		{"ChangeApplication", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.ChangeApplication(x, c, admin.PrincipalEdit{ID: b.application, Name: ptr("x")}))
		}},
		{"SetPassword", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return s.SetPassword(x, c, b.user, authority.NewSecret("long enough"))
		}},
		{"DeleteServiceUser", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return s.DeleteServiceUser(x, c, b.serviceUser)
		}},
		{"DeleteUser", gone, func(x ctx, s *service, c caller, b *belongings) error { return s.DeleteUser(x, c, b.user) }},
		{"DeleteApplication", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return s.DeleteApplication(x, c, b.application)
		}},
		{"GenerateServiceToken", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.GenerateServiceToken(x, c, admin.Generate{Principal: b.serviceUser}))
		}},
		{"GenerateAccessKey", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.GenerateAccessKey(x, c, admin.Generate{Principal: b.user}))
		}},
		{"RotateApplicationSecret", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.RotateApplicationSecret(x, c, admin.Generate{Principal: b.application}))
		}},
		{"Credentials", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.Credentials(x, c, b.serviceUser))
		}},
		{"RevokeCredential", gone, func(x ctx, s *service, c caller, b *belongings) error { return s.RevokeCredential(x, c, b.credential) }},
		{"RevokeGrant", gone, func(x ctx, s *service, c caller, b *belongings) error { return s.RevokeGrant(x, c, b.grant) }},
		{"RevokeGrants", gone, func(x ctx, s *service, c caller, b *belongings) error { return s.RevokeGrants(x, c, b.serviceUser) }},
		{"ChangeRole", gone, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.ChangeRole(x, c, admin.RoleEdit{ID: b.role, Name: ptr("x")}))
		}},
		{"DeleteRole", gone, func(x ctx, s *service, c caller, b *belongings) error { return s.DeleteRole(x, c, b.role) }},
		{"RenameArea", gone, func(x ctx, s *service, c caller, b *belongings) error { return only(s.RenameArea(x, c, b.area, "x")) }},
		{"DeleteArea", gone, func(x ctx, s *service, c caller, b *belongings) error { return s.DeleteArea(x, c, b.area) }},
		{"CreateServiceUser with a foreign role", authority.InvalidValue, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.CreateServiceUser(x, c, admin.NewServiceUser{Name: "x", Roles: []authority.ID{b.role}}))
		}},
		{"CreateServiceUser with a foreign area", authority.InvalidValue, func(x ctx, s *service, c caller, b *belongings) error {
			return only(s.CreateServiceUser(x, c, admin.NewServiceUser{Name: "x", Areas: authority.Areas{IDs: []authority.ID{b.area}}}))
		}},
		{"DisableAccount", authority.Forbidden, func(x ctx, s *service, c caller, b *belongings) error { return only(s.DisableAccount(x, c, b.account)) }},
		{"DeleteAccount", authority.Forbidden, func(x ctx, s *service, c caller, b *belongings) error { return s.DeleteAccount(x, c, b.account) }},
		{"AccountByContract", authority.Forbidden, func(x ctx, s *service, c caller, _ *belongings) error {
			return only(s.AccountByContract(x, c, "2"))
		}},
	}
}

// own makes one of everything.
func (p *tenant) own() *belongings {
	p.t.Helper()
	ctx, s := p.t.Context(), p.world.admin
	b := &belongings{account: p.account.ID, role: p.roles[admin.DeveloperRole], user: p.admin.Principal().ID}
	area, err := s.CreateArea(ctx, p.admin, "Юг")
	p.must(err)
	b.area = area.ID
	app, err := s.CreateApplication(ctx, p.admin, admin.NewApplication{Name: "app", Dialect: "toy"})
	p.must(err)
	b.application = app.Application.ID
	user, secret := p.serviceUser("CRM")
	b.serviceUser = user.ID
	out, err := p.issue(authority.ServiceToken, "", secret)
	p.must(err)
	b.grant = out.Grant
	list, err := s.Credentials(ctx, p.admin, user.ID)
	p.must(err)
	b.credential = list[0].ID
	return b
}

// Rule 9, B44: what is another account's answers like what is missing, and
// stays as it is.
func TestAccountsAreWalls(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mine, theirs := w.tenant("1"), w.tenant("2")
		b := theirs.own()
		missing := &belongings{}
		for _, id := range []*authority.ID{
			&missing.account, &missing.serviceUser, &missing.user, &missing.application,
			&missing.role, &missing.area, &missing.credential, &missing.grant,
		} {
			*id = authority.NewID()
		}
		before := w.dump(theirs.account.ID)
		for _, f := range foreigners() {
			err := f.call(t.Context(), w.admin, mine.admin, b)
			if authority.CodeOf(err) != f.want {
				t.Errorf("%s: got %v, want %s", f.name, err, f.want)
			}
			if other := f.call(t.Context(), w.admin, mine.admin, missing); fmt.Sprint(other) != fmt.Sprint(err) {
				t.Errorf("%s: foreign %v, missing %v", f.name, err, other)
			}
		}
		if after := w.dump(theirs.account.ID); after != before {
			t.Errorf("rows of the other account changed:\n%s\n%s", before, after)
		}
		w.seesNothing(mine, theirs)
	})
}

// seesNothing walks every list.
func (w *world) seesNothing(mine, theirs *tenant) {
	w.t.Helper()
	ctx := w.t.Context()
	users, err := w.admin.Users(ctx, mine.admin, admin.Page{})
	w.must(err)
	services, err := w.admin.ServiceUsers(ctx, mine.admin, admin.Page{})
	w.must(err)
	areas, err := w.admin.Areas(ctx, mine.admin, admin.Page{})
	w.must(err)
	if users.Total != 1 || services.Total != 0 || areas.Total != 0 {
		w.t.Errorf("totals reach over the wall: %d users, %d service users, %d areas", users.Total, services.Total, areas.Total)
	}
	grants, err := w.admin.Grants(ctx, mine.admin, admin.GrantQuery{})
	w.must(err)
	for _, g := range grants {
		if g.Principal != mine.admin.Principal().ID {
			w.t.Errorf("a foreign grant is listed: %+v", g)
		}
	}
	entries, err := w.admin.Audit(ctx, mine.admin, admin.AuditQuery{Size: 1000})
	w.must(err)
	for _, e := range entries {
		if e.Account != mine.account.ID {
			w.t.Errorf("a foreign audit entry is listed: %+v", e)
		}
	}
	_, err = w.admin.Accounts(ctx, theirs.admin, admin.Page{})
	w.refused(err, authority.Forbidden)
}

// dump writes every row of an account that admin can touch. The audit is left
// out: it only grows.
func (w *world) dump(account authority.ID) string {
	w.t.Helper()
	var out strings.Builder
	for _, query := range []string{
		`SELECT name, contract, number, disabled, mark, settings FROM accounts WHERE id = $1 ORDER BY id`,
		`SELECT name, login, group_name, disabled, mark, id FROM principals WHERE account = $1 ORDER BY id`,
		`SELECT name, permissions, id, account, account, account FROM roles WHERE account = $1 ORDER BY id`,
		`SELECT name, id, account, account, account, account FROM areas WHERE account = $1 ORDER BY id`,
		`SELECT client_id, revoked, mark, revision, expires_ms, ends_ms FROM credentials WHERE account = $1 ORDER BY id`,
		`SELECT generation, mark, position, gone_ms, scope, id FROM grants WHERE account = $1 ORDER BY id`,
		`SELECT m.role, m.principal, p.account, p.account, p.account, p.account FROM principal_roles m
			JOIN principals p ON p.id = m.principal WHERE p.account = $1 ORDER BY m.role, m.principal`,
	} {
		w.must(w.db.Read(w.t.Context(), func(tx *store.Tx) error {
			rows, err := tx.Query(query, account)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var c [6]any
				if err := rows.Scan(&c[0], &c[1], &c[2], &c[3], &c[4], &c[5]); err != nil {
					return err
				}
				fmt.Fprintln(&out, c)
			}
			return rows.Err()
		}))
	}
	return out.String()
}

// Nobody gives what he does not have, and nobody gets at somebody who may more.
func TestNobodyGivesMoreThanHeHas(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		ctx := t.Context()
		role, err := w.admin.CreateRole(ctx, p.admin, "clerk", []authority.Permission{
			admin.UsersManage, admin.ServiceUsersManage, admin.RolesManage, admin.AccountRead,
		})
		w.must(err)
		area, err := w.admin.CreateArea(ctx, p.admin, "Север")
		w.must(err)
		password := authority.NewSecret("длинный пароль")
		_, err = w.admin.CreateUser(ctx, p.admin, admin.NewUser{
			Login: "clerk", Password: password, Roles: []authority.ID{role.ID}, Areas: authority.Areas{IDs: []authority.ID{area.ID}},
		})
		w.must(err)
		clerk := w.signIn("clerk", password)
		boss := p.admin.Principal().ID
		secretive, _ := p.serviceUser("holds more")
		steps := map[string]error{
			"a role with more":       only(w.admin.CreateRole(ctx, clerk, "more", []authority.Permission{tasksList})),
			"an administrator":       only(w.admin.CreateUser(ctx, clerk, admin.NewUser{Login: "x", Password: password, Roles: []authority.ID{p.roles[admin.AdministratorRole]}})),
			"himself more":           only(w.admin.ChangeUser(ctx, clerk, admin.PrincipalEdit{ID: clerk.Principal().ID, Roles: &[]authority.ID{p.roles[admin.AdministratorRole]}})),
			"himself all areas":      only(w.admin.ChangeUser(ctx, clerk, admin.PrincipalEdit{ID: clerk.Principal().ID, Areas: &authority.Areas{All: true}})),
			"a wider service user":   only(w.admin.CreateServiceUser(ctx, clerk, admin.NewServiceUser{Name: "x", Areas: authority.Areas{All: true}})),
			"the boss's password":    w.admin.SetPassword(ctx, clerk, boss, password),
			"the boss's key":         only(w.admin.GenerateAccessKey(ctx, clerk, admin.Generate{Principal: boss})),
			"the boss's life":        w.admin.DeleteUser(ctx, clerk, boss),
			"the boss's role":        only(w.admin.ChangeRole(ctx, clerk, admin.RoleEdit{ID: p.roles[admin.AdministratorRole], Permissions: &[]authority.Permission{}})),
			"a wider one's token":    only(w.admin.GenerateServiceToken(ctx, clerk, admin.Generate{Principal: secretive.ID})),
			"an owner":               only(w.admin.CreateRole(ctx, p.admin, "owner", []authority.Permission{admin.AccountsManage})),
			"an area":                only(w.admin.CreateArea(ctx, clerk, "x")),
			"applications":           only(w.admin.CreateApplication(ctx, clerk, admin.NewApplication{Name: "x", Dialect: "toy"})),
			"settings":               only(w.admin.ChangeSettings(ctx, clerk, admin.SettingsPatch{})),
			"the audit":              only(w.admin.Audit(ctx, clerk, admin.AuditQuery{})),
			"nobody lists":           only(w.admin.Users(ctx, authority.Caller{}, admin.Page{})),
			"nobody lists the audit": only(w.admin.Audit(ctx, authority.Caller{}, admin.AuditQuery{})),
		}
		for what, err := range steps {
			if authority.CodeOf(err) != authority.Forbidden {
				t.Errorf("%s: got %v, want forbidden", what, err)
			}
		}
		_, err = w.admin.CreateServiceUser(ctx, clerk, admin.NewServiceUser{Name: "fine", Roles: []authority.ID{role.ID}, Areas: authority.Areas{IDs: []authority.ID{area.ID}}})
		w.must(err)
	})
}

// B49: nothing old is reachable under a new one of the same login and contract.
func TestDeletedIsGone(t *testing.T) {
	for name, crash := range map[string]bool{"asked": false, "after a crash": true} {
		t.Run(name, func(t *testing.T) { deletedIsGone(t, crash) })
	}
}

func deletedIsGone(t *testing.T, crash bool) {
	t.Helper()
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		b := p.own()
		password := authority.NewSecret("длинный пароль")
		user, err := w.admin.CreateUser(t.Context(), p.admin, admin.NewUser{Login: "anna", Password: password})
		w.must(err)
		key, err := w.admin.GenerateAccessKey(t.Context(), p.admin, admin.Generate{Principal: user.ID})
		w.must(err)
		old, err := w.issue(authority.Password, "anna", password)
		w.must(err)
		w.must(w.admin.DeleteUser(t.Context(), p.admin, user.ID))
		again, err := w.admin.CreateUser(t.Context(), p.admin, admin.NewUser{Login: "Anna", Password: authority.NewSecret("другой пароль")})
		w.must(err)
		if again.ID == user.ID {
			t.Error("the id came again")
		}
		_, err = w.issue(authority.Password, "anna", password)
		w.refused(err, authority.InvalidGrant)
		_, err = w.issue(authority.AccessKey, key.Credential.ClientID, key.Secret)
		w.refused(err, authority.InvalidClient)
		_, err = w.auth.Refresh(t.Context(), authority.RefreshRequest{Origin: w.origin(), Token: old.Refresh})
		w.refused(err, authority.InvalidGrant)
		w.dead(old.Access)

		w.refused(w.admin.DeleteAccount(t.Context(), w.system(), b.account), authority.Conflict)
		_, err = w.admin.DisableAccount(t.Context(), w.system(), b.account)
		w.must(err)
		w.exec(`INSERT INTO idempotency (account, principal, key, digest, status, answer, expires_ms)
			VALUES ($1, 1, 'k', $2, 200, $2, 1)`, b.account, []byte("old payload"))
		w.exec(`INSERT INTO task (id, account, number, area, closed, deleted, stage, assignee, created_ms, modified_ms, stamp,
			title, company, search, description) VALUES (7, $1, 1, 0, 0, 0, 1, 0, 1, 1, '', 'old payload', '', '', '')`, b.account)
		w.exec(`INSERT INTO task_move (task, step, account, from_stage, to_stage, actor, at_ms) VALUES (7, 1, $1, 0, 1, 1, 1)`, b.account)
		w.exec(`INSERT INTO phone_call (id, account, begun_ms, answered_ms, duration_ms, talk_ms, direction, disposition, is_read,
			recorded, from_extension, to_extension, from_number, from_name, to_number, to_name, source, source_id)
			VALUES (8, $1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0, '1', '', '2', '', 'x', '1')`, b.account)
		w.exec(`INSERT INTO phone_recording (id, account, phone_call, begun_ms, media, bytes, blob_name, mp3_bytes, mp3_blob)
			VALUES (9, $1, 8, 1, 'wav', 1, 'sound', 1, 'copy')`, b.account)
		w.auth.Refuse(authority.Entry{Stand: authority.Production, Account: b.account, Verb: authority.VerbIssue}) // gathered until it is flushed
		if crash {
			w.exec(`UPDATE accounts SET settings = '{"deleting":true}' WHERE id = $1`, b.account)
			_, err := w.admin.EnableAccount(t.Context(), w.system(), b.account)
			w.refused(err, authority.Conflict)
			n, err := rows.New(w.db, w.feed.Apply).WithFiles(w.files).FinishDeletions(t.Context())
			if w.must(err); n != 1 {
				t.Errorf("%d deletions were finished", n)
			}
		} else {
			w.must(w.admin.DeleteAccount(t.Context(), w.system(), b.account))
		}
		if !slices.Equal(w.files.gone, []string{"sound", "copy"}) {
			t.Errorf("files that were deleted: %q", w.files.gone)
		}
		w.must(w.auth.Flush(t.Context()))
		for _, table := range w.tablesOfAccounts() {
			if n := w.count(`SELECT count(*) FROM `+table+` WHERE account = $1`, b.account); n > 0 {
				t.Errorf("%s keeps %d rows of a deleted account", table, n)
			}
		}
		if n := w.count(`SELECT count(*) FROM audit WHERE account = $1`, b.account); n != 1 {
			t.Errorf("%d entries of its audit are left, want that of its end alone", n)
		}
		w.proven("account.delete")
		next := w.tenant("1")
		if next.account.ID == b.account {
			t.Error("the account's id came again")
		}
		entries, err := w.admin.Audit(t.Context(), next.admin, admin.AuditQuery{Verb: "user.create"})
		w.must(err)
		if len(entries) > 0 {
			t.Errorf("the new account reads the old one's audit: %+v", entries)
		}
	})
}

// tablesOfAccounts reads the schema, so that a slice that adds a table is told.
func (w *world) tablesOfAccounts() []string {
	w.t.Helper()
	query := `SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'account' ORDER BY 1`
	if w.db.Driver() == store.Postgres {
		query = `SELECT CAST(table_name AS TEXT) FROM information_schema.columns WHERE column_name = 'account' AND table_schema = current_schema() ORDER BY 1`
	}
	var tables []string
	w.must(w.db.Read(w.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			if name != "audit" && name != "audit_gone" { // both say that an account was there
				tables = append(tables, name)
			}
		}
		return rows.Err()
	}))
	if len(tables) < 10 {
		w.t.Fatalf("the schema has only %v", tables)
	}
	return tables
}

// Secrets are in what made them and nowhere else (rule 6): not in rows, lists,
// audit entries or errors.
func TestSecretsStayWhereTheyWereMade(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.tenant("1")
		b := p.own()
		ctx := t.Context()
		token := p.serviceToken(b.serviceUser, time.Hour)
		app, err := w.admin.RotateApplicationSecret(ctx, p.admin, admin.Generate{Principal: b.application})
		w.must(err)
		key, err := w.admin.GenerateAccessKey(ctx, p.admin, admin.Generate{Principal: b.user})
		w.must(err)
		canaries := []string{token.Secret.Reveal(), app.Secret.Reveal(), key.Secret.Reveal(), p.password.Reveal(), "canary password"}
		var seen strings.Builder
		for _, principal := range []authority.ID{b.serviceUser, b.application, b.user} {
			list, err := w.admin.Credentials(ctx, p.admin, principal)
			w.must(err)
			fmt.Fprintf(&seen, "%+v", list)
		}
		entries, err := w.admin.Audit(ctx, p.admin, admin.AuditQuery{Size: 1000})
		w.must(err)
		grants, err := w.admin.Grants(ctx, p.admin, admin.GrantQuery{})
		w.must(err)
		_, short := w.admin.CreateUser(ctx, p.admin, admin.NewUser{Login: p.login, Password: authority.NewSecret("canary password")})
		fmt.Fprintf(&seen, "%+v %+v %+v %+v %+v %v", entries, grants, token, app, key, short)
		for _, column := range []string{"client_id", "description", "hash", "allow_list", "last_address"} {
			w.must(w.db.ReadOne(ctx, func(tx *store.Tx) error {
				rows, err := tx.Query(`SELECT ` + column + ` FROM credentials`)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					var text string
					if err := rows.Scan(&text); err != nil {
						return err
					}
					seen.WriteString(text)
				}
				return rows.Err()
			}))
		}
		for i, canary := range canaries {
			if strings.Contains(seen.String(), canary) {
				t.Errorf("secret %d came out", i)
			}
		}
	})
}
