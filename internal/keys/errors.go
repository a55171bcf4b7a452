package keys

import (
	"errors"
	"fmt"
)

// ErrInvalid is what Verify and Open answer for every text they refuse. The
// reason is wrapped for the audit and must not reach the presenter.
var ErrInvalid = errors.New("keys: invalid token")

// ErrUnknownKey is returned where no key with that id, use or version may do
// what was asked. With several nodes it can mean that the snapshot is old:
// Reload and ask once more.
var ErrUnknownKey = errors.New("keys: no such live key")

// ErrConflict is returned by a Store when another writer was first: the version
// is taken, or a key is no longer in the state that a Transition starts from.
var ErrConflict = errors.New("keys: changed by another writer")

// Why a text is refused.
var (
	errTooLong    = refusal("longer than 8192 bytes")
	errParts      = refusal("not three parts")
	errEncoding   = refusal("not canonical base64url")
	errHeader     = refusal("header is not one JSON object of alg, kid and typ")
	errDuplicate  = refusal("a member name is repeated")
	errSpelling   = refusal("a member name differs from a known one by case")
	errNoObject   = refusal("not one JSON object")
	errMembers    = refusal("an object of over 256 members")
	errDepth      = refusal("nested too deeply")
	errNoKey      = refusal("kid names no live key of this stand and use")
	errAlgorithm  = refusal("alg is not that of the key")
	errSignature  = refusal("signature does not match")
	errAuthentic  = refusal("sealed text does not match")
	errSealedText = refusal("not a sealed text")
)

func refusal(reason string) error { return fmt.Errorf("%w: %s", ErrInvalid, reason) }
