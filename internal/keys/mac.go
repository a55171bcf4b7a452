package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/bits"
)

// macKey is the material of a MAC key, with a key of its own for each task.
type macKey struct {
	tag   *hmacKey
	plain *hmacKey     // for MAC
	synth *hmacKey     // makes the synthetic nonce
	block cipher.Block // encrypts
}

func newMAC(secret []byte) (*macKey, error) {
	tag, err := derive(secret, "tag")
	if err != nil {
		return nil, err
	}
	plain, err := derive(secret, "mac")
	if err != nil {
		return nil, err
	}
	synth, err := derive(secret, "siv/nonce")
	if err != nil {
		return nil, err
	}
	cipherKey, err := derive(secret, "siv/cipher")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(cipherKey)
	return &macKey{tag: newHMACKey(tag), plain: newHMACKey(plain), synth: newHMACKey(synth), block: block}, err
}

func newPepper(secret []byte) (*hmacKey, error) {
	derived, err := derive(secret, "digest")
	return newHMACKey(derived), err
}

func derive(secret []byte, task string) ([]byte, error) {
	if len(secret) != symmetricSize {
		return nil, fmt.Errorf("keys: symmetric material has %d bytes", symmetricSize)
	}
	return hkdf.Expand(sha256.New, secret, "propusk/mac/v1/"+task, symmetricSize)
}

// A sealed text is, in base64url: version (2 bytes), synthetic nonce (16),
// ciphertext.
const (
	versionSize = 2
	nonceSize   = aes.BlockSize
	maxVersion  = 1<<16 - 1
)

// seal is SIV in the manner of RFC 5297 with HMAC-SHA-256 for S2V: the nonce is
// a MAC over everything, so equal input gives equal text and nothing else leaks
// through that. version is part of what is authenticated, since each has a key
// of its own.
func (m *macKey) seal(version int, aad, plaintext []byte) string {
	nonce := m.nonce(aad, plaintext)
	out := make([]byte, versionSize+nonceSize+len(plaintext))
	binary.BigEndian.PutUint16(out, uint16(version))
	copy(out[versionSize:], nonce)
	cipher.NewCTR(m.block, nonce).XORKeyStream(out[versionSize+nonceSize:], plaintext)
	return base64.RawURLEncoding.EncodeToString(out)
}

// open undoes seal for a body without its version.
func (m *macKey) open(aad, body []byte) ([]byte, error) {
	nonce, ciphertext := body[:nonceSize], body[nonceSize:]
	plaintext := make([]byte, len(ciphertext))
	cipher.NewCTR(m.block, nonce).XORKeyStream(plaintext, ciphertext)
	if !hmac.Equal(m.nonce(aad, plaintext), nonce) {
		return nil, errAuthentic
	}
	return plaintext, nil
}

func (m *macKey) nonce(aad, plaintext []byte) []byte {
	return m.synth.mac(join(aad, plaintext))[:nonceSize]
}

// splitSealed reads the outer form of a sealed text.
func splitSealed(text string) (version int, body []byte, err error) {
	if len(text) > maxText {
		return 0, nil, errTooLong
	}
	raw, err := decodePart(text)
	if err != nil {
		return 0, nil, err
	}
	if len(raw) < versionSize+nonceSize {
		return 0, nil, errSealedText
	}
	return int(binary.BigEndian.Uint16(raw)), raw[versionSize:], nil
}

// base62 is the alphabet of tags, in the order of its digits.
const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// maxTagChars keeps tags even: 62^32 < 2^191, so the remainder of 256 random
// bits is within 2^-65 of uniform.
const maxTagChars = 32

// tag62 gives HMAC-SHA-256(msg), read as a big-endian number, modulo 62^n: n
// digits, the highest first.
func (m *macKey) tag62(n int, msg []byte) string {
	sum := m.tag.mac(msg)
	var words [4]uint64
	for i := range words {
		words[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	out := make([]byte, n)
	for i := n - 1; i >= 0; i-- {
		out[i] = base62[divide(&words, 62)]
	}
	return string(out)
}

// divide divides a big-endian number in place and gives the remainder.
func divide(words *[4]uint64, by uint64) (rest uint64) {
	for i := range words {
		words[i], rest = bits.Div64(rest, words[i], by)
	}
	return rest
}
