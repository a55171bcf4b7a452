package catalog

import (
	"context"
	"errors"
	"time"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
	"propusk/internal/store"
)

// set is a table that pages are read from.
type set[T query.Row] struct {
	table   string
	columns columns
	list    string // what is selected
	scan    func(store.Scanner) (T, error)
}

// page reads a page of the rows that begin with the condition in scope.
func (set set[T]) page(tx *store.Tx, l catalog.Lookup, scope string, args ...any) (out catalog.Page[T], err error) {
	condition := func(s *statement) *statement {
		s.add(" FROM "+set.table+" WHERE "+scope, args...)
		if l.Filter != nil {
			s.add(" AND ").where(l.Filter)
		}
		return s
	}
	if l.Count {
		s := condition((&statement{columns: set.columns}).add("SELECT COUNT(*)"))
		if err := tx.QueryRow(s.String(), s.Args()...).Scan(&out.Total); err != nil {
			return out, err
		}
	}
	if *l.Top == 0 {
		return out, nil
	}
	s := condition((&statement{columns: set.columns}).add("SELECT " + set.list))
	if l.After != nil {
		s.goOn(l.Order, l.After.Values)
	}
	s.orderBy(l.Order)
	s.add(" LIMIT ?", *l.Top+1)
	if l.After == nil && l.Skip > 0 {
		s.add(" OFFSET ?", l.Skip)
	}
	if out.Items, err = store.Collect(tx, set.scan, s.String(), s.Args()...); err != nil || len(out.Items) <= *l.Top {
		return out, err
	}
	out.Items = out.Items[:*l.Top]
	out.Next = &catalog.Place{}
	for _, o := range l.Order {
		out.Next.Values = append(out.Next.Values, out.Items[*l.Top-1].Field(o.Field))
	}
	return out, nil
}

func products() set[catalog.Product] {
	return set[catalog.Product]{"catalog_product", productColumns(), productList, scanProduct}
}

// patience is how long a question may keep the database busy: what looks into
// every text of a large catalogue ends there, and not when its client is gone.
const patience = 20 * time.Second

// Products reads a page of a version: at one moment, and of one version from the
// first page to the last.
func (s *Store) Products(ctx context.Context, account authority.ID, l catalog.Lookup) (out catalog.Page[catalog.Product], err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		version, err := readable(tx, account, l.After)
		if err != nil || version == 0 {
			return err
		}
		out, err = products().page(tx, l, "account = ? AND version = ?", account, version)
		if out.Next != nil {
			out.Next.Version = version
		}
		return err
	})
	return out, err
}

// readable gives the version to read: 0 where the account has no catalogue.
func readable(tx *store.Tx, account authority.ID, place *catalog.Place) (version authority.ID, err error) {
	if place == nil {
		return current(tx, account)
	}
	err = tx.QueryRow(`SELECT version FROM catalog_version WHERE account = $1 AND version = $2 AND state IN ('current', 'former')`,
		account, place.Version).Scan(&version)
	if errors.Is(err, store.ErrNoRows) {
		return 0, authority.E(authority.InvalidValue, "the catalogue has been replaced since; begin with its first page")
	}
	return version, err
}

func current(tx *store.Tx, account authority.ID) (version authority.ID, err error) {
	err = tx.QueryRow(`SELECT version FROM catalog_version WHERE account = $1 AND state = 'current'`, account).Scan(&version)
	if errors.Is(err, store.ErrNoRows) {
		return 0, nil
	}
	return version, err
}

// Product reads one product of the current version.
func (s *Store) Product(ctx context.Context, account authority.ID, id string) (p catalog.Product, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		p, err = scanProduct(tx.QueryRow(`SELECT `+productList+` FROM catalog_product WHERE account = $1 AND id = $2
			AND version = (SELECT version FROM catalog_version WHERE account = $1 AND state = 'current')`, account, id))
		return err
	})
	if errors.Is(err, store.ErrNoRows) {
		return p, authority.E(authority.NotFound, "there is no such product")
	}
	return p, err
}

// Directory reads what the account has set up.
func (s *Store) Directory(ctx context.Context, account authority.ID) (d catalog.Directory, err error) {
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		d.Warehouses, err = store.Collect(tx, scanWarehouse, `SELECT id, name FROM catalog_warehouse WHERE account = $1 ORDER BY id`, account)
		if err != nil {
			return err
		}
		d.DocTypes, err = store.Collect(tx, scanDocType, `SELECT name, display_name FROM catalog_doc_type WHERE account = $1 ORDER BY name`, account)
		return err
	})
	return d, err
}

func scanWarehouse(row store.Scanner) (w catalog.Warehouse, err error) {
	err = row.Scan(&w.ID, &w.Name)
	return w, err
}

func scanDocType(row store.Scanner) (t catalog.DocType, err error) {
	err = row.Scan(&t.Name, &t.DisplayName)
	return t, err
}
