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
	// leaves r.Entry. What the former one signed is good to its end. NotFound for
	// a dialect that signs nothing; Conflict while the next key has not been
	// published as long as clients keep a key set.
	RotateKey(ctx context.Context, r KeyRotation) (SigningKey, error)
	// EndKey ends the key r.ID of a dialect, or the one that signs for "", with all
	// that it signed, leaves r.Entry, and gives the key that signs now. NotFound
	// for a key that the dialect does not have on the stand.
	EndKey(ctx context.Context, r KeyRotation) (SigningKey, error)
}

// KeyRotation asks for another signing key of a dialect.
type KeyRotation struct {
	Stand   authority.Stand
	Dialect string
	ID      string // EndKey
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

// RotateSigningKey has the next key sign the tokens of a dialect; tokens that are
// alive stay good. The keys belong to the whole stand, so the deployment's owner
// rotates them.
func (s *Service) RotateSigningKey(ctx context.Context, c authority.Caller, dialect string) (SigningKey, error) {
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
	return s.ports.Keys.RotateKey(ctx, s.rotation(c, dialect))
}

func (s *Service) rotation(c authority.Caller, dialect string) KeyRotation {
	ch := s.begin(c, act{verb: "signing_key.rotate", object: "account", id: c.Account().ID})
	ch.Entry.Object = "dialect/" + dialect
	return KeyRotation{Stand: ch.Stand, Dialect: dialect, Entry: ch.Entry}
}

// EndSigningKey ends a key of a dialect that has leaked, whether it signs, has
// signed or is to sign next, at once and with all that it signed; "" is the one
// that signs. It gives the key that signs now, which clients may not know yet.
func (s *Service) EndSigningKey(ctx context.Context, c authority.Caller, dialect, id string) (SigningKey, error) {
	if err := holds(c, AccountsManage); err != nil {
		return SigningKey{}, err
	}
	r := s.rotation(c, dialect)
	r.ID, r.Entry.Reason = id, "forced"
	if id != "" {
		r.Entry.Object = "signing_key/" + id
	}
	return s.ports.Keys.EndKey(ctx, r)
}
