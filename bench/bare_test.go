package bench_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	storeauthority "propusk/internal/store/authority"
)

// bare serves handler with net/http alone.
func bare(tb testing.TB, handler http.HandlerFunc) (addr string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(tb, err)
	s := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = s.Serve(l) }()
	tb.Cleanup(func() { _ = s.Close() })
	return l.Addr().String()
}

// answer is the whole of what the product said to request: fields and body.
type answer struct {
	fields http.Header
	body   []byte
}

func sample(tb testing.TB, r *http.Request) answer {
	tb.Helper()
	resp, err := http.DefaultTransport.RoundTrip(r)
	must(tb, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	must(tb, err)
	if resp.StatusCode != http.StatusOK {
		tb.Fatalf("%s: %s", resp.Status, body)
	}
	resp.Header.Del("Date")
	return answer{resp.Header, body}
}

func samplePost(tb testing.TB, addr string, raw []byte) answer {
	tb.Helper()
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	var path string
	_, err := fmt.Sscanf(string(head), "POST %s", &path)
	must(tb, err)
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, "http://"+addr+path, bytes.NewReader(body))
	must(tb, err)
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		if name, value, ok := bytes.Cut(line, []byte(": ")); ok && string(name) != "Host" {
			r.Header.Set(string(name), string(value))
		}
	}
	return sample(tb, r)
}

// write sends the same bytes as the product did.
func (a answer) write(w http.ResponseWriter) {
	h := w.Header()
	for name, values := range a.fields {
		h[name] = values
	}
	_, _ = w.Write(a.body)
}

// ledger writes the rows that an issue or a refresh leaves, with the product's
// commit engine and nothing around it.
type ledger struct {
	db      *store.DB
	account authority.ID
	holders []holder
	key     string
	turn    atomic.Int64
	acts    []atomic.Int64 // by holder, for gathering of audit entries
	store   *storeauthority.Store
	idle    chan family // to refresh; taken by one caller at a time
}

// family is a grant and the generation that its newest refresh token has.
type family struct {
	grant      authority.ID
	generation uint32
}

func (w *world) ledger() *ledger {
	return &ledger{
		db: w.data.DB, account: w.caller.Account().ID, holders: w.theirs, key: "0123456789abcdef0123456789abcdef",
		acts: make([]atomic.Int64, len(w.theirs)), store: w.data.Store, idle: make(chan family, secrets),
	}
}

const insertBare = `INSERT INTO grants (id, stand, account, principal, credential, client_id, dialect,
	door, scope, epoch, position, created_ms, lifetime_ms, family_ends_ms, generation, issued_ms,
	access_expires_ms, refresh_expires_ms, gen_position, key_id, key_version, former_issued_ms,
	former_access_expires_ms, former_refresh_expires_ms, former_position, former_key_id,
	former_key_version, rotated_ms, used, mark, last_used_ms, last_address, gone_ms)
	VALUES ($1, $2, $3, $4, $5, '', $6, $7, '', 1, 0, $8, 86400000, $9, 0, $8,
	$10, $11, 0, $12, 1, 0, 0, 0, 0, '', 0, 0, 0, 0, $8, $13, $11)`

