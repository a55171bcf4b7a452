package keys

import (
	"encoding/base64"
	"math/big"
	"slices"
	"time"
)

// JWKS is a JWK Set of public keys that verify signatures. RFC 7517 §5.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// JWK is the public half of one key. There are no members for private or
// symmetric material, so none can be published. RFC 7518 §6.3.1, RFC 8037 §2.
type JWK struct {
	Kty string    `json:"kty"`
	Use string    `json:"use"` // always "sig"
	Alg Algorithm `json:"alg"`
	Kid string    `json:"kid"`
	N   string    `json:"n,omitempty"`
	E   string    `json:"e,omitempty"`
	Crv string    `json:"crv,omitempty"`
	X   string    `json:"x,omitempty"`
}

// JWKSMaxAge is how long clients may keep a JWKS; the next key is published at
// least that long before it signs.
const JWKSMaxAge = 5 * time.Minute

// JWKS publishes the asymmetric keys of stand and uses that verify now, the
// next ones included, so that clients know a key before it signs. Order: as
// uses are given, newest first. Never nil inside: no keys encode as [].
func (r *Ring) JWKS(stand string, uses ...string) JWKS {
	s, now := r.current.Load(), r.now()
	set := JWKS{Keys: []JWK{}}
	for i, use := range uses {
		if slices.Contains(uses[:i], use) {
			continue
		}
		for _, k := range s.slots[slot{stand, use}] {
			if jwk, ok := k.jwk(); ok && k.live(now) {
				set.Keys = append(set.Keys, jwk)
			}
		}
	}
	return set
}

// jwk gives the public half; false for symmetric and unopened keys.
func (k *key) jwk() (JWK, bool) {
	b64 := base64.RawURLEncoding.EncodeToString
	jwk := JWK{Use: "sig", Alg: k.Algorithm, Kid: k.ID}
	switch v := k.verifier.(type) {
	case rsaPrivate:
		jwk.Kty = "RSA"
		jwk.N = b64(v.rsaPublic.key.N.Bytes())
		jwk.E = b64(big.NewInt(int64(v.rsaPublic.key.E)).Bytes())
	case edPrivate:
		jwk.Kty, jwk.Crv, jwk.X = "OKP", "Ed25519", b64(v.edPublic.key)
	default:
		return JWK{}, false
	}
	return jwk, true
}
