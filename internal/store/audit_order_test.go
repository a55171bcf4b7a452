package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"propusk/internal/authority"
	"propusk/internal/store"
)

// Callers that fail take their entries with them, and a batch has one chain.
func TestSharedCommitsAreOneChain(t *testing.T) {
	eachSealed(t, func(s *sealed) {
		letGo := hold(s.t, s.db)
		var done []chan error
		for i := range 20 {
			e := entry(1, i)
			if i%3 == 0 {
				e.Gather = fmt.Sprint("k", i%2)
			}
			done = append(done, started(s.db, func(tx *store.Tx) error {
				if err := store.Audit(tx, e); err != nil || i%4 != 1 {
					return err
				}
				return authority.E(authority.Conflict, "no")
			}))
		}
		s.must(letGo())
		for _, d := range done {
			if err := <-d; err != nil && authority.CodeOf(err) != authority.Conflict {
				s.t.Error(err)
			}
		}
		r := s.verify()
		s.want(r, want{entries: r.Entries})
		if int(r.To) != r.Entries || r.Entries < 10 {
			s.t.Errorf("%+v", r)
		}
	})
}

// started begins a write; its answer comes on the channel.
func started(db *store.DB, fn func(*store.Tx) error) chan error {
	done := make(chan error, 1)
	go func() { done <- db.Write(context.Background(), fn) }()
	return done
}

// No order of entries, counting, failures and purges is ever taken for
// tampering, and each single change of a row is found where it is.
func TestAnyOrderVerifies(t *testing.T) {
	s := newSealed(t, store.SQLite)
	rapid.Check(t, func(r *rapid.T) {
		account := authority.ID(rapid.IntRange(1, 3).Draw(r, "account"))
		switch rapid.IntRange(0, 3).Draw(r, "act") {
		case 0:
			s.add(account, rapid.IntRange(1, 4).Draw(r, "n"))
		case 1:
			s.gather(fmt.Sprint("g", rapid.IntRange(0, 3).Draw(r, "key")), 2)
		case 2:
			s.purge(account, s.some(r, account)...)
		case 3:
			_ = s.db.Write(context.Background(), func(tx *store.Tx) error {
				if err := store.Audit(tx, entry(account, 1)); err != nil {
					return err
				}
				return authority.E(authority.Conflict, "no")
			})
		}
		if got := s.verify(); got.Altered+got.Missing > 0 {
			r.Fatalf("%+v", got.Findings)
		}
		all := s.positions(0)
		if len(all) == 0 {
			return
		}
		id := rapid.SampledFrom(all).Draw(r, "id")
		s.exec(`UPDATE audit SET account = -account WHERE id = $1`, id)
		if got := s.verify(); got.Altered != 1 || got.Findings[0].From != id {
			r.Fatalf("position %d: %+v", id, got.Findings)
		}
		s.exec(`UPDATE audit SET account = -account WHERE id = $1`, id)
	})
}

// some picks entries of an account, in rising order.
func (s *sealed) some(r *rapid.T, account authority.ID) []authority.ID {
	return slices.DeleteFunc(s.positions(account), func(authority.ID) bool { return rapid.Bool().Draw(r, "stays") })
}

func (s *sealed) positions(account authority.ID) (out []authority.ID) {
	s.must(s.db.Read(context.Background(), func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT id FROM audit WHERE account = $1 OR $1 = 0 ORDER BY id`, account)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id authority.ID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			out = append(out, id)
		}
		return rows.Err()
	}))
	return out
}
