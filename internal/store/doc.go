// Package store keeps what the program must not lose, in SQLite or PostgreSQL,
// with one SQL text for both.
//
// It answers for connections, transactions with group commit, migrations, locks
// against a second process, the audit entry that belongs to a change, and the
// reading of rows (Collect) and gathering of statements (Statement) for all. It
// does not know what the rows mean: a sub-package per slice holds its SQL
// (store/authority, store/tasks, …) and satisfies the port that slice declares.
//
// # The SQL both engines read
//
//   - Parameters are $1, $2, … and may be used more than once. PostgreSQL takes
//     the type of a parameter from its first use: where that is a bare number
//     or nothing, write CAST($1 AS BIGINT).
//   - Times are BIGINT milliseconds (Millis, FromMillis), booleans BIGINT 0 or
//     1, ids BIGINT, JSON is TEXT. Text compares by bytes; folding is done in Go
//     into a column of its own.
//   - ON CONFLICT and RETURNING are there; columns are always named, never *.
//   - A statement that fails ends its transaction: every later statement and
//     Write itself return the first error. An insert that may meet its own row
//     says ON CONFLICT DO NOTHING and looks at the count.
//   - One set of rows is open at a time; close it before the next statement.
//     Collect does.
//
// Migrations are plain SQL in migrations/NNNN_name.sql, see Render for the few
// words that differ.
package store
