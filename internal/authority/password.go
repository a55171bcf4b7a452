package authority

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"propusk/internal/authority/passhash"
)

// PasswordCost is what one argon2id hash costs. RFC 9106 §4.
type PasswordCost struct {
	MemoryKiB uint32 // zero = 19456
	Passes    uint32 // zero = 2
	PerCore   int    // hashes at once per core; zero = 2
}

const (
	passwordSalt  = 16
	passwordKey   = 32
	maxPassword   = 1024 // bytes; longer ones are refused before any work
	hashesPerCore = 2
	hashPatience  = 2 * time.Second
)

// Passwords hashes and checks passwords, a bounded number at a time, so that a
// flood costs neither all memory nor all cores. Safe for concurrent use.
type Passwords struct {
	cost  PasswordCost
	slots chan struct{}
	dummy string
}

// NewPasswords makes a Passwords that hashes at cost.
func NewPasswords(cost PasswordCost) *Passwords {
	if cost.MemoryKiB == 0 {
		cost.MemoryKiB = 19456
	}
	if cost.Passes == 0 {
		cost.Passes = 2
	}
	if cost.PerCore == 0 {
		cost.PerCore = hashesPerCore
	}
	p := &Passwords{cost: cost, slots: make(chan struct{}, cost.PerCore*runtime.GOMAXPROCS(0))}
	p.dummy = p.phc(make([]byte, passwordSalt), make([]byte, passwordKey))
	return p
}

// Hash gives the PHC text of a password. Code InvalidValue for one that is
// empty or over 1024 bytes, Unavailable when all slots stay busy.
func (p *Passwords) Hash(ctx context.Context, password Secret) (string, error) {
	password = NewSecret(norm.NFC.String(password.Reveal()))
	if n := len(password.Reveal()); n == 0 || n > maxPassword {
		return "", E(InvalidValue, "a password has 1 to 1024 bytes")
	}
	release, err := p.slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	salt := make([]byte, passwordSalt)
	_, _ = rand.Read(salt)
	return p.phc(salt, argon2.IDKey([]byte(password.Reveal()), salt, p.cost.Passes, p.cost.MemoryKiB, 1, passwordKey)), nil
}

// Check reports whether password matches hash. An empty hash does the same
// work against nothing, so that an unknown login takes as long as a known one.
// stale says that the hash should be made again with today's cost: one that
// another system made always should.
func (p *Passwords) Check(ctx context.Context, hash string, password Secret) (match, stale bool, err error) {
	if len(password.Reveal()) > maxPassword {
		return false, false, nil
	}
	known := hash != ""
	if !known {
		hash = p.dummy
	}
	stored, err := passhash.Parse(hash)
	if err != nil {
		return false, false, Wrap(Internal, "a stored password hash cannot be read", err)
	}
	release, err := p.slot(ctx)
	if err != nil {
		return false, false, err
	}
	defer release()
	spelled := spellings(password.Reveal())
	same := slices.IndexFunc(spelled, stored.Matches)
	stale = same > 0 || stored.MemoryKiB != p.cost.MemoryKiB || stored.Passes != p.cost.Passes
	return same >= 0 && known, stale, nil
}

// spellings lists the texts that a hash may have been made from, the one that
// hashes are made from today first: text is NFC (rule 19), but what another
// system or a former version stored need not be.
func spellings(password string) []string {
	var out []string
	for _, s := range []string{norm.NFC.String(password), password, norm.NFD.String(password)} {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// CheckPasswordHash reports whether text is a password hash that sign-ins can
// be compared with, ours or another system's (package passhash). InvalidValue says
// what is wrong, without the text.
func CheckPasswordHash(text string) error {
	if _, err := passhash.Parse(text); err != nil {
		return E(InvalidValue, "the password hash "+err.Error()).With("field", "password_hash")
	}
	return nil
}

// slot waits a little for one of the places to hash.
func (p *Passwords) slot(ctx context.Context) (func(), error) {
	ctx, cancel := context.WithTimeout(ctx, hashPatience)
	defer cancel()
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots }, nil
	case <-ctx.Done():
		busy := E(Unavailable, "too many sign-ins at once; try again shortly")
		busy.RetryAfter = hashPatience
		return nil, busy
	}
}

func (p *Passwords) phc(salt, key []byte) string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=1$%s$%s",
		p.cost.MemoryKiB, p.cost.Passes, enc.EncodeToString(salt), enc.EncodeToString(key))
}
