package store

import "context"

// Scanner is one row to be read: a Row, or Rows where they stand.
type Scanner interface {
	// Scan copies the columns into dest.
	Scan(dest ...any) error
}

// Collect reads all rows of a statement, each by scan. No rows are an empty
// list, not nil.
func Collect[T any](tx *Tx, scan func(Scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []T{}
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, rows.Err()
}

// CollectOne is Collect in a ReadOne of its own.
func CollectOne[T any](ctx context.Context, db *DB, scan func(Scanner) (T, error), query string, args ...any) (out []T, err error) {
	err = db.ReadOne(ctx, func(tx *Tx) error {
		out, err = Collect(tx, scan, query, args...)
		return err
	})
	return out, err
}

// Column reads a row that has one column.
func Column[T any](row Scanner) (value T, err error) {
	err = row.Scan(&value)
	return value, err
}

// Pair reads a row that has two columns of one type.
func Pair[T any](row Scanner) (pair [2]T, err error) {
	err = row.Scan(&pair[0], &pair[1])
	return pair, err
}
