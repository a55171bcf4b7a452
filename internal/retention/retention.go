package retention

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"propusk/internal/authority"
)

// Kind is a kind of rows with a retention of its own.
type Kind string

// The kinds.
const (
	Calls      Kind = "calls" // with what is left of their recordings
	Recordings Kind = "recordings"
	Results    Kind = "results"
	Audit      Kind = "audit"
)

// Kinds lists every kind once, in the order in which they leave: a recording is
// archived before its call.
func Kinds() []Kind { return []Kind{Recordings, Calls, Results, Audit} }

// VerbPurge is the audit verb of rows that have left.
const VerbPurge = "retention.purge"

// Row is something old.
type Row struct {
	Key  string          // names it among its kind
	Line json.RawMessage // for the archive; nil = of no use there
	Blob string          // its bytes among Files; "" = none
	File string          // what the archive calls its bytes: letters, digits, dot, dash
	Copy string          // what was made of Blob, among Files too; no archive gets it; "" = nothing
}

// Accounts lists the accounts that set a retention.
type Accounts interface {
	Keeping(ctx context.Context) ([]authority.Account, error)
}

// Source finds and deletes the rows of one kind. Safe for concurrent use.
type Source interface {
	// Old reads the account's oldest rows that are older than before.
	Old(ctx context.Context, account authority.ID, before time.Time, limit int) ([]Row, error)
	// Drop deletes rows, with entry in the same transaction.
	Drop(ctx context.Context, account authority.ID, keys []string, entry authority.Entry) error
}

// Files keeps the bytes of recordings; blob.Store does. One that is not there is
// fs.ErrNotExist.
type Files interface {
	Open(ctx context.Context, name string) (io.ReadSeekCloser, error)
	Delete(ctx context.Context, name string) error
}

// step is how many rows leave in one transaction.
const step = 200

// Purger takes old rows away.
type Purger struct {
	Accounts Accounts
	Sources  map[Kind]Source // a kind without one stays
	Files    Files
	Archive  *Archive         // nil = what leaves is gone
	Now      func() time.Time // the clock of rows
}

// Purge takes away everything that is old now, yielding between its steps, and
// tells how many rows that were. An account that fails does not hold up the
// others.
func (p *Purger) Purge(ctx context.Context) (gone int, err error) {
	accounts, err := p.Accounts.Keeping(ctx)
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, a := range accounts {
		for _, kind := range Kinds() {
			n, err := p.purgeKind(ctx, scope{a, kind})
			gone += n
			if err != nil {
				errs = append(errs, err)
				break
			}
		}
	}
	return gone, errors.Join(errs...)
}

// Days is how long an account keeps a kind; 0 = for ever. No recording outlives
// its call.
func Days(r authority.Retention, kind Kind) int {
	switch kind {
	case Calls:
		return r.Calls
	case Recordings:
		if r.Calls > 0 && (r.Recordings == 0 || r.Recordings > r.Calls) {
			return r.Calls
		}
		return r.Recordings
	case Results:
		return r.Results
	case Audit:
		return r.Audit
	}
	return 0
}

// scope is what an account has of one kind.
type scope struct {
	account authority.Account
	kind    Kind
}

func (s scope) days() int { return Days(s.account.Settings.Retention, s.kind) }

func (p *Purger) purgeKind(ctx context.Context, of scope) (gone int, err error) {
	source := p.Sources[of.kind]
	if of.days() == 0 || source == nil {
		return 0, nil
	}
	before := p.Now().AddDate(0, 0, -of.days())
	for {
		rows, err := source.Old(ctx, of.account.ID, before, step)
		if err != nil || len(rows) == 0 {
			return gone, err
		}
		if err := p.drop(ctx, of, rows); err != nil {
			return gone, err
		}
		if gone += len(rows); len(rows) < step {
			return gone, nil
		}
	}
}

// drop archives rows and deletes them; their bytes go last, so that no row is
// ever without its own.
func (p *Purger) drop(ctx context.Context, of scope, rows []Row) error {
	if p.Archive != nil {
		if err := p.Archive.add(ctx, of, rows, p.Files); err != nil {
			return err
		}
	}
	keys := make([]string, len(rows))
	for i, r := range rows {
		keys[i] = r.Key
	}
	entry := authority.System(of.account.Stand, of.account, VerbPurge, "retention").Entry(string(of.kind))
	entry.Count, entry.Reason = len(rows), strconv.Itoa(of.days())+" days"
	if err := p.Sources[of.kind].Drop(ctx, of.account.ID, keys, entry); err != nil {
		return err
	}
	for _, r := range rows {
		for _, blob := range []string{r.Blob, r.Copy} {
			if blob == "" {
				continue
			}
			if err := p.Files.Delete(ctx, blob); err != nil {
				return err
			}
		}
	}
	return nil
}
