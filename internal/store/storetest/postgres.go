package storetest

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"propusk/internal/store"
)

// variable names a PostgreSQL server to use instead of starting one.
const variable = "PROPUSK_TEST_POSTGRES"

// PostgreSQL is a server for tests.
type PostgreSQL struct {
	admin    *pgx.ConnConfig
	folder   string // "" when the server is not ours
	template string
	server   *started // nil when the server is not ours
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
		p.server, p.folder, address = started, started.folder, started.address
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	p.admin = config
	return p, p.makeTemplate()
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
func (p *PostgreSQL) Folder() string { return p.folder }

// Database makes a migrated database, dropped when the test ends, and gives its
// address.
func (p *PostgreSQL) Database(tb testing.TB) string {
	tb.Helper()
	name := "propusk_" + strings.ToLower(rand.Text())
	if err := p.Exec(tb.Context(), "CREATE DATABASE "+name+" TEMPLATE "+p.template); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Exec(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			tb.Errorf("drop %s: %v", name, err)
		}
	})
	return p.address(name)
}

// Exec runs one statement as the server's administrator.
func (p *PostgreSQL) Exec(ctx context.Context, statement string) error {
	conn, err := pgx.ConnectConfig(ctx, p.admin)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}

// address gives a URL for the database called name.
func (p *PostgreSQL) address(name string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(p.admin.User, p.admin.Password), Path: "/" + name}
	query := url.Values{"host": {p.admin.Host}, "port": {fmt.Sprint(p.admin.Port)}}
	if p.admin.TLSConfig == nil {
		query.Set("sslmode", "disable")
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// makeTemplate makes the migrated database that the others are copies of.
func (p *PostgreSQL) makeTemplate() error {
	ctx := context.Background()
	p.template = "template_" + strings.ToLower(rand.Text())
	if err := p.Exec(ctx, "CREATE DATABASE "+p.template+" TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return err
	}
	db, err := store.Open(ctx, store.Config{
		Driver: store.Postgres, DSN: p.address(p.template),
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	return db.Close()
}
