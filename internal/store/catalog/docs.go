package catalog

import (
	"context"
	"encoding/json"
	"errors"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/spelling"
	"propusk/internal/store"
)

// docHead is what a list reads; docList has the lines besides.
const (
	docHead = `id, type, name, appointment, user_id, warehouse, barcode, description, priority,
	finished, in_process, modified, auto_appoint, server_hosted, created_ms, changed_ms, extra`
	docList = docHead + `, declared_items, current_items`
)

func docs(lines bool) set[catalog.Doc] {
	list := docHead
	if lines {
		list = docList
	}
	return set[catalog.Doc]{"catalog_doc", docColumns(), list, func(row store.Scanner) (catalog.Doc, error) { return scanDoc(row, lines) }}
}

func scanDoc(row store.Scanner, lines bool) (d catalog.Doc, err error) {
	var flags [5]int64
	var created, changed int64
	var extra string
	declared, done := "[]", "[]"
	dest := []any{
		&d.ID, &d.Type, &d.Name, &d.Appointment, &d.UserID, &d.WarehouseID, &d.Barcode, &d.Description, &d.Priority,
		&flags[0], &flags[1], &flags[2], &flags[3], &flags[4], &created, &changed, &extra,
	}
	if lines {
		dest = append(dest, &declared, &done)
	}
	if err := row.Scan(dest...); err != nil {
		return d, err
	}
	d.Finished, d.InProcess, d.Modified = flags[0] == 1, flags[1] == 1, flags[2] == 1
	d.AutoAppoint, d.ServerHosted = flags[3] == 1, flags[4] == 1
	d.Created, d.Changed = store.FromMillis(created), store.FromMillis(changed)
	err = errors.Join(json.Unmarshal([]byte(extra), &d.Extra),
		json.Unmarshal([]byte(declared), &d.Declared), json.Unmarshal([]byte(done), &d.Current))
	return d, err
}

// Docs reads a page of documents.
func (s *Store) Docs(ctx context.Context, account authority.ID, l catalog.Lookup) (out catalog.Page[catalog.Doc], err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		if l.Type == "" {
			out, err = docs(l.Items).page(tx, l, "account = ?", account)
		} else {
			out, err = docs(l.Items).page(tx, l, "account = ? AND type = ?", account, l.Type)
		}
		return err
	})
	return out, err
}

// Doc reads a document with its lines.
func (s *Store) Doc(ctx context.Context, account authority.ID, kind, id string) (d catalog.Doc, err error) {
	err = s.db.ReadOne(ctx, func(tx *store.Tx) error {
		d, err = doc(tx, account, kind, id)
		return err
	})
	return d, err
}

func doc(tx *store.Tx, account authority.ID, kind, id string) (catalog.Doc, error) {
	d, err := scanDoc(tx.QueryRow(`SELECT `+docList+` FROM catalog_doc WHERE account = $1 AND id = $2 AND type = $3`, account, id, kind), true)
	if errors.Is(err, store.ErrNoRows) {
		return d, authority.E(authority.NotFound, "there is no such document")
	}
	return d, err
}

const (
	docColumnList = `id, type, name, appointment, user_id, warehouse, barcode, description, priority,
	finished, in_process, modified, auto_appoint, server_hosted, created_ms, changed_ms, extra, declared_items, current_items,
	id_fold, type_fold, name_fold, appointment_fold, user_id_fold, warehouse_fold, barcode_fold, description_fold`
	docMarks = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
)

// docValues gives d as docColumnList has it.
func docValues(d catalog.Doc) ([]any, error) {
	extra, err1 := json.Marshal(d.Extra)
	declared, err2 := json.Marshal(d.Declared)
	done, err3 := json.Marshal(d.Current)
	values := []any{
		d.ID, d.Type, d.Name, d.Appointment, d.UserID, d.WarehouseID, d.Barcode, d.Description, d.Priority,
		d.Finished, d.InProcess, d.Modified, d.AutoAppoint, d.ServerHosted, store.Millis(d.Created), store.Millis(d.Changed),
		string(extra), string(declared), string(done),
	}
	for _, text := range []string{d.ID, d.Type, d.Name, d.Appointment, d.UserID, d.WarehouseID, d.Barcode, d.Description} {
		values = append(values, spelling.Fold(text))
	}
	return values, errors.Join(err1, err2, err3)
}

// AddDoc makes a document.
func (s *Store) AddDoc(ctx context.Context, account authority.ID, d catalog.Doc, e authority.Entry) error {
	values, err := docValues(d)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *store.Tx) error {
		st := new(store.Statement).Add("INSERT INTO catalog_doc (account, "+docColumnList+") VALUES (?, ", account).Add(docMarks+")", values...)
		st.Add(" ON CONFLICT (account, id) DO NOTHING")
		n, err := tx.Exec(st.String(), st.Args()...)
		if err != nil {
			return err
		}
		if n == 0 {
			return authority.E(authority.Conflict, "there is a document with this id")
		}
		return store.Audit(tx, e)
	})
}

// ChangeDoc applies a rule to a document.
func (s *Store) ChangeDoc(ctx context.Context, ch catalog.DocChange) (after catalog.Doc, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		if err := store.Hold(tx, "catalog_doc", ch.Account, ch.ID); err != nil {
			return err
		}
		before, err := doc(tx, ch.Account, ch.Type, ch.ID)
		if err != nil {
			return err
		}
		if after, err = ch.Rule(before); err != nil {
			return err
		}
		values, err := docValues(after)
		if err != nil {
			return err
		}
		st := new(store.Statement).Add("UPDATE catalog_doc SET ("+docColumnList+") = ("+docMarks+")", values...)
		st.Add(" WHERE account = ? AND id = ?", ch.Account, ch.ID)
		if _, err := tx.Exec(st.String(), st.Args()...); err != nil {
			return err
		}
		return store.Audit(tx, ch.Entry)
	})
	if err != nil {
		return catalog.Doc{}, err
	}
	return after, nil
}

// RemoveDoc takes a document away.
func (s *Store) RemoveDoc(ctx context.Context, ch catalog.DocChange) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(`DELETE FROM catalog_doc WHERE account = $1 AND id = $2 AND type = $3`, ch.Account, ch.ID, ch.Type)
		if err != nil {
			return err
		}
		if n == 0 {
			return authority.E(authority.NotFound, "there is no such document")
		}
		return store.Audit(tx, ch.Entry)
	})
}

// PutDirectory adds or renames warehouses and types of documents.
func (s *Store) PutDirectory(ctx context.Context, account authority.ID, d catalog.Directory, e authority.Entry) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		for _, w := range d.Warehouses {
			if _, err := tx.Exec(`INSERT INTO catalog_warehouse (account, id, name) VALUES ($1, $2, $3)
				ON CONFLICT (account, id) DO UPDATE SET name = excluded.name`, account, w.ID, w.Name); err != nil {
				return err
			}
		}
		for _, t := range d.DocTypes {
			if _, err := tx.Exec(`INSERT INTO catalog_doc_type (account, name, display_name) VALUES ($1, $2, $3)
				ON CONFLICT (account, name) DO UPDATE SET display_name = excluded.display_name`, account, t.Name, t.DisplayName); err != nil {
				return err
			}
		}
		return store.Audit(tx, e)
	})
}
