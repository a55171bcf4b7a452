package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

var _ admin.Names = (*Store)(nil)

// nameStep is how many ids one statement asks for: always as many, so that there
// is one statement.
const nameStep = 50

// Named implements admin.Names.
func (s *Store) Named(ctx context.Context, account authority.ID, principals, credentials []authority.ID) (admin.Named, error) {
	n := admin.Named{Principals: map[authority.ID]authority.Principal{}, Credentials: map[authority.ID]admin.KnownCredential{}}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		err := inSteps(principals, func(in string, args []any) error {
			rows, err := tx.Query(`SELECT id, kind, name, login FROM principals WHERE account = $1 AND id IN `+in, append([]any{account}, args...)...)
			found, err := collect(rows, err, func(r *store.Rows) (p authority.Principal, err error) {
				return p, r.Scan(&p.ID, &p.Kind, &p.Name, &p.Login)
			})
			for _, p := range found {
				n.Principals[p.ID] = p
			}
			return err
		})
		if err != nil {
			return err
		}
		return inSteps(credentials, func(in string, args []any) error {
			rows, err := tx.Query(`SELECT `+knownColumns+` FROM credentials c JOIN principals p ON p.id = c.principal
				WHERE c.account = $1 AND c.id IN `+in, append([]any{account}, args...)...)
			found, err := collect(rows, err, func(r *store.Rows) (admin.KnownCredential, error) { return scanKnown(r) })
			for _, k := range found {
				n.Credentials[k.ID] = k
			}
			return err
		})
	})
	return n, err
}

// inSteps calls ask with lists of ids as arguments from $2 on, filled up with ids
// that nothing has.
func inSteps(list []authority.ID, ask func(in string, args []any) error) error {
	list = slices.DeleteFunc(slices.Clone(list), func(id authority.ID) bool { return id == 0 })
	slices.Sort(list)
	marks := make([]string, nameStep)
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+2)
	}
	in := "(" + strings.Join(marks, ", ") + ")"
	for part := range slices.Chunk(slices.Compact(list), nameStep) {
		args := make([]any, nameStep)
		for i := range args {
			args[i] = authority.ID(0)
			if i < len(part) {
				args[i] = part[i]
			}
		}
		if err := ask(in, args); err != nil {
			return err
		}
	}
	return nil
}
