package keys

import (
	"crypto/sha256"
	"fmt"
)

// Seal writes plaintext as an opaque text that verifies itself: encrypted and
// authenticated together with aad under a MAC key of stand and use. Equal
// arguments give equal text, so a retry says the same secret again. version is
// that of an active or a former key.
func (r *Ring) Seal(stand, use string, version int, aad, plaintext []byte) (string, error) {
	k, err := r.symmetric(stand, use, version)
	if err != nil {
		return "", err
	}
	if k.mac == nil || k.State == Next {
		return "", fmt.Errorf("%w: version %d of (%s, %s) does not seal", ErrUnknownKey, version, stand, use)
	}
	if text := k.mac.seal(version, aad, plaintext); len(text) <= maxText {
		return text, nil
	}
	return "", fmt.Errorf("keys: a sealed text is over the limit of %d bytes", maxText)
}

// Open gives back what Seal was given with the same stand, use and aad, under
// whichever live key the text names. All refusals are ErrInvalid.
func (r *Ring) Open(stand, use string, aad []byte, text string) ([]byte, error) {
	version, body, err := splitSealed(text)
	if err != nil {
		return nil, err
	}
	k, err := r.symmetric(stand, use, version)
	if err != nil || k.mac == nil {
		return nil, errNoKey
	}
	return k.mac.open(aad, body)
}

// Tag62 gives a tag over msg of n ≤ 32 characters, each 0–9, A–Z or a–z:
// HMAC-SHA-256 modulo 62^n. Compare it in constant time.
func (r *Ring) Tag62(stand, use string, version, n int, msg []byte) (string, error) {
	k, err := r.symmetric(stand, use, version)
	if err != nil {
		return "", err
	}
	if k.mac == nil || n < 1 || n > maxTagChars {
		return "", fmt.Errorf("keys: no tag of %d characters from (%s, %s)", n, stand, use)
	}
	return k.mac.tag62(n, msg), nil
}

// MAC is HMAC-SHA-256 over msg under a MAC key of stand and use, whose version is
// that of an active or a former one. Compare it in constant time.
func (r *Ring) MAC(stand, use string, version int, msg []byte) ([]byte, error) {
	k, err := r.symmetric(stand, use, version)
	if err != nil {
		return nil, err
	}
	if k.mac == nil || k.State == Next {
		return nil, fmt.Errorf("%w: version %d of (%s, %s) makes no MAC", ErrUnknownKey, version, stand, use)
	}
	return k.mac.plain.mac(msg), nil
}

// Digest is the keyed hash of a credential: HMAC-SHA-256 under a pepper of
// stand over msg, each part with its length in front.
func (r *Ring) Digest(stand string, version int, msg ...[]byte) ([sha256.Size]byte, error) {
	k, err := r.symmetric(stand, UseCredential, version)
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	if k.pepper == nil {
		return [sha256.Size]byte{}, fmt.Errorf("%w: (%s, %s) is no pepper", ErrUnknownKey, stand, UseCredential)
	}
	return [sha256.Size]byte(k.pepper.mac(join(msg...))), nil
}

func (r *Ring) symmetric(stand, use string, version int) (*key, error) {
	k := r.current.Load().version(slot{stand, use}, version, r.now())
	if k == nil {
		return nil, fmt.Errorf("%w: version %d of (%s, %s)", ErrUnknownKey, version, stand, use)
	}
	return k, nil
}
