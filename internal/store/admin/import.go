package admin

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

// errTried takes a try back.
var errTried = errors.New("tried")

// ImportCredential implements admin.Imports.
func (s *Store) ImportCredential(ctx context.Context, ch admin.Change, n admin.ImportCreation) (added bool, err error) {
	err = s.alone(ctx, func(tx *store.Tx) error {
		added, err = importCredential(tx, ch, n)
		if err == nil && added {
			err = store.Audit(tx, ch.Entry)
		}
		if err == nil && n.Try {
			err = errTried
		}
		return err
	})
	if errors.Is(err, errTried) {
		err = nil
	}
	return added && err == nil, err
}

func importCredential(tx *store.Tx, ch admin.Change, n admin.ImportCreation) (bool, error) {
	owner, err := ownerOf(tx, ch, n.Owner)
	if err != nil {
		return false, err
	}
	n.Holder.Principal.Traits.Owner = owner
	holder, err := findHolder(tx, ch, n)
	made := authority.CodeOf(err) == authority.NotFound
	switch {
	case made:
		holder, err = makeHolder(tx, ch, n)
	case err == nil:
		err = differ(n.Differences(holder))
	}
	if err != nil {
		return false, err
	}
	if err := within(tx, ch, holder); err != nil {
		return false, err
	}
	n.Credential.Credential.Principal = holder.ID
	if there, err := thereAlready(tx, n); there || err != nil {
		return made, err
	}
	if err := roomFor(tx, n); err != nil {
		return false, err
	}
	return true, insertCredential(tx, n.Credential.Credential, stored{
		digest: n.Credential.Digest, pepper: n.Credential.Pepper, hash: n.Holder.Hash,
	})
}

// ownerOf finds the user that an application is to act as; 0 for none.
func ownerOf(tx *store.Tx, ch admin.Change, login string) (id authority.ID, err error) {
	if login == "" {
		return 0, nil
	}
	err = tx.QueryRow(`SELECT id FROM principals WHERE stand = $1 AND login_key = $2 AND account = $3`,
		ch.Stand, loginKey(login), ch.Account).Scan(&id)
	if errors.Is(err, store.ErrNoRows) {
		return 0, noUser("owner is no user of the account: import him before the application")
	}
	return id, err
}

// noUser is the error by which a try knows that an earlier row may mend it.
func noUser(message string) error {
	return authority.E(authority.InvalidValue, message).With("field", "login")
}

// findHolder looks for whom the secret belongs to. NotFound for nobody.
func findHolder(tx *store.Tx, ch admin.Change, n admin.ImportCreation) (authority.Principal, error) {
	p, c := n.Holder.Principal, n.Credential.Credential
	switch p.Kind {
	case authority.User:
		found, err := store.Collect(tx, store.Pair[authority.ID], `SELECT id, account FROM principals WHERE stand = $1 AND login_key = $2`, ch.Stand, loginKey(p.Login))
		if err != nil {
			return p, err
		}
		return only(tx, p, "login", found)
	case authority.Application:
		found, err := store.Collect(tx, store.Pair[authority.ID], `SELECT DISTINCT principal, account FROM credentials
			WHERE stand = $1 AND kind = $2 AND client_id = $3`, ch.Stand, c.Kind, c.ClientID)
		if err != nil {
			return p, err
		}
		return only(tx, p, "client_id", found)
	case authority.ServiceUser:
		found, err := store.Collect(tx, store.Pair[authority.ID], `SELECT id, account FROM principals WHERE account = $1 AND kind = $2 AND name = $3`,
			ch.Account, p.Kind, p.Name)
		if err != nil {
			return p, err
		}
		return only(tx, p, "name", found)
	case authority.Integration:
		return findIntegration(tx, ch.Account)
	}
	return authority.Principal{}, notFound("principal")
}

// only reads the one principal that was found by a field; like is what it should
// be.
func only(tx *store.Tx, like authority.Principal, field string, found [][2]authority.ID) (authority.Principal, error) {
	switch {
	case len(found) == 0:
		return like, notFound("principal")
	case found[0][1] != like.Account:
		return like, clash(field, "the "+field+" is already taken in another account")
	case len(found) > 1:
		return like, clash(field, "there are several with this "+field+": rename all but one")
	}
	p, err := load(tx, like.Account, found[0][0], like.Kind)
	if authority.CodeOf(err) == authority.NotFound { // never made anew beside the one that is there
		err = clash(field, "the "+field+" belongs to a principal of another kind")
	}
	return p, err
}

