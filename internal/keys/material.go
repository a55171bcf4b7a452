package keys

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"hash"
	"sync"
)

// A verifier checks signatures. Every kind of material is a type of its own, so
// that bytes of a public key can never be taken for an HMAC secret.
type verifier interface {
	verify(input, signature []byte) bool
}

// A signer signs, always the same bytes for the same input.
type signer interface {
	verifier
	sign(input []byte) ([]byte, error)
}

// hmacKey is the secret of HS256. RFC 7518 §3.2. Hashes that have met the secret
// are kept: reset, they need not take it in again.
type hmacKey struct {
	secret []byte
	ready  sync.Pool // of hash.Hash
}

func newHMACKey(secret []byte) *hmacKey { return &hmacKey{secret: secret} }

func (k *hmacKey) mac(input []byte) []byte {
	h, ok := k.ready.Get().(hash.Hash)
	if !ok {
		h = hmac.New(sha256.New, k.secret)
	}
	defer k.ready.Put(h)
	h.Reset()
	h.Write(input)
	return h.Sum(make([]byte, 0, sha256.Size))
}

func (k *hmacKey) sign(input []byte) ([]byte, error) { return k.mac(input), nil }

func (k *hmacKey) verify(input, signature []byte) bool {
	return hmac.Equal(k.mac(input), signature)
}

// rsaPublic verifies RSASSA-PKCS1-v1_5. RFC 7518 §3.3.
type rsaPublic struct {
	key  *rsa.PublicKey
	hash crypto.Hash
}

func (k rsaPublic) verify(input, signature []byte) bool {
	return rsa.VerifyPKCS1v15(k.key, k.hash, digest(k.hash, input), signature) == nil
}

// rsaPrivate signs too.
type rsaPrivate struct {
	rsaPublic
	key *rsa.PrivateKey
}

func (k rsaPrivate) sign(input []byte) ([]byte, error) {
	return rsa.SignPKCS1v15(nil, k.key, k.hash, digest(k.hash, input))
}

func digest(hash crypto.Hash, input []byte) []byte {
	h := hash.New()
	h.Write(input)
	return h.Sum(nil)
}

// edPublic verifies Ed25519. RFC 8037 §3.1.
type edPublic struct{ key ed25519.PublicKey }

func (k edPublic) verify(input, signature []byte) bool {
	return ed25519.Verify(k.key, input, signature)
}

// edPrivate signs too.
type edPrivate struct {
	edPublic
	key ed25519.PrivateKey
}

func (k edPrivate) sign(input []byte) ([]byte, error) { return ed25519.Sign(k.key, input), nil }

// symmetricSize is the length of every symmetric secret that is made here.
const symmetricSize = 32

// generate makes the material of a new key: private in the form that load
// reads, public as PKIX DER.
func generate(spec Spec) (private, public []byte, err error) {
	switch spec.Algorithm {
	case HS256, MAC, Pepper:
		secret := make([]byte, symmetricSize)
		rand.Read(secret) // never fails since Go 1.24
		return secret, nil, nil
	case RS256, RS512:
		return generateRSA(spec.Bits)
	case EdDSA:
		return generateEd25519()
	default:
		return nil, nil, fmt.Errorf("keys: unknown algorithm %q", spec.Algorithm)
	}
}

func generateRSA(bits int) (private, public []byte, err error) {
	if bits == 0 {
		bits = minRSABits
	}
	if bits < minRSABits || bits > maxRSABits {
		return nil, nil, fmt.Errorf("keys: an RSA key has %d to %d bits, not %d", minRSABits, maxRSABits, bits)
	}
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, nil, err
	}
	if err := checkRSA(key); err != nil {
		return nil, nil, err
	}
	if private, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return nil, nil, err
	}
	public, err = x509.MarshalPKIXPublicKey(&key.PublicKey)
	return private, public, err
}

func generateEd25519() (private, public []byte, err error) {
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	public, err = x509.MarshalPKIXPublicKey(pub)
	return key.Seed(), public, err
}

// newSigner parses private material of a signing algorithm, once in the life of
// a snapshot, and makes sure that public belongs to it.
func newSigner(alg Algorithm, private, public []byte) (signer, error) {
	switch alg {
	case HS256:
		return newHMAC(private)
	case RS256, RS512:
		return newRSA(alg, private, public)
	case EdDSA:
		return newEd25519(private, public)
	default:
		return nil, fmt.Errorf("keys: %q does not sign", alg)
	}
}

func newHMAC(secret []byte) (signer, error) {
	if len(secret) < symmetricSize { // RFC 7518 §3.2: no shorter than the hash
		return nil, fmt.Errorf("keys: an HS256 secret has at least %d bytes", symmetricSize)
	}
	return newHMACKey(secret), nil
}

func newRSA(alg Algorithm, private, public []byte) (signer, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("keys: not an RSA key")
	}
	if err := checkRSA(key); err != nil {
		return nil, err
	}
	if err := samePublic(&key.PublicKey, public); err != nil {
		return nil, err
	}
	key.Precompute()
	return rsaPrivate{rsaPublic{&key.PublicKey, hashOf(alg)}, key}, nil
}

func newEd25519(seed, public []byte) (signer, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("keys: not an Ed25519 seed")
	}
	key := ed25519.NewKeyFromSeed(seed)
	pub := key.Public().(ed25519.PublicKey)
	if err := samePublic(pub, public); err != nil {
		return nil, err
	}
	return edPrivate{edPublic{pub}, key}, nil
}

// samePublic guards against a row whose published half was exchanged.
func samePublic(key any, stored []byte) error {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return err
	}
	if !bytes.Equal(der, stored) {
		return errors.New("keys: the stored public half is not that of the key")
	}
	return nil
}

func hashOf(alg Algorithm) crypto.Hash {
	if alg == RS512 {
		return crypto.SHA512
	}
	return crypto.SHA256
}
