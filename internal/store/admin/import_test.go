package admin_test

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// bring imports n into the tenant's account as the command line does.
func (p *tenant) bring(n admin.Import) (bool, error) {
	c := authority.System(authority.Production, p.account, "", "command_line")
	return p.world.admin.ImportCredential(p.t.Context(), c, n)
}

func secretRow(kind authority.CredentialKind, name, secret string) admin.Import {
	return admin.Import{Kind: kind, Name: name, Secret: authority.NewSecret(secret)}
}

const foreignSecret = "3f7a-foreign-SECRET/text+0123456789=="

func (w *world) opens(kind authority.CredentialKind, clientID, secret string) error {
	origin := w.origin()
	origin.Address = netip.MustParseAddr("192.0.2.7")
	_, err := w.auth.Issue(w.t.Context(), authority.IssueRequest{
		Origin: origin, Kind: kind, ClientID: clientID, Secret: authority.NewSecret(secret),
	})
	return err
}

func TestImportedSecretsWork(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := w.tenant("1")
		hash, err := bcrypt.GenerateFromPassword([]byte("пароль Весна-2026"), bcrypt.MinCost)
		w.must(err)
		app := secretRow(authority.ApplicationSecret, "1С", "application-secret-of-32-characters")
		app.ClientID, app.Dialect, app.Owner, app.Traits.RedirectURIs = "crm", "toy", "Иванов", []string{"https://crm.example/cb"}
		key := secretRow(authority.AccessKey, "", "access-key-secret-of-some-length")
		key.ClientID, key.Login = "key-1", "ИВАНОВ"
		user := admin.Import{Kind: authority.Password, Login: "Иванов", Group: authority.GroupMobileUser, Secret: authority.NewSecret(string(hash))}
		limited := secretRow(authority.ServiceToken, "Website", foreignSecret)
		limited.Allow, limited.Expires = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, w.clock.Now().Add(time.Hour)
		rows := []admin.Import{user, limited, key, app, secretRow(authority.AuthorizationToken, "", "eyJhbGciOiJIUzI1NiJ9.e30.foreign")}

		for round := range 2 {
			for _, n := range rows {
				n.Try = true
				added, err := o.bring(n)
				if n.Kind == authority.AccessKey || n.Owner != "" {
					if round == 0 && authority.CodeOf(err) != authority.InvalidValue {
						t.Errorf("%s for nobody: %v", n.Kind, err)
					}
					continue
				}
				if err != nil || added != (round == 0) {
					t.Errorf("try %s, round %d: %v, %v", n.Kind, round, added, err)
				}
			}
			for _, n := range rows {
				if added, err := o.bring(n); err != nil || added != (round == 0) {
					t.Errorf("import %s, round %d: %v, %v", n.Kind, round, added, err)
				}
			}
			w.must(w.opens(authority.Password, "иванов", "пароль Весна-2026"))
			w.must(w.opens(authority.ServiceToken, "", foreignSecret))
			w.must(w.opens(authority.AccessKey, "key-1", "access-key-secret-of-some-length"))
			w.must(w.opens(authority.ApplicationSecret, "crm", "application-secret-of-32-characters"))
			w.must(w.opens(authority.AuthorizationToken, "", "eyJhbGciOiJIUzI1NiJ9.e30.foreign"))
			w.start()
		}
		w.refused(w.opens(authority.Password, "иванов", "another"), authority.InvalidGrant)
		w.refused(w.opens(authority.AccessKey, "", foreignSecret), authority.InvalidClient)
		if got := w.count(`SELECT count(*) FROM credentials WHERE hash LIKE '$argon2id$%' AND client_id = 'иванов'`); got != 1 {
			t.Error("the bcrypt hash was not made anew at the sign-in")
		}
		if got := w.count(`SELECT count(*) FROM audit WHERE verb = 'credential.import'`); got != len(rows) {
			t.Errorf("%d entries in the audit, want %d", got, len(rows))
		}
		w.clock.Advance(2 * time.Hour)
		w.refused(w.opens(authority.ServiceToken, "", foreignSecret), authority.InvalidGrant)
	})
}

func TestImportKeepsWhatIsThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one, two := w.tenant("1"), w.tenant("2")
		token := secretRow(authority.ServiceToken, "Website", foreignSecret)
		if added, err := one.bring(token); !added || err != nil {
			t.Fatal(added, err)
		}
		key := secretRow(authority.AccessKey, "", foreignSecret)
		key.Login, key.ClientID = "admin-1", "key-1"
		_, err := one.bring(key)
		w.must(err)
		change := func(n admin.Import, edit func(*admin.Import)) admin.Import { edit(&n); return n }
		for name, test := range map[string]struct {
			into *tenant
			row  admin.Import
			says string
		}{
			"other account":     {two, token, "belongs to somebody else"},
			"other account key": {two, change(key, func(n *admin.Import) { n.Login = "admin-2" }), "belongs to somebody else"},
			"login elsewhere":   {two, key, "another account"},
			"other secret":      {one, change(token, func(n *admin.Import) { n.Secret = authority.NewSecret("another-secret-of-the-same-service") }), "another secret"},
			"other holder":      {one, change(token, func(n *admin.Import) { n.Name = "CRM" }), "belongs to somebody else"},
			"other key":         {one, change(key, func(n *admin.Import) { n.Secret = authority.NewSecret("another-secret-of-the-same-key") }), "differs in secret"},
			"other areas":       {one, change(token, func(n *admin.Import) { n.Areas.All = true }), "differs in areas"},
			"other text":        {one, change(token, func(n *admin.Import) { n.Description = "new" }), "differs in description"},
			"short":             {one, change(token, func(n *admin.Import) { n.Secret = authority.NewSecret("short") }), "16 to 8192"},
			"ours":              {one, change(token, func(n *admin.Import) { n.Secret = authority.NewSecret("pk_svc_" + strings.Repeat("0", 40)) }), "make a new one here"},
			"colon":             {one, change(key, func(n *admin.Import) { n.ClientID = "a:b" }), "client_id"},
			"hash":              {one, admin.Import{Kind: authority.Password, Login: "x", Secret: authority.NewSecret(foreignSecret)}, "none of argon2id"},
			"no way back": {one, admin.Import{
				Kind: authority.ApplicationSecret, Name: "x", ClientID: "x", Dialect: "toy", Traits: authority.Traits{Type: "public"}, Secret: authority.NewSecret(foreignSecret),
			}, "redirect-uris must name"},
			"dialect": {one, admin.Import{Kind: authority.ApplicationSecret, Name: "x", ClientID: "x", Secret: authority.NewSecret(foreignSecret)}, "dialect"},
		} {
			added, err := test.into.bring(test.row)
			if added || err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: %v, %v; want %q", name, added, err, test.says)
			}
			if err != nil && strings.Contains(fmt.Sprintf("%+v", err), test.row.Secret.Reveal()) {
				t.Errorf("%s: the error holds the secret", name)
			}
		}
		if got := w.count(`SELECT count(*) FROM principals WHERE name = 'CRM'`); got != 0 {
			t.Error("a refused row left its holder behind")
		}
	})
}

// Whoever revoked a secret meant it: the file that brought it does not bring it
// back.
func TestImportRevivesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := w.tenant("1")
		token := secretRow(authority.ServiceToken, "Website", foreignSecret)
		_, err := o.bring(token)
		w.must(err)
		id := w.count(`SELECT id FROM credentials WHERE kind = 'service_token'`)
		w.must(o.world.admin.RevokeCredential(t.Context(), o.admin, authority.ID(id)))
		if added, err := o.bring(token); added || authority.CodeOf(err) != authority.Conflict {
			t.Errorf("%v, %v", added, err)
		}
		w.refused(w.opens(authority.ServiceToken, "", foreignSecret), authority.InvalidGrant)
	})
}

// The same rows at once, as two imports of one file would bring them.
func TestImportsRace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := w.tenant("1")
		var work sync.WaitGroup
		var mu sync.Mutex
		total := 0
		for i := range 60 {
			work.Go(func() {
				name := fmt.Sprintf("service %d", i%10)
				added, err := o.bring(secretRow(authority.ServiceToken, name, foreignSecret+name[8:]))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				if added {
					total++
				}
			})
		}
		work.Wait()
		if got := w.count(`SELECT count(*) FROM principals WHERE kind = 'service_user'`); total != 10 || got != 10 {
			t.Errorf("%d added, %d service users, want 10", total, got)
		}
	})
}