// clash is what is there already and is not what the row says.
func clash(field, message string) error {
	return authority.E(authority.Conflict, message).With("field", field)
}

// makeHolder writes the principal. A user is made by the row with his password
// alone.
func makeHolder(tx *store.Tx, ch admin.Change, n admin.ImportCreation) (authority.Principal, error) {
	p := n.Holder.Principal
	if n.Credential.Credential.Kind == authority.AccessKey {
		return p, noUser("login is no user of the account: import him before his access key")
	}
	if p.Name == "" {
		p.Name = p.Login
	}
	if p.Kind == authority.Integration && len(p.Roles) == 0 {
		p.Roles = []authority.ID{n.Role.ID}
		return p, insertIntegration(tx, ch, admin.IntegrationCreation{Principal: p, Role: n.Role})
	}
	return p, insertPrincipal(tx, ch, admin.PrincipalCreation{Principal: p})
}

func differ(fields []string) error {
	if len(fields) == 0 {
		return nil
	}
	return clash(fields[0], "is there already and differs in "+strings.Join(fields, ", ")+"; what is there was kept")
}

// twin is a stored secret that could be the one which is imported.
type twin struct {
	admin.Credential

	digest []byte
	hash   string
}

// thereAlready reports whether the secret is there as n says. A revoked one is
// not made anew: whoever revoked it meant it.
func thereAlready(tx *store.Tx, n admin.ImportCreation) (bool, error) {
	twins, err := twinsOf(tx, n)
	if err != nil || len(twins) == 0 {
		return false, err
	}
	for _, t := range twins {
		if t.same(n) {
			return true, t.judge(n)
		}
	}
	field := "secret"
	if n.Holder.Hash != "" {
		field = "password_hash"
	}
	return false, differ([]string{field})
}

// same compares without time that tells: both sides are keyed hashes, or the
// hash that the operator holds.
func (t twin) same(n admin.ImportCreation) bool {
	if n.Holder.Hash != "" && t.hash == n.Holder.Hash {
		return true
	}
	return slices.ContainsFunc(n.Same, func(d []byte) bool { return bytes.Equal(d, t.digest) })
}

func (t twin) judge(n admin.ImportCreation) error {
	switch {
	case t.Principal != n.Credential.Credential.Principal:
		return clash("secret", "the secret is there already and belongs to somebody else")
	case t.Revoked:
		return clash("secret", "the secret was revoked here and is not made anew")
	}
	return differ(n.CredentialDifferences(t.Credential))
}

// twinsOf finds stored secrets: with a public half by it, else by digest; a
// user's password by its user.
func twinsOf(tx *store.Tx, n admin.ImportCreation) (list []twin, err error) {
	c := n.Credential.Credential
	switch {
	case c.Kind == authority.Password:
		return twins(tx, `c.principal = $1 AND c.kind = $2`, c.Principal, c.Kind)
	case c.ClientID != "":
		return twins(tx, `c.stand = $1 AND c.kind = $2 AND c.client_id = $3`, c.Stand, c.Kind, c.ClientID)
	}
	for _, digest := range n.Same {
		found, err := twins(tx, `c.digest = $1 AND c.stand = $2 AND c.kind = $3`, digest, c.Stand, c.Kind)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return list, nil
}

func twins(tx *store.Tx, where string, args ...any) ([]twin, error) {
	found, err := store.Collect(tx, scanCredential, selectCredentials+`WHERE `+where+` ORDER BY c.revoked, c.id`, args...)
	if err != nil {
		return nil, err
	}
	var list []twin
	for _, c := range found {
		t := twin{Credential: c}
		if err := tx.QueryRow(`SELECT digest, hash FROM credentials WHERE id = $1`, c.ID).Scan(&t.digest, &t.hash); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// roomFor refuses a second secret where the holder has one of the kind, and more
// access keys than a user may have.
func roomFor(tx *store.Tx, n admin.ImportCreation) error {
	c := n.Credential.Credential
	var live int
	err := tx.QueryRow(`SELECT count(*) FROM credentials WHERE principal = $1 AND kind = $2 AND revoked = 0`, c.Principal, c.Kind).Scan(&live)
	switch {
	case err != nil:
		return err
	case n.Alone && live > 0:
		return clash("secret", "the holder has another secret of this kind: revoke it first")
	case live >= maxLive:
		return clash("client_id", "the user has too many access keys: revoke one first")
	}
	return nil
}
