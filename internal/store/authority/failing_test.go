package authority_test

import (
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// failing makes the storage fail in the middle of every change of a grant: the
// disk is full, or the server drops the connection. The function it gives mends
// it.
func (s *stage) failing(driver string) (mend func()) {
	s.t.Helper()
	if driver == store.SQLite {
		s.exec(`CREATE TABLE ballast (data BLOB)`)
		s.exec(`CREATE TRIGGER failing BEFORE UPDATE ON grants BEGIN INSERT INTO ballast VALUES (zeroblob(8388608)); END`)
		s.exec(`PRAGMA max_page_count=1`) // of this connection: no page more
		return func() { s.exec(`DROP TRIGGER failing`) }
	}
	s.exec(`CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END'`)
	s.exec(`CREATE TRIGGER failing BEFORE UPDATE ON grants FOR EACH ROW EXECUTE FUNCTION failing()`)
	return func() { s.exec(`DROP TRIGGER failing ON grants`) }
}

// B30: a refresh whose write fails spends nothing; what was spent is refused
// after a restart too.
func TestAFailedRefreshSpendsNothing(t *testing.T) {
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			s := newStage(t, storetest.Open(t, driver), profiles())
			rotating := []string{"jot", "seal", "short"} // a pair would end the others
			first := map[string]authority.Issued{}
			for _, dialect := range rotating {
				first[dialect] = s.issue(dialect)
			}
			mend := s.failing(driver)
			if _, err := s.refresh("jot", first["jot"].Refresh); authority.CodeOf(err) != authority.Unavailable {
				t.Fatalf("while storage fails: %v", err)
			}
			mend()
			for _, dialect := range rotating {
				second, err := s.refresh(dialect, first[dialect].Refresh)
				s.must(err)
				if second.Replayed {
					t.Errorf("%s: the failed refresh was kept", dialect)
				}
				s.alive(dialect, second.Access)
			}
			s.start()
			s.clock.Advance(time.Minute)
			for _, dialect := range rotating {
				if _, err := s.refresh(dialect, first[dialect].Refresh); authority.CodeOf(err) != authority.InvalidGrant {
					t.Errorf("%s: spent, after a restart and a minute: %v", dialect, err)
				}
			}
		})
	}
}
