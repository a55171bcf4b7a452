package admin

import (
	"context"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/spelling"
	"propusk/internal/store"
)

var _ admin.People = (*Store)(nil)

// FindPrincipals implements admin.People. Pages go along the index of names; that
// the name is no less than the cursor's is said by itself, so that it is entered
// there.
func (s *Store) FindPrincipals(ctx context.Context, account authority.ID, kind authority.PrincipalKind, q admin.PrincipalQuery) (list []authority.Principal, err error) {
	group, every := "", 1
	if q.Group != nil {
		group, every = *q.Group, 0
	}
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		list, err = store.Collect(tx, scanPrincipal, selectPrincipals+`WHERE account = $1 AND kind = $9 AND name >= $2 AND (name > $2 OR id > $3)
			AND ($4 = '' OR search LIKE $5 ESCAPE '!') AND ($6 = 1 OR group_name = $7) ORDER BY name, id LIMIT $8`,
			account, q.After.Name, q.After.ID, q.Text, store.Like(q.Text), every, group, q.Size, kind)
		if err != nil {
			return err
		}
		return memberships(tx, list)
	})
	return list, err
}

// searchText is what a principal is found by: name and login, each a line, so that
// nothing is found across both.
func searchText(p authority.Principal) string {
	return spelling.Search(p.Name) + "\n" + spelling.Search(p.Login)
}

// CountGroups implements admin.People.
func (s *Store) CountGroups(ctx context.Context, account authority.ID) ([]admin.GroupCount, error) {
	return store.CollectOne(ctx, s.db, scanGroup, `SELECT group_name, count(*), sum(disabled) FROM principals
		WHERE account = $1 AND kind = 'user' GROUP BY group_name ORDER BY group_name`, account)
}

func scanGroup(row store.Scanner) (g admin.GroupCount, err error) {
	err = row.Scan(&g.Group, &g.Users, &g.Disabled)
	return g, err
}

// atOnce is how many rows CompleteSearch changes in one transaction.
const atOnce = 500

// CompleteSearch implements admin.People.
func (s *Store) CompleteSearch(ctx context.Context) (total int, err error) {
	for {
		n, err := s.completeSome(ctx)
		if total += n; err != nil || n < atOnce {
			return total, err
		}
	}
}

func (s *Store) completeSome(ctx context.Context) (n int, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		list, err := store.Collect(tx, scanPrincipal, selectPrincipals+`WHERE search = '' LIMIT $1`, atOnce)
		if err != nil {
			return err
		}
		n = len(list)
		for _, p := range list {
			if _, err := tx.Exec(`UPDATE principals SET search = $1 WHERE id = $2`, searchText(p), p.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
