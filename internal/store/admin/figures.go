package admin

import (
	"context"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/store"
)

var _ admin.Figures = (*Store)(nil)

// Traffic implements admin.Figures.
func (s *Store) Traffic(ctx context.Context, account authority.ID, since, until time.Time) ([]admin.Traffic, error) {
	return store.CollectOne(ctx, s.db, scanTraffic, `SELECT hour_ms, dialect, calls, issues, refusals FROM traffic_hours
		WHERE account = $1 AND hour_ms >= $2 AND hour_ms < $3 ORDER BY hour_ms, dialect`,
		account, store.Millis(since), store.Millis(until))
}

// Strangers implements admin.Figures.
func (s *Store) Strangers(ctx context.Context, stand authority.Stand, since, until time.Time) ([]admin.Traffic, error) {
	return store.CollectOne(ctx, s.db, scanTraffic, `SELECT hour_ms, dialect, 0, 0, refusals FROM stranger_hours
		WHERE stand = $1 AND hour_ms >= $2 AND hour_ms < $3 ORDER BY hour_ms, dialect`,
		stand, store.Millis(since), store.Millis(until))
}

func scanTraffic(row store.Scanner) (t admin.Traffic, err error) {
	var hour int64
	err = row.Scan(&hour, &t.Dialect, &t.Calls, &t.Issues, &t.Refusals)
	t.Hour = store.FromMillis(hour)
	return t, err
}

// knownColumns are those of a credential c and its holder p.
const knownColumns = `c.id, c.principal, c.stand, c.kind, c.client_id, c.dialect, c.description, c.created_ms,
	c.expires_ms, c.ends_ms, c.last_used_ms, c.last_address, p.name, p.kind`

func scanKnown(row store.Scanner) (admin.KnownCredential, error) { return scanKnownAnd(row) }

// scanKnownAnd reads knownColumns and what stands behind them.
func scanKnownAnd(r store.Scanner, more ...any) (k admin.KnownCredential, err error) {
	var created, expires, ends, used int64
	err = r.Scan(append([]any{
		&k.ID, &k.Principal, &k.Stand, &k.Kind, &k.ClientID, &k.Application, &k.Description, &created,
		&expires, &ends, &used, &k.LastAddress, &k.Holder, &k.HolderKind,
	}, more...)...)
	if ends > 0 && (expires == 0 || ends < expires) {
		expires = ends
	}
	k.Created, k.Expires, k.LastUsed = store.FromMillis(created), store.FromMillis(expires), store.FromMillis(used)
	return k, err
}

// Busiest implements admin.Figures.
func (s *Store) Busiest(ctx context.Context, account authority.ID, since time.Time, size int) ([]admin.BusyCredential, error) {
	return store.CollectOne(ctx, s.db, scanBusy, `SELECT `+knownColumns+`, u.calls, u.issues FROM
		(SELECT credential, CAST(SUM(calls) AS BIGINT) AS calls, CAST(SUM(issues) AS BIGINT) AS issues FROM usage_hours
			WHERE account = $1 AND hour_ms >= $2 GROUP BY credential ORDER BY SUM(calls) + SUM(issues) DESC, credential LIMIT $3) u
		JOIN credentials c ON c.id = u.credential JOIN principals p ON p.id = c.principal WHERE c.account = $1
		ORDER BY u.calls + u.issues DESC, c.id`, account, store.Millis(since), size)
}

func scanBusy(row store.Scanner) (b admin.BusyCredential, err error) {
	b.KnownCredential, err = scanKnownAnd(row, &b.Calls, &b.Issues)
	return b, err
}

// Ending implements admin.Figures. Those that overlap with a successor end
// before they expire. Each of the two dates has an index, so each is asked alone.
func (s *Store) Ending(ctx context.Context, account authority.ID, from, until time.Time, size int) ([]admin.KnownCredential, error) {
	return s.knownCredentials(ctx, `+c.account = $1 AND c.id IN
		(SELECT id FROM credentials WHERE account = $1 AND revoked = 0 AND expires_ms >= $2 AND expires_ms < $3
		UNION SELECT id FROM credentials WHERE ends_ms > 0 AND ends_ms >= $2 AND ends_ms < $3)
		ORDER BY CASE WHEN c.ends_ms > 0 AND (c.expires_ms = 0 OR c.ends_ms < c.expires_ms) THEN c.ends_ms ELSE c.expires_ms END, c.id`,
		account, store.Millis(from), store.Millis(until), size)
}

// Unused implements admin.Figures.
func (s *Store) Unused(ctx context.Context, account authority.ID, now, before time.Time, size int) ([]admin.KnownCredential, error) {
	return s.knownCredentials(ctx, `c.account = $1 AND c.uses = 0 AND c.last_used_ms = 0 AND c.created_ms < $3 AND (c.expires_ms = 0 OR c.expires_ms > $2)
		ORDER BY c.created_ms, c.id`, account, store.Millis(now), store.Millis(before), size)
}

// knownCredentials lists live credentials of principals that are not disabled.
func (s *Store) knownCredentials(ctx context.Context, where string, args ...any) ([]admin.KnownCredential, error) {
	return store.CollectOne(ctx, s.db, scanKnown, `SELECT `+knownColumns+` FROM credentials c JOIN principals p ON p.id = c.principal
		WHERE c.revoked = 0 AND p.disabled = 0 AND `+where+` LIMIT $4`, args...)
}
