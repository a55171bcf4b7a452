package authority

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/store"
)

const personColumns = `p.id, p.kind, p.name, p.login, p.group_name, p.disabled, p.all_areas,
	p.list_of, p.keys_off, p.traits, p.mark, p.created_ms, a.id, a.stand, a.name, a.contract, a.number, a.disabled, a.settings,
	a.mark, a.created_ms`

const credentialColumns = `c.id, c.kind, c.client_id, c.dialect, c.description, c.digest, c.pepper,
	c.hash, c.revision, c.expires_ms, c.allow_list, c.revoked, c.mark, c.created_ms,
	c.last_used_ms, c.last_address, ` + personColumns

const fromCredentials = ` FROM credentials c
	JOIN principals p ON p.id = c.principal
	JOIN accounts a ON a.id = c.account `

// person is where the columns of a principal and its account land.
type person struct {
	principal            authority.Principal
	account              authority.Account
	settings, traits     string
	pMark, aMark         authority.Position
	pCreated, aCreated   int64
	pDisabled, aDisabled int64
	allAreas, keysOff    int64
}

func (p *person) dest() []any {
	return []any{
		&p.principal.ID, &p.principal.Kind, &p.principal.Name, &p.principal.Login, &p.principal.Group,
		&p.pDisabled, &p.allAreas, &p.principal.Of, &p.keysOff, &p.traits, &p.pMark, &p.pCreated, &p.account.ID, &p.account.Stand,
		&p.account.Name, &p.account.Contract, &p.account.Number, &p.aDisabled, &p.settings,
		&p.aMark, &p.aCreated,
	}
}

// fill puts what was scanned into s.
func (p *person) fill(s *authority.Standing) error {
	p.principal.Account = p.account.ID
	p.principal.Disabled = p.pDisabled != 0
	p.principal.Areas.All, p.principal.KeysOff = p.allAreas != 0, p.keysOff != 0
	p.principal.Created = store.FromMillis(p.pCreated)
	p.account.Disabled = p.aDisabled != 0
	p.account.Created = store.FromMillis(p.aCreated)
	s.Principal, s.Account = p.principal, p.account
	s.Mark = max(s.Mark, p.pMark, p.aMark)
	if err := json.Unmarshal([]byte(p.traits), &s.Principal.Traits); err != nil {
		return err
	}
	return json.Unmarshal([]byte(p.settings), &s.Account.Settings)
}

// credentialRow is where the columns of a credential land.
type credentialRow struct {
	person
	s                               authority.Standing
	allow                           string
	expires, revoked, created, used int64
	mark                            authority.Position
}

func (r *credentialRow) dest() []any {
	c := &r.s.Credential
	return append([]any{
		&c.ID, &c.Kind, &c.ClientID, &c.Application, &c.Description, &r.s.Digest, &r.s.Pepper,
		&r.s.Hash, &r.s.Revision, &r.expires, &r.allow, &r.revoked, &r.mark, &r.created,
		&r.used, &c.LastAddress,
	}, r.person.dest()...)
}

// standing finishes what was scanned.
func (r *credentialRow) standing() (authority.Standing, error) {
	r.s.Mark = r.mark
	if err := r.person.fill(&r.s); err != nil {
		return authority.Standing{}, err
	}
	c := &r.s.Credential
	c.Account, c.Principal, c.Stand = r.s.Account.ID, r.s.Principal.ID, r.s.Account.Stand
	c.Revoked = r.revoked != 0
	c.Expires, c.Created, c.LastUsed = store.FromMillis(r.expires), store.FromMillis(r.created), store.FromMillis(r.used)
	return r.s, json.Unmarshal([]byte(r.allow), &c.Allow)
}

// CredentialByID implements authority.Credentials.
func (s *Store) CredentialByID(ctx context.Context, stand authority.Stand, kind authority.CredentialKind, id authority.ID) (authority.Standing, error) {
	found, err := s.credentials(ctx, `WHERE c.id = $1 AND c.stand = $2 AND c.kind = $3`, id, stand, kind)
	return first(found, err)
}

// CredentialsByClient implements authority.Credentials.
func (s *Store) CredentialsByClient(ctx context.Context, stand authority.Stand, kind authority.CredentialKind, clientID string) ([]authority.Standing, error) {
	return s.credentials(ctx, `WHERE c.stand = $1 AND c.kind = $2 AND c.client_id = $3 AND c.revoked = 0
		ORDER BY c.created_ms DESC, c.id LIMIT 4`, stand, kind, clientID)
}

