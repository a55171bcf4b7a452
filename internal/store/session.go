package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"time"
)

// maxStatements bounds the prepared statements of one session. Filters make
// texts of their own, so the number is not fixed by the code.
const maxStatements = 400

// session is one database connection with its prepared statements. It has one
// user at a time.
type session struct {
	*dialect
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	used       time.Time // when it was last given back
	scan       scanner
}

func newSession(conn *sql.Conn, d *dialect) *session {
	return &session{dialect: d, conn: conn, statements: make(map[string]*sql.Stmt)}
}

// prepared gives the cached statement for text, or nil where the driver keeps
// its own.
func (s *session) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	if !s.cache {
		return nil, nil
	}
	if stmt, ok := s.statements[text]; ok {
		return stmt, nil
	}
	stmt, err := s.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s.statements[text] = stmt
	return stmt, nil
}

func (s *session) exec(ctx context.Context, text string, args []any) (int64, error) {
	stmt, err := s.prepared(ctx, text)
	if err != nil {
		return 0, err
	}
	var result sql.Result
	if stmt != nil {
		result, err = stmt.ExecContext(ctx, args...)
	} else {
		result, err = s.conn.ExecContext(ctx, text, args...)
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s *session) query(ctx context.Context, text string, args []any) (*sql.Rows, error) {
	stmt, err := s.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	if stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return s.conn.QueryContext(ctx, text, args...)
}

// tidy keeps the statement cache bounded. It is called between transactions
// only: closing a statement under open rows would pull the ground from them.
func (s *session) tidy() {
	if len(s.statements) <= maxStatements {
		return
	}
	for text, stmt := range s.statements {
		stmt.Close()
		delete(s.statements, text)
	}
}

// drop closes the connection for good: it never returns to a pool.
func (s *session) drop() {
	for _, stmt := range s.statements {
		stmt.Close()
	}
	// ErrBadConn from Raw is how database/sql is told to close the connection
	// under it; the errors say nothing that is not known.
	_ = s.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = s.conn.Close()
}
