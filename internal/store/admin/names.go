package admin

import (
	"context"
	"iter"
	"slices"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

var _ admin.Names = (*Store)(nil)

// nameStep is how many ids one statement asks for at most.
const nameStep = 64

// Besides the account's own, those are named who may manage every account of its
// stand: what they do in it is audited there.
const namedPrincipals = `SELECT p.id, p.account, p.kind, p.name, CASE WHEN p.account = ? THEN p.login ELSE '' END FROM principals p
	WHERE (p.account = ? OR EXISTS (SELECT 1 FROM principal_roles h JOIN roles r ON r.id = h.role JOIN accounts a ON a.id = p.account
		JOIN accounts mine ON mine.id = ? AND mine.stand = a.stand
		WHERE h.principal = p.id AND r.permissions LIKE '%"AccountsManage"%')) AND `

// Named implements admin.Names. The + keeps the engine from looking through the
// whole account for the few ids.
func (s *Store) Named(ctx context.Context, account authority.ID, principals, credentials []authority.ID) (admin.Named, error) {
	n := admin.Named{Principals: map[authority.ID]authority.Principal{}, Credentials: map[authority.ID]admin.KnownCredential{}}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		for part := range inSteps(principals) {
			q := new(store.Statement).Add(namedPrincipals, account, account, account)
			store.In(q, "p.id", part)
			found, err := store.Collect(tx, scanNamed, q.String(), q.Args()...)
			if err != nil {
				return err
			}
			for _, p := range found {
				n.Principals[p.ID] = p
			}
		}
		for part := range inSteps(credentials) {
			q := new(store.Statement).Add(`SELECT `+knownColumns+` FROM credentials c JOIN principals p ON p.id = c.principal
				WHERE +c.account = ? AND `, account)
			store.In(q, "c.id", part)
			found, err := store.Collect(tx, scanKnown, q.String(), q.Args()...)
			if err != nil {
				return err
			}
			for _, k := range found {
				n.Credentials[k.ID] = k
			}
		}
		return nil
	})
	return n, err
}

// inSteps gives the ids of list, each once and without 0, so many at a time.
func inSteps(list []authority.ID) iter.Seq[[]authority.ID] {
	list = slices.DeleteFunc(slices.Clone(list), func(id authority.ID) bool { return id == 0 })
	slices.Sort(list)
	return slices.Chunk(slices.Compact(list), nameStep)
}

func scanNamed(row store.Scanner) (p authority.Principal, err error) {
	err = row.Scan(&p.ID, &p.Account, &p.Kind, &p.Name, &p.Login)
	return p, err
}
