package authority_test

import (
	"testing"

	"propusk/internal/authority"
)

// addClient gives the stage's principal one more secret, with a client id.
func (s *stage) addClient(kind authority.CredentialKind, id, dialect string) authority.Secret {
	s.t.Helper()
	credential := authority.NewID()
	secret := authority.NewSecretText(kind, credential)
	digest, pepper, err := s.auth.Digest(authority.Production, kind, secret)
	s.must(err)
	s.exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest,
		pepper, hash, revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses)
		VALUES ($1, $2, $3, 'production', $4, $5, $6, '', $7, $8, '', 1, 0, '[]', 0, 0, 0, 1, 0, '', 0)`,
		credential, s.account.ID, s.principal, kind, id, dialect, digest, pepper)
	return secret
}

func TestRegisteredTellsTheKindOfAClientID(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.addClient(authority.ApplicationSecret, "app", "short")
		s.addClient(authority.AccessKey, "key", "")
		s.addClient(authority.AccessKey, "both", "")
		s.addClient(authority.ApplicationSecret, "both", "jot")
		s.addClient(authority.AuthorizationToken, "root", "pair")
		s.addClient(authority.ApplicationSecret, "gone", "")
		s.exec(`UPDATE credentials SET revoked = 1 WHERE client_id = 'gone'`)
		for id, want := range map[string]authority.Registration{
			"app":  {Kind: authority.ApplicationSecret, Dialect: "short"},
			"key":  {Kind: authority.AccessKey},
			"both": {Kind: authority.ApplicationSecret, Dialect: "jot"},
		} {
			got, err := s.auth.Registered(t.Context(), authority.Production, id)
			if err != nil || got != want {
				t.Errorf("%s: %+v, %v, want %+v", id, got, err, want)
			}
			if _, err := s.auth.Registered(t.Context(), authority.Test, id); authority.CodeOf(err) != authority.NotFound {
				t.Errorf("%s on the other stand: %v", id, err)
			}
		}
		for _, id := range []string{"root", "gone", "nobody", "APP"} {
			if _, err := s.auth.Registered(t.Context(), authority.Production, id); authority.CodeOf(err) != authority.NotFound {
				t.Errorf("%s: %v", id, err)
			}
		}
	})
}

func TestAnyClientTakesClientsOfEveryDialect(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		secrets := map[string]authority.Secret{
			"app": s.addClient(authority.ApplicationSecret, "app", "short"),
			"key": s.addClient(authority.AccessKey, "key", ""),
		}
		for id, secret := range secrets {
			r, err := s.auth.Registered(t.Context(), authority.Production, id)
			s.must(err)
			c, err := s.auth.AnyClient(t.Context(), s.origin("jot"), r, id, secret)
			if err != nil || c.Principal().ID != s.principal || c.Origin().Dialect != "jot" || !c.Can("TasksList") {
				t.Errorf("%s: %+v, %v", id, c.Principal(), err)
			}
			for what, wrong := range map[string]struct {
				origin authority.Origin
				r      authority.Registration
				secret authority.Secret
			}{
				"wrong secret":     {s.origin("jot"), r, secrets[map[string]string{"app": "key", "key": "app"}[id]]},
				"no secret":        {s.origin("jot"), r, authority.Secret{}},
				"of another kind":  {s.origin("jot"), authority.Registration{Kind: authority.ServiceToken}, secret},
				"on another stand": {authority.Origin{Stand: authority.Test, Dialect: "jot"}, r, secret},
			} {
				if c, err := s.auth.AnyClient(t.Context(), wrong.origin, wrong.r, id, wrong.secret); err == nil || c.Principal().ID != 0 {
					t.Errorf("%s: %s got in", id, what)
				}
			}
		}
		// Without the detour an application enters its own dialect's doors only.
		_, err := s.auth.Client(t.Context(), s.origin("jot"), authority.ApplicationSecret, "app", secrets["app"])
		if authority.CodeOf(err) != authority.InvalidClient {
			t.Errorf("an application of another dialect: %v", err)
		}
	})
}
