package admin

import (
	"context"
	"time"

	"propusk/internal/authority"
)

// SigningKey is a key that signs the tokens of a dialect, without any material
// of it. Retires is when a former one stops to verify; zero for others.
type SigningKey struct {
	ID        string // kid
	Dialect   string
	Algorithm string
	State     string // next, active, former, retired, revoked
	Version   int
	Created   time.Time
	Retires   time.Time
}

// Keys knows the keys that sign on a stand.
type Keys interface {
	// SigningKeys lists them by dialect, newest first.
	SigningKeys(ctx context.Context, stand authority.Stand) ([]SigningKey, error)
	// RotateKey has the next key of a dialect sign, makes another next one and
	// leaves r.Entry. What the former one signed is good to its end, but with
	// r.Force, which ends all of it. NotFound for
	// a dialect that signs nothing; Conflict, but with r.Force, while the next key
	// has not been published as long as clients keep a key set.
	RotateKey(ctx context.Context, r KeyRotation) (SigningKey, error)
}

// KeyRotation asks for another signing key of a dialect.
type KeyRotation struct {
	Stand   authority.Stand
	Dialect string
	Force   bool // the key has leaked: it and what it signed end at once, and clients may meet a key that they do not know
	Entry   authority.Entry
}

// maxFormer is how many former keys of a dialect may verify at once, so that
// nobody fills the key set of a stand.
const maxFormer = 8

// SigningKeys lists the keys of the caller's stand.
func (s *Service) SigningKeys(ctx context.Context, c authority.Caller) ([]SigningKey, error) {
	if err := holds(c, AccountRead, AccountsManage); err != nil {
		return nil, err
	}
	return s.ports.Keys.SigningKeys(ctx, c.Stand())
}

// RotateSigningKey has the next key sign the tokens of a dialect. Tokens that are
// alive stay good, but with force: that is for a key that has leaked, and ends
// all that it signed. The keys belong to the whole stand, so the deployment's
// owner rotates them.
func (s *Service) RotateSigningKey(ctx context.Context, c authority.Caller, dialect string, force bool) (SigningKey, error) {
	if err := holds(c, AccountsManage); err != nil {
		return SigningKey{}, err
	}
	known, err := s.ports.Keys.SigningKeys(ctx, c.Stand())
	if err != nil {
		return SigningKey{}, err
	}
	former := 0
	for _, k := range known {
		if k.Dialect == dialect && k.State == "former" {
			former++
		}
	}
	if former >= maxFormer {
		return SigningKey{}, authority.E(authority.Conflict, "too many former keys of this dialect still verify: wait until one retires")
	}
	ch := s.begin(c, act{verb: "signing_key.rotate", object: "account", id: c.Account().ID})
	ch.Entry.Object = "dialect/" + dialect
	if force {
		ch.Entry.Reason = "forced"
	}
	return s.ports.Keys.RotateKey(ctx, KeyRotation{Stand: ch.Stand, Dialect: dialect, Force: force, Entry: ch.Entry})
}