// CredentialByDigest implements authority.Credentials.
func (s *Store) CredentialByDigest(ctx context.Context, stand authority.Stand, kind authority.CredentialKind, digests [][]byte) (authority.Standing, error) {
	for _, digest := range digests {
		found, err := s.credentials(ctx, `WHERE c.digest = $1 AND c.stand = $2 AND c.kind = $3`, digest, stand, kind)
		if err != nil || len(found) > 0 {
			return first(found, err)
		}
	}
	return authority.Standing{}, notFound()
}

func first(found []authority.Standing, err error) (authority.Standing, error) {
	if err == nil && len(found) == 0 {
		err = notFound()
	}
	if err != nil {
		return authority.Standing{}, err
	}
	return found[0], nil
}

func notFound() error { return authority.E(authority.NotFound, "not found") }

// credentials reads standings with the rights of their principals.
func (s *Store) credentials(ctx context.Context, where string, args ...any) ([]authority.Standing, error) {
	var found []authority.Standing
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		var err error
		found, err = store.Collect(tx, scanStanding, `SELECT `+credentialColumns+fromCredentials+where, args...)
		if err != nil {
			return err
		}
		for i := range found {
			if err := rights(tx, &found[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return found, err
}

func scanStanding(row store.Scanner) (authority.Standing, error) {
	var r credentialRow
	if err := row.Scan(r.dest()...); err != nil {
		return authority.Standing{}, err
	}
	return r.standing()
}

// Caller implements authority.Callers.
func (s *Store) Caller(ctx context.Context, stand authority.Stand, principal authority.ID) (authority.Standing, error) {
	var standing authority.Standing
	err := s.db.Read(ctx, func(tx *store.Tx) error { return caller(tx, stand, principal, &standing) })
	return standing, err
}

// caller reads a principal with its account and rights into s.
func caller(tx *store.Tx, stand authority.Stand, principal authority.ID, s *authority.Standing) error {
	var p person
	err := tx.QueryRow(`SELECT `+personColumns+` FROM principals p JOIN accounts a ON a.id = p.account
		WHERE p.id = $1 AND p.stand = $2`, principal, stand).Scan(p.dest()...)
	if errors.Is(err, store.ErrNoRows) {
		return notFound()
	}
	if err != nil {
		return err
	}
	if err := p.fill(s); err != nil {
		return err
	}
	return rights(tx, s)
}

// rights reads roles, permissions and areas of the standing's principal.
func rights(tx *store.Tx, s *authority.Standing) error {
	roles, err := store.Collect(tx, scanRole, `SELECT r.id, r.permissions FROM principal_roles pr JOIN roles r ON r.id = pr.role
		WHERE pr.principal = $1 ORDER BY r.id`, s.Principal.ID)
	if err != nil {
		return err
	}
	for _, role := range roles {
		s.Principal.Roles = append(s.Principal.Roles, role.ID)
		s.Permissions = append(s.Permissions, role.Permissions...)
	}
	slices.Sort(s.Permissions)
	s.Permissions = slices.Compact(s.Permissions)
	if s.Principal.Areas.All {
		return nil
	}
	s.Principal.Areas.IDs, err = store.Collect(tx, store.Column[authority.ID],
		`SELECT area FROM principal_areas WHERE principal = $1 ORDER BY area`, s.Principal.ID)
	return err
}

func scanRole(row store.Scanner) (r authority.Role, err error) {
	var permissions string
	if err = row.Scan(&r.ID, &permissions); err == nil {
		err = json.Unmarshal([]byte(permissions), &r.Permissions)
	}
	return r, err
}

// Rehash implements authority.Credentials. A credential whose secret changed
// meanwhile is left alone.
func (s *Store) Rehash(ctx context.Context, r authority.Rehash) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		query, value := `UPDATE credentials SET digest = $1, pepper = $2 WHERE id = $3 AND revision = $4`, any(r.Digest)
		if r.Hash != "" {
			query, value = `UPDATE credentials SET hash = $1, pepper = $2 WHERE id = $3 AND revision = $4`, r.Hash
		}
		_, err := tx.Exec(query, value, r.Pepper, r.Credential, r.Revision)
		return err
	})
}