// issue commits a grant, the credential's counters and the audit entry.
func (l *ledger) issue(r *http.Request) error {
	i := int(l.turn.Add(1)) % len(l.holders)
	h, now, id := l.holders[i], time.Now(), authority.NewGrantID()
	e := l.gathered(authority.VerbIssue, i, id, now)
	ms := now.UnixMilli()
	return l.db.Write(r.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(insertBare, int64(id), "production", int64(l.account), int64(h.principal), int64(h.credential),
			"hubex", "service_token", ms, ms+180*86400000, ms+86400000, ms+30*86400000, l.key, "127.0.0.1")
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE credentials SET live_grants = live_grants + 1, uses = uses + 1,
			last_used_ms = $1, last_address = $2 WHERE id = $3`, ms, "127.0.0.1", int64(h.credential))
		if err != nil {
			return err
		}
		return store.Audit(tx, e)
	})
}

// gathered is an audit entry of holder i, as the product gathers them.
func (l *ledger) gathered(verb string, i int, grant authority.ID, now time.Time) authority.Entry {
	e := l.entry(verb, l.holders[i], grant, now)
	if l.acts[i].Add(1) > 60 {
		e.Gather = fmt.Sprint(verb, "/bare/", i, "/", now.Unix()/60)
	}
	return e
}

func (l *ledger) entry(verb string, h holder, grant authority.ID, now time.Time) authority.Entry {
	return authority.Entry{
		Time: now, Stand: authority.Production, Account: l.account, Actor: h.principal, Credential: h.credential,
		Grant: grant, Dialect: "hubex", Door: "service_token", RequestID: "0123456789abcdef0123456789abcdef",
		Verb: verb, Object: "grant/" + authority.EncodeGrant(grant), Outcome: authority.Done, Count: 1,
	}
}

// rotate commits the next generation of a grant and the audit entry.
func (l *ledger) rotate(r *http.Request) error {
	i := int(l.turn.Add(1)) % len(l.acts)
	f, now := <-l.idle, time.Now()
	defer func() { f.generation++; l.idle <- f }()
	id, e := f.grant, l.gathered(authority.VerbRefresh, i, f.grant, now)
	ms := now.UnixMilli()
	return l.db.Write(r.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE grants SET generation = generation + 1, issued_ms = $1, access_expires_ms = $2,
			refresh_expires_ms = $3, gen_position = 0, key_id = $4, key_version = 1,
			former_issued_ms = $1, former_access_expires_ms = $2, former_refresh_expires_ms = $3,
			former_position = 0, former_key_id = $4, former_key_version = 1, rotated_ms = $1,
			used = 0, gone_ms = $3, last_used_ms = $1 WHERE id = $5`,
			ms, ms+86400000, ms+30*86400000, l.key, int64(id))
		if err != nil {
			return err
		}
		return store.Audit(tx, e)
	})
}

// issueGrant commits by the product's own statements, its second look at the
// credential included.
func (l *ledger) issueGrant(r *http.Request) error {
	i := int(l.turn.Add(1)) % len(l.holders)
	_, err := l.grant(r.Context(), i)
	return err
}

func (l *ledger) grant(ctx context.Context, i int) (authority.Grant, error) {
	const day = 24 * time.Hour
	h, now := l.holders[i], time.Now()
	g := authority.Grant{
		ID: authority.NewGrantID(), Stand: authority.Production, Account: l.account, Principal: h.principal,
		Credential: h.credential, Dialect: "hubex", Door: "service_token", Created: now, Lifetime: day,
		FamilyEnds: now.Add(180 * day), LastUsed: now, Address: "127.0.0.1",
	}
	g.Current = authority.Generation{
		Issued: now, AccessExpires: now.Add(day), RefreshExpires: now.Add(30 * day), KeyID: l.key, KeyVersion: 1,
	}
	return l.store.IssueGrant(ctx, authority.NewGrant{
		Grant: g, Revision: 1, MaxLive: 10_000, Now: now, Until: now.Add(30 * day),
		Entry: l.gathered(authority.VerbIssue, i, g.ID, now),
	})
}

// families makes the grants to refresh.
func (l *ledger) families(tb testing.TB) {
	tb.Helper()
	together(tb, secrets, func(i int) error {
		g, err := l.grant(tb.Context(), i)
		l.idle <- family{g.ID, 0}
		return err
	})
}

// rotateGrant commits by the product's own statements.
func (l *ledger) rotateGrant(r *http.Request) error {
	const day = 24 * time.Hour
	i := int(l.turn.Add(1)) % len(l.acts)
	f, now := <-l.idle, time.Now()
	defer func() { l.idle <- f }()
	rotated, err := l.store.RotateGrant(r.Context(), authority.Rotation{
		Stand: authority.Production, Grant: f.grant, Dialect: "hubex", Presented: f.generation, Now: now,
		Window: 30 * time.Second, RefreshLifetime: 30 * day, KeyID: l.key, KeyVersion: 1, Until: now.Add(30 * day),
		Entry: l.gathered(authority.VerbRefresh, i, f.grant, now),
		Known: func(authority.ID) (authority.Standing, bool) { return authority.Standing{}, true },
	})
	if err == nil && !rotated.Fresh {
		err = errors.New("not rotated")
	}
	f.generation = rotated.Grant.Current.Number
	return err
}

// handler reads the request, commits and answers with a.
func handler(tb testing.TB, a answer, commit func(*http.Request) error) http.HandlerFunc {
	tb.Helper()
	return func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		if commit != nil {
			if err := commit(r); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
		}
		a.write(w)
	}
}
