package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// sealedV1 leads every sealed row, so that the form can change.
const sealedV1 = 1

// Sealer encrypts what must not lie in the database in the clear, with
// AES-256-GCM under a key derived from the deployment key. Safe for concurrent
// use.
type Sealer struct{ aead cipher.AEAD }

// NewSealer makes the Sealer of one purpose. Nothing sealed for one purpose
// opens for another. The Ring uses PurposeKeys.
func NewSealer(key DeploymentKey, purpose string) (*Sealer, error) {
	if key == (DeploymentKey{}) || purpose == "" {
		return nil, errors.New("keys: a sealer needs a deployment key and a purpose")
	}
	derived, err := hkdf.Key(sha256.New, key.secret[:], nil, "propusk/seal/v1/"+purpose, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead: aead}, nil
}

// PurposeKeys is the purpose of the Sealer that a Ring takes.
const PurposeKeys = "keys"

// Seal encrypts plaintext and binds it to what it is: the same parts must be
// given to Open.
func (s *Sealer) Seal(plaintext []byte, parts ...string) []byte {
	return s.aead.Seal([]byte{sealedV1}, nil, plaintext, join(parts...)) //nolint:gosec // the nonce is made inside, at random
}

// Open gives back what Seal was given. It fails with another deployment key,
// other parts or changed bytes, and does not tell which.
func (s *Sealer) Open(sealed []byte, parts ...string) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != sealedV1 {
		return nil, errors.New("keys: unknown form of sealed bytes")
	}
	return s.aead.Open(nil, nil, sealed[1:], join(parts...))
}

// join writes parts with their lengths in front, so that no two lists of parts
// give the same bytes.
func join[T ~string | ~[]byte](parts ...T) []byte {
	var out []byte
	for _, p := range parts {
		out = binary.BigEndian.AppendUint64(out, uint64(len(p)))
		out = append(out, p...)
	}
	return out
}
