package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// variable names a PostgreSQL server to use instead of starting one: `go test` has
// no flag of ours in every package, and what ships never imports this one.
const variable = "PROPUSK_TEST_POSTGRES"

// PostgreSQL is a server for tests.
type PostgreSQL struct {
	admin    *pgx.ConnConfig
	own      *started // nil when the server is not ours
	database string   // of this process
}

// shared is the one server of this process: to start it takes a second.
var shared = sync.OnceValues(func() (*PostgreSQL, error) {
	p := &PostgreSQL{}
	address := os.Getenv(variable)
	if address == "" {
		started, err := start()
		if err != nil {
			return nil, err
		}
		p.own, address = started, started.address
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	p.admin = config
	p.database = "propusk_test_" + strings.ToLower(rand.Text())
	return p, p.exec(context.Background(), p.admin, "CREATE DATABASE "+p.database+" TEMPLATE template0 ENCODING 'UTF8'")
})

// Server gives the PostgreSQL server of this process.
func Server(tb testing.TB) *PostgreSQL {
	tb.Helper()
	p, err := shared()
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// Folder is where the server keeps its data; "" when it was not started here.
func (p *PostgreSQL) Folder() string {
	if p.own == nil {
		return ""
	}
	return p.own.folder
}

// Database makes an empty database, dropped when the test ends, and gives its
// address. It is a schema of the one database that belongs to this process: a
// database each would cost a second of file copying.
func (p *PostgreSQL) Database(tb testing.TB) string {
	tb.Helper()
	inside := p.admin.Copy()
	inside.Database = p.database
	schema := "test_" + strings.ToLower(rand.Text())
	if err := p.exec(tb.Context(), inside, "CREATE SCHEMA "+schema); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.exec(context.Background(), inside, "DROP SCHEMA "+schema+" CASCADE"); err != nil {
			tb.Errorf("drop %s: %v", schema, err)
		}
	})
	return p.address(schema)
}

func (p *PostgreSQL) exec(ctx context.Context, where *pgx.ConnConfig, statement string) error {
	conn, err := pgx.ConnectConfig(ctx, where)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// address gives a URL for schema.
func (p *PostgreSQL) address(schema string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(p.admin.User, p.admin.Password), Path: "/" + p.database}
	query := url.Values{"host": {p.admin.Host}, "port": {fmt.Sprint(p.admin.Port)}, "search_path": {schema}}
	if p.admin.TLSConfig == nil {
		query.Set("sslmode", "disable")
	}
	u.RawQuery = query.Encode()
	return u.String()
}
