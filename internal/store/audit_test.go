package store_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"propusk/internal/audit"
	"propusk/internal/authority"
	"propusk/internal/keys"
	"propusk/internal/store"
	storekeys "propusk/internal/store/keys"
	"propusk/internal/store/storetest"
)

// sealed is a database whose audit is sealed.
type sealed struct {
	t      testing.TB
	db     *store.DB
	ring   *keys.Ring
	sealer *audit.Sealer
	clock  atomic.Int64 // milliseconds
}

func newSealed(t testing.TB, driver string) *sealed {
	t.Helper()
	s := &sealed{t: t}
	s.clock.Store(1_780_000_000_000)
	c := storetest.Config(t, driver)
	c.Now = func() time.Time { return time.UnixMilli(s.clock.Add(1000)).UTC() }
	s.db = storetest.OpenConfig(t, c)
	s.begin(s.db)
	return s
}

// begin opens the ring on db and has its audit sealed.
func (s *sealed) begin(db *store.DB) {
	s.t.Helper()
	key, err := keys.ParseDeploymentKey(base64.StdEncoding.EncodeToString([]byte("a deployment key for tests, no more")[:32]))
	s.must(err)
	seal, err := keys.NewSealer(key, keys.PurposeKeys)
	s.must(err)
	s.ring, err = keys.Open(context.Background(), keys.Config{Store: storekeys.New(db), Sealer: seal, Specs: audit.Specs()})
	s.must(err)
	s.sealer = audit.NewSealer(s.ring)
	s.must(db.SealAudit(context.Background(), s.sealer))
}

func (s *sealed) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// entry is the nth act of an account.
func entry(account authority.ID, n int) authority.Entry {
	return authority.Entry{
		Stand: authority.Test, Account: account, Actor: 7, Credential: 8, Grant: authority.ID(n), Dialect: "hubex",
		Address: netip.MustParseAddr("192.0.2.1"), RequestID: fmt.Sprint("r", n), Verb: "task.create", Object: fmt.Sprintf("task/%d", n),
		Outcome: authority.Done,
	}
}

func (s *sealed) write(fn func(*store.Tx) error) {
	s.t.Helper()
	s.must(s.db.Write(context.Background(), fn))
}

func (s *sealed) add(account authority.ID, n int) {
	s.t.Helper()
	for i := range n {
		s.write(func(tx *store.Tx) error { return store.Audit(tx, entry(account, i)) })
	}
}

func (s *sealed) gather(key string, n int) {
	s.t.Helper()
	for i := range n {
		e := entry(1, i)
		e.Gather = key
		s.write(func(tx *store.Tx) error { return store.Audit(tx, e) })
	}
}

func (s *sealed) exec(query string, args ...any) {
	s.t.Helper()
	s.write(func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
}

func (s *sealed) purge(account authority.ID, ids ...authority.ID) {
	s.t.Helper()
	s.write(func(tx *store.Tx) error {
		return store.PurgeAudit(tx, store.AuditPurge{Account: account, Reason: "retention", IDs: ids})
	})
}

func (s *sealed) verify(anchors ...audit.Anchor) audit.Report {
	s.t.Helper()
	r, err := audit.NewVerifier(s.db, s.sealer, anchors).Run(context.Background(), time.Time{})
	s.must(err)
	return r
}

func (s *sealed) anchor() audit.Anchor {
	s.t.Helper()
	h, err := s.db.AuditHead(context.Background())
	s.must(err)
	return audit.Anchor{Deployment: "d", Position: h.Position, Seal: h.Seal, Time: time.UnixMilli(s.clock.Load())}
}

// want is what a verification should count.
type want struct{ entries, purged, altered, missing int }

func (s *sealed) want(r audit.Report, w want) {
	s.t.Helper()
	if got := (want{r.Entries, r.Purged, r.Altered, r.Missing}); got != w {
		s.t.Errorf("got %+v, want %+v: %+v", got, w, r.Findings)
	}
}

func eachSealed(t *testing.T, fn func(*sealed)) {
	t.Helper()
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) { fn(newSealed(t, driver)) })
	}
}

// tampering is what somebody does to the rows who has no key, and what is found.
type tampering struct {
	do   []string
	want want
	at   authority.ID // where the first finding is
}

const copied = `INSERT INTO audit (id, at_ms, stand, account, actor, credential, grant_id, dialect, door, address, request_id,
	verb, object, outcome, reason, count, gather, seal, tally) SELECT %s, at_ms, stand, account, actor, credential, grant_id, dialect, door,
	address, request_id, verb, object, outcome, reason, count, NULL, seal, tally FROM audit WHERE id = %s`

