package keys

import (
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
)

// Foreign is a set of keys that were not made here, for test vectors. They pass
// the same checks as the Ring's own.
type Foreign struct{ keys map[string]*key }

// Add loads a key: []byte for HS256, *rsa.PublicKey or ed25519.PublicKey.
func (f *Foreign) Add(kid string, alg Algorithm, material any) error {
	k := &key{Record: Record{ID: kid, Algorithm: alg, State: Active}}
	var err error
	switch m := material.(type) {
	case []byte:
		if alg != HS256 {
			return errors.New("not an algorithm for a secret")
		}
		k.verifier, err = newHMAC(m)
	case *rsa.PublicKey:
		if alg != RS256 && alg != RS512 {
			return errors.New("not an algorithm for RSA")
		}
		k.verifier, err = rsaPublic{m, hashOf(alg)}, checkRSAPublic(m)
	case ed25519.PublicKey:
		k.verifier = edPublic{m}
	default:
		err = fmt.Errorf("no such material here: %T", material)
	}
	if err != nil {
		return err
	}
	if f.keys == nil {
		f.keys = make(map[string]*key)
	}
	if f.keys[kid] != nil {
		return errors.New("two keys with one kid")
	}
	f.keys[kid] = k
	return nil
}

// Verify is Ring.Verify up to the signature: the vectors' payloads are not
// claims.
func (f *Foreign) Verify(text string) ([]byte, error) {
	_, _, payload, err := verifyText(text, nil, func(kid string) *key { return f.keys[kid] })
	return payload, err
}

// VerifyBare checks a bare signature with the one key of f.
func (f *Foreign) VerifyBare(message, signature []byte) bool {
	for _, k := range f.keys {
		return k.verifier.verify(message, signature)
	}
	return false
}

// MaterialOf opens the private material of a stored key.
func MaterialOf(s *Sealer, r Record) ([]byte, error) { return s.Open(r.Sealed, r.binding()...) }

// SealRecord seals other material into r.
func SealRecord(s *Sealer, r *Record, private []byte) { r.Sealed = s.Seal(private, r.binding()...) }

// CheckRSA is the check that every RSA key passes before use.
var CheckRSA = checkRSA

// CheckRSAPublic is its part for public keys.
var CheckRSAPublic = checkRSAPublic
