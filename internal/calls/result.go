package calls

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// ResultLife is how long an answer can be asked for again.
const ResultLife = 7 * 24 * time.Hour

// ResultKey finds a Result: the digest of what only its owner was told.
type ResultKey [32]byte

// Result is an answer that was given and can be asked for again: Prefix, then
// the bytes of Recording if it has one, then Suffix. Body takes the place of
// Prefix where there is no recording; how it is coded is the owner's affair.
type Result struct {
	Method    string // a word of the owner
	Recording authority.ID
	Prefix    []byte
	Suffix    []byte
	Body      []byte
}

// Size is what r takes of the account's share.
func (r Result) Size() int64 { return int64(len(r.Prefix) + len(r.Suffix) + len(r.Body)) }

// ResultStore keeps results. Each method is one transaction.
type ResultStore interface {
	// PutResult keeps k's result, durably. It takes expired results away, and
	// the account's oldest ones while they take more than k.Share bytes.
	PutResult(ctx context.Context, k Keeping) error
	// Result reads one that has not expired; NotFound for none, another
	// account's too.
	Result(ctx context.Context, account authority.ID, key ResultKey, now time.Time) (Result, error)
}

// Keeping asks for a result to be kept.
type Keeping struct {
	Account authority.ID
	Key     ResultKey
	Result  Result
	Now     time.Time
	Expires time.Time
	Share   int64
}

// Results keeps answers for ResultLife, an account's share of them at most. Safe
// for concurrent use.
type Results struct {
	store ResultStore
	share int64
	now   func() time.Time
}

// NewResults makes Results over store that keep share bytes of each account.
func NewResults(store ResultStore, share int64, now func() time.Time) *Results {
	return &Results{store: store, share: share, now: now}
}

// Keep keeps r under key.
func (s *Results) Keep(ctx context.Context, c authority.Caller, key ResultKey, r Result) error {
	now := s.now()
	return s.store.PutResult(ctx, Keeping{
		Account: c.Account().ID, Key: key, Result: r, Now: now, Expires: now.Add(ResultLife), Share: s.share,
	})
}

// Find reads what was kept under key. Whether c may still see it is for the
// owner to ask.
func (s *Results) Find(ctx context.Context, c authority.Caller, key ResultKey) (Result, error) {
	return s.store.Result(ctx, c.Account().ID, key, s.now())
}