// tamperings are done to twelve entries; the eleventh counts for three.
func tamperings() map[string]tampering {
	all := 12
	return map[string]tampering{
		"nothing":       {nil, want{entries: all}, 0},
		"field":         {[]string{`UPDATE audit SET actor = 9 WHERE id = 5`}, want{entries: all, altered: 1}, 5},
		"time":          {[]string{`UPDATE audit SET at_ms = at_ms - 1 WHERE id = 5`}, want{entries: all, altered: 1}, 5},
		"no address":    {[]string{`UPDATE audit SET address = 'nowhere' WHERE id = 5`}, want{entries: all, altered: 1}, 5},
		"outcome":       {[]string{`UPDATE audit SET outcome = 'refused' WHERE id = 1`}, want{entries: all, altered: 1}, 1},
		"count":         {[]string{`UPDATE audit SET count = 1 WHERE gather IS NOT NULL`}, want{entries: all, altered: 1}, 11},
		"gather":        {[]string{`UPDATE audit SET gather = 'x' WHERE id = 5`}, want{entries: all, altered: 1}, 5},
		"seal":          {[]string{`UPDATE audit SET seal = NULL WHERE id = 5`}, want{entries: all, altered: 2}, 5},
		"deleted":       {[]string{`DELETE FROM audit WHERE id = 5`}, want{entries: 11, missing: 1}, 5},
		"deleted first": {[]string{`DELETE FROM audit WHERE id < 4`}, want{entries: 9, missing: 3}, 1},
		"deleted all":   {[]string{`DELETE FROM audit`}, want{missing: all}, 1},
		"cut off":       {[]string{`DELETE FROM audit WHERE id > 9`}, want{entries: 9, missing: 3}, 10},
		"moved up": {
			[]string{`DELETE FROM audit WHERE id = 5`, `UPDATE audit SET id = 5 WHERE id = 6`, `UPDATE audit SET id = 6 WHERE id = 7`},
			want{entries: 11, altered: 2, missing: 1},
			5,
		},
		"inserted behind": {[]string{fmt.Sprintf(copied, "99", "5")}, want{entries: all, altered: 1}, 99},
		"put instead":     {[]string{`DELETE FROM audit WHERE id = 5`, fmt.Sprintf(copied, "5", "3")}, want{entries: all, altered: 2}, 5},
		"swapped": {
			[]string{`UPDATE audit SET id = 1000 WHERE id = 5`, `UPDATE audit SET id = 5 WHERE id = 8`, `UPDATE audit SET id = 8 WHERE id = 1000`},
			want{entries: all, altered: 4},
			5,
		},
		"begun later":    {[]string{`UPDATE audit_head SET begin_position = 5`}, want{entries: 7, altered: 2}, 0},
		"end moved back": {[]string{`DELETE FROM audit WHERE id > 9`, `UPDATE audit_head SET position = 9`}, want{entries: 9, altered: 1}, 9},
	}
}

// Whatever is done to the rows is found, and what was altered and what was taken
// away are told apart.
func TestTampering(t *testing.T) {
	eachSealed(t, func(s *sealed) {
		s.add(1, 10)
		s.gather("k", 3)
		s.add(2, 1)
		for _, table := range []string{"audit", "audit_head"} {
			s.exec("CREATE TABLE kept_" + table + " AS SELECT * FROM " + table)
		}
		for name, test := range tamperings() {
			s.tamper(name, test)
			for _, table := range []string{"audit", "audit_head"} {
				s.exec("DELETE FROM " + table)
				s.exec("INSERT INTO " + table + " SELECT * FROM kept_" + table)
			}
		}
	})
}

func (s *sealed) tamper(name string, test tampering) {
	s.t.Helper()
	for _, query := range test.do {
		s.exec(query)
	}
	r := s.verify()
	if got := (want{r.Entries, r.Purged, r.Altered, r.Missing}); got != test.want {
		s.t.Errorf("%s: got %+v, want %+v: %+v", name, got, test.want, r.Findings)
	}
	if test.at != 0 && (len(r.Findings) == 0 || r.Findings[0].From != test.at || r.Findings[0].Time.IsZero()) {
		s.t.Errorf("%s: want it found at %d: %+v", name, test.at, r.Findings)
	}
}

// The newest end can be cut off so that nothing inside tells; an anchor does.
func TestAnchors(t *testing.T) {
	eachSealed(t, func(s *sealed) {
		s.add(1, 5)
		first := s.anchor()
		s.add(1, 5)
		second := s.anchor()
		s.want(s.verify(first, second), want{entries: 10})
		s.exec(`DELETE FROM audit WHERE id > 7`)
		s.exec(`UPDATE audit_head SET position = 7, seal = (SELECT seal FROM audit WHERE id = 7)`)
		s.want(s.verify(first), want{entries: 7})
		s.want(s.verify(first, second), want{entries: 7, missing: 3})
		s.add(1, 5) // the program goes on from there
		s.want(s.verify(first), want{entries: 12})
		s.want(s.verify(first, second), want{entries: 12, altered: 1})
	})
}

