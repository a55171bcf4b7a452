package keys

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// Algorithm is what a key does. A key has one, for ever.
type Algorithm string

// The algorithms: four that sign (RFC 7518 §3.1, RFC 8037 §3.1) and the two
// kinds of symmetric material that never meet a JWS.
const (
	HS256  Algorithm = "HS256"
	RS256  Algorithm = "RS256"
	RS512  Algorithm = "RS512"
	EdDSA  Algorithm = "EdDSA"
	MAC    Algorithm = "MAC"    // Seal, Open, Tag62
	Pepper Algorithm = "PEPPER" // Digest
)

// Published reports whether a JWKS shows keys of a.
func (a Algorithm) Published() bool { return a == RS256 || a == RS512 || a == EdDSA }

// UseCredential is the use whose PEPPER keys Digest takes.
const UseCredential = "credential"

// Spec asks for a key: which stand, what for, by which algorithm.
type Spec struct {
	Stand     string
	Use       string // a dialect's name for signing keys
	Algorithm Algorithm
	Bits      int // RSA modulus; 0 = 2048; less is refused; ignored for others
}

// State is where a key stands in its life.
type State string

// The states, in the order of a life.
const (
	// Next is published and does not sign here yet. It verifies, since another
	// node may promote it first.
	Next State = "next"
	// Active signs. A stand and use have exactly one.
	Active State = "active"
	// Former signed until a rotation. Until Retires it verifies, and signs
	// again what it signed before.
	Former State = "former"
	// Retired does nothing any more.
	Retired State = "retired"
	// Revoked was marked as compromised: as Retired, at once.
	Revoked State = "revoked"
)

// Record is one key as it is stored. Sealed opens only under the deployment key
// and only as this id, stand, use, algorithm and version. Public is PKIX DER,
// empty for symmetric keys.
type Record struct {
	ID        string // kid; random
	Stand     string
	Use       string
	Algorithm Algorithm
	Version   int // 1, 2, … within stand and use
	State     State
	Created   time.Time
	Retires   time.Time // for Former: verifies before this instant; else zero
	Sealed    []byte
	Public    []byte
}

// live reports whether the key may verify at now.
func (r *Record) live(now time.Time) bool {
	switch r.State {
	case Next, Active:
		return true
	case Former:
		return now.Before(r.Retires)
	default:
		return false
	}
}

// binding is what the sealed material is tied to.
func (r *Record) binding() []string {
	return []string{r.ID, r.Stand, r.Use, string(r.Algorithm), strconv.Itoa(r.Version)}
}

func (r Record) clone() Record {
	r.Sealed, r.Public = slices.Clone(r.Sealed), slices.Clone(r.Public)
	return r
}

// Transition moves one key from a state to another. Retires is set with To =
// Former.
type Transition struct {
	ID       string
	From, To State
	Retires  time.Time
}

// Store keeps the rows. Every call is one transaction and durable when it
// returns. A (stand, use) has a version once and at most one Active key: a call
// that would break this, or whose Transition starts from a state that the key
// is not in, changes nothing and fails with ErrConflict.
type Store interface {
	Keys(ctx context.Context) ([]Record, error)
	AddKey(ctx context.Context, r Record) error
	MoveKeys(ctx context.Context, moves []Transition) error
}
