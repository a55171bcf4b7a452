package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

const benchInsert = `INSERT INTO items (id, name) VALUES ($1, $2)`

// BenchmarkWrite is one durable row a caller through the group commit, with 1
// and 64 callers per core.
func BenchmarkWrite(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			storetest.EachB(b, func(b *testing.B, db *store.DB) {
				items(b, db)
				var id atomic.Int64
				b.SetParallelism(callers)
				b.ResetTimer()
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						i := id.Add(1)
						if err := db.Write(b.Context(), insert(i, fmt.Sprint(i))); err != nil {
							b.Error(err)
						}
					}
				})
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		})
	}
}

// BenchmarkBareCommit is the limit beside it: the same row, one bare commit
// each, through the same drivers with the same durability.
func BenchmarkBareCommit(b *testing.B) {
	bare := map[string]func(*testing.B) *sql.DB{
		store.SQLite: func(b *testing.B) *sql.DB {
			return opened(b, "sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+
				"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_txlock=immediate")
		},
		store.Postgres: func(b *testing.B) *sql.DB {
			return opened(b, "pgx", storetest.Config(b, store.Postgres).DSN)
		},
	}
	for _, driver := range storetest.Drivers() {
		b.Run(driver, func(b *testing.B) {
			db := bare[driver](b)
			db.SetMaxOpenConns(1)
			if _, err := db.Exec(store.Render(createItems, driver)); err != nil {
				b.Fatal(err)
			}
			statement, err := db.Prepare(benchInsert)
			if err != nil {
				b.Fatal(err)
			}
			defer statement.Close()
			for i := 0; b.Loop(); i++ {
				if _, err := statement.Exec(i, fmt.Sprint(i)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func opened(b *testing.B, driver, address string) *sql.DB {
	b.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

// BenchmarkRead is a point read, as one statement and as a snapshot.
func BenchmarkRead(b *testing.B) {
	point := func(tx *store.Tx) error {
		var name string
		return tx.QueryRow(`SELECT name FROM items WHERE id = $1`, 500).Scan(&name)
	}
	storetest.EachB(b, func(b *testing.B, db *store.DB) {
		items(b, db)
		write(b, db, func(tx *store.Tx) error {
			for i := range int64(1000) {
				if err := insert(i, fmt.Sprint(i))(tx); err != nil {
					return err
				}
			}
			return nil
		})
		b.Run("ReadOne", func(b *testing.B) {
			for b.Loop() {
				if err := db.ReadOne(b.Context(), point); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("Read", func(b *testing.B) {
			for b.Loop() {
				if err := db.Read(b.Context(), point); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}