// A chain that is begun anew, where every trace of the former one was taken
// away, contradicts the anchors.
func TestChainBegunAnew(t *testing.T) {
	eachSealed(t, func(s *sealed) {
		s.add(1, 5)
		a := s.anchor()
		s.exec(`UPDATE audit SET verb = 'x', seal = NULL`)
		s.exec(`UPDATE audit_head SET origin = NULL, seal = NULL, begun_ms = 0`)
		s.must(s.db.SealAudit(context.Background(), s.sealer))
		s.add(1, 2)
		s.want(s.verify(), want{entries: 2})
		s.want(s.verify(a), want{entries: 2, altered: 1})
	})
}

// What leaves on purpose is told with its reason; a note that somebody else made
// or changed is none.
func TestPurges(t *testing.T) {
	eachSealed(t, func(s *sealed) {
		for range 4 {
			s.add(1, 2)
			s.add(2, 1)
		}
		s.purge(1, 1, 2, 4, 5)
		s.purge(2, 12) // the newest
		r := s.verify()
		s.want(r, want{entries: 7, purged: 5})
		if len(r.Purges) != 2 || r.Purges[0].Account != 1 || r.Purges[0].Entries != 4 || r.Purges[0].Reason != "retention" {
			s.t.Errorf("%+v", r.Purges)
		}
		s.add(2, 3)
		s.want(s.verify(), want{entries: 10, purged: 5})
		s.purge(1, 7, 8, 10, 11)
		s.purge(2, 3, 6, 9, 13, 14, 15)
		s.want(s.verify(), want{purged: 15})
		s.add(1, 1)
		s.want(s.verify(), want{entries: 1, purged: 15})
		s.exec(`UPDATE audit_gone SET account = 3 WHERE first_position = 1`)
		s.want(s.verify(), want{entries: 1, purged: 11, altered: 1, missing: 4})
		s.exec(`DELETE FROM audit_gone WHERE first_position = 1`)
		s.want(s.verify(), want{entries: 1, purged: 11, missing: 4})
	})
}

// A note cannot be made for other entries, and entries cannot come back.
func TestForgedNotes(t *testing.T) {
	eachSealed(t, func(s *sealed) {
		s.add(1, 6)
		s.purge(1, 2)
		s.exec(`INSERT INTO audit_gone (first_position, last_position, entries, at_ms, account, actor, reason, runs, head, head_seal, seal)
			SELECT 4, 4, 1, at_ms, account, actor, reason, runs, head, head_seal, seal FROM audit_gone`)
		s.want(s.verify(), want{entries: 5, purged: 1, altered: 1})
		s.exec(`DELETE FROM audit WHERE id = 4`)
		s.want(s.verify(), want{entries: 4, purged: 1, altered: 1, missing: 1})
		s.exec(fmt.Sprintf(copied, "2", "1"))
		s.want(s.verify(), want{entries: 4, purged: 1, altered: 2, missing: 1})
	})
}

// What was there before the chain is left as it is, and said to be unproven.
func TestEntriesFromBefore(t *testing.T) {
	for _, driver := range storetest.Drivers() {
		t.Run(driver, func(t *testing.T) {
			s := &sealed{t: t, db: storetest.Open(t, driver)}
			s.add(1, 3)
			s.begin(s.db)
			s.add(1, 2)
			s.purge(1, 1, 2, 4)
			r := s.verify()
			s.want(r, want{entries: 1, purged: 1})
			if r.Before != 3 || r.Begun.IsZero() {
				t.Errorf("%+v", r)
			}
		})
	}
}

// Keys follow one another: a seal names its own. One that was marked as known to
// others proves nothing any more.
func TestSealsFollowRotation(t *testing.T) {
	eachSealed(t, func(s *sealed) {
		s.add(1, 3)
		first, err := s.ring.Active("production", "audit")
		s.must(err)
		s.must(audit.Rotate(context.Background(), s.ring))
		s.add(1, 3)
		s.want(s.verify(), want{entries: 6})
		s.must(s.ring.MarkCompromised(context.Background(), first))
		if r := s.verify(); r.Unknown != 4 || r.Altered+r.Missing != 0 { // three entries and the beginning
			s.t.Errorf("%+v", r)
		}
	})
}

// A look at the newest part begins near the time that was asked.
func TestSince(t *testing.T) {
	eachSealed(t, func(s *sealed) {
		s.add(1, 300)
		s.exec(`UPDATE audit SET actor = 1 WHERE id = 3`)
		since := time.UnixMilli(s.clock.Load()).Add(-time.Minute)
		r, err := audit.NewVerifier(s.db, s.sealer, nil).Run(context.Background(), since)
		s.must(err)
		s.want(r, want{entries: r.Entries})
		if r.Entries < 30 || r.Entries > 200 || r.To != 300 {
			s.t.Errorf("%+v", r)
		}
	})
}
