package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"propusk/internal/audit"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// Whoever takes the beginning of the chain away does not get another one: it is
// told before the next start, and after it for ever.
func TestChainIsNotBegunAnew(t *testing.T) {
	for name, do := range map[string][]string{
		"origin":      {`UPDATE audit SET actor = 1 WHERE id = 2`, `UPDATE audit_head SET origin = NULL`},
		"empty":       {`UPDATE audit_head SET origin = NULL, seal = NULL, begun_ms = 0, begin_position = 5`},
		"other place": {`UPDATE audit_head SET begin_position = 3`},
		"head":        {`DELETE FROM audit_head`},
		"everything":  {`DELETE FROM audit`, `DELETE FROM audit_head`},
		"every seal": {
			`UPDATE audit SET seal = NULL, tally = NULL`,
			`UPDATE audit_head SET origin = NULL, seal = NULL, begun_ms = 0`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachSealed(t, func(s *sealed) {
				s.add(1, 5)
				s.gather("k", 2)
				s.purge(1, 1)
				for _, query := range do {
					s.exec(query)
				}
				for range 2 {
					if r := s.verify(); r.Altered == 0 {
						s.t.Errorf("nothing was found: %+v", r)
					}
					s.must(s.db.SealAudit(context.Background(), s.sealer))
					s.add(1, 2)
				}
				s.must(s.db.SealAudit(context.Background(), s.sealer))
				if r := s.verify(); r.Altered == 0 {
					s.t.Errorf("a start made it good: %+v", r)
				}
			})
		})
	}
}

// Without a single seal left, entries from after the key was made tell.
func TestEntriesAfterTheKeyTell(t *testing.T) {
	eachSealed(t, func(s *sealed) {
		s.clock.Store(time.Now().Add(time.Hour).UnixMilli())
		s.add(1, 3)
		s.exec(`UPDATE audit SET seal = NULL`)
		s.exec(`UPDATE audit_head SET origin = NULL, seal = NULL, begun_ms = 0`)
		s.must(s.db.SealAudit(context.Background(), s.sealer))
		if r := s.verify(); r.Altered == 0 {
			s.t.Errorf("%+v", r)
		}
	})
}

// Where nothing was ever sealed there is nothing to prove, and looking begins no
// chain.
func TestNoChainYet(t *testing.T) {
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			s := &sealed{t: t, db: storetest.Open(t, driver)}
			s.add(1, 3)
			for range 2 {
				_, err := audit.NewVerifier(s.db, audit.NewSealer(nil), nil).Run(context.Background(), time.Time{})
				if !errors.Is(err, audit.ErrUnbegun) {
					t.Errorf("%v", err)
				}
			}
			s.begin(s.db)
			s.want(s.verify(), want{})
		})
	}
}

// The seal of a count is looked at wherever there is one.
func TestTallies(t *testing.T) {
	for name, query := range map[string]string{
		"another": `UPDATE audit SET tally = seal WHERE gather IS NOT NULL`,
		"none":    `UPDATE audit SET tally = NULL WHERE gather IS NOT NULL`,
		"put":     `UPDATE audit SET tally = seal WHERE id = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			eachSealed(t, func(s *sealed) {
				s.add(1, 2)
				s.gather("k", 3)
				s.exec(query)
				s.want(s.verify(), want{entries: 3, altered: 1})
			})
		})
	}
}

// An anchor says how far the end is proven; without one it is not.
func TestAnchored(t *testing.T) {
	eachSealed(t, func(s *sealed) {
		s.add(1, 3)
		a := s.anchor()
		s.add(1, 3)
		if r := s.verify(); r.Anchored != 0 {
			s.t.Errorf("%+v", r)
		}
		if r := s.verify(a); r.Anchored != 3 {
			s.t.Errorf("%+v", r)
		}
	})
}

// A database that is only read is not made, and not changed.
func TestReadOnly(t *testing.T) {
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			c := storetest.Config(t, driver)
			storetest.OpenConfig(t, c)
			c.ReadOnly = true
			db, err := store.Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			err = db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(`UPDATE audit_head SET position = 9`)
				return err
			})
			if err == nil {
				t.Error("a write was done")
			}
		})
	}
	folder := t.TempDir()
	for range 2 {
		if _, err := store.Open(t.Context(), store.Config{Folder: folder, ReadOnly: true}); err == nil {
			t.Error("opened what is not there")
		}
		if info, err := os.Stat(filepath.Join(folder, "propusk.db")); err == nil && info.Size() > 0 {
			t.Error("made a database")
		}
		if err := os.WriteFile(filepath.Join(folder, "propusk.db"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
