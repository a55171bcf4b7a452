// Package passhash compares a password with a hash that any of the known systems
// wrote: argon2id in PHC form, bcrypt ($2a$, $2b$, $2y$), or PBKDF2 as passlib,
// Django or ASP.NET Core Identity write it.
//
// It makes no hash, waits for nobody and knows no principal: authority.Passwords
// does, and its tests try this package too.
package passhash

import (
	"crypto/pbkdf2"
	"crypto/sha1" // #nosec G505 -- what other systems wrote is compared with, not made
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// Bounds of a hash that another system made. They keep a hostile one from
// taking all memory or a core for long; each allows about a second.
const (
	maxHashText    = 512
	maxMemoryKiB   = 256 << 10
	maxPasses      = 32
	maxWork        = 1 << 20 // KiB times passes
	maxLanes       = 16
	maxBcryptCost  = 14
	minIterations  = 1000
	maxIterations  = 2_000_000
	minHashBytes   = 16
	maxHashBytes   = 64
	ownKey         = 32 // bytes of those that we make
	bcryptLength   = 60
	bcryptPassword = 72 // bytes that it looks at
)

// Hash is a stored hash that a password can be compared with.
type Hash struct {
	derive func(password string) ([]byte, error)
	key    []byte

	MemoryKiB, Passes uint32 // zero for what is not argon2id with one lane and a key of 32 bytes
}

// Matches compares in constant time. A password that the algorithm would cut or
// cannot hash matches nothing.
func (h Hash) Matches(password string) bool {
	key, err := h.derive(password)
	return err == nil && subtle.ConstantTimeCompare(key, h.key) == 1
}

// Parse reads a stored hash in any of the known forms. The error says what is
// wrong, in words that follow "the password hash", without the text.
func Parse(text string) (Hash, error) {
	switch {
	case len(text) > maxHashText:
		return Hash{}, errors.New("is too long")
	case strings.HasPrefix(text, "$argon2id$"):
		return parsePHC(text)
	case strings.HasPrefix(text, "$2a$"), strings.HasPrefix(text, "$2b$"), strings.HasPrefix(text, "$2y$"):
		return parseBcrypt(text)
	case strings.HasPrefix(text, "$pbkdf2"):
		return parsePasslib(text)
	case strings.HasPrefix(text, "pbkdf2_"):
		return parseDjango(text)
	}
	return parseIdentity(text)
}

// parseBcrypt reads the modular form of bcrypt. It looks at 72 bytes at most and
// ends at a NUL, so what is longer or has one could open with another text.
func parseBcrypt(text string) (Hash, error) {
	cost, err := bcrypt.Cost([]byte(text))
	if err != nil || len(text) != bcryptLength || text[6] != '$' {
		return Hash{}, errors.New("is no whole bcrypt hash")
	}
	if cost > maxBcryptCost {
		return Hash{}, errors.New("has a bcrypt cost over 14")
	}
	return Hash{key: []byte{1}, derive: func(password string) ([]byte, error) {
		if len(password) > bcryptPassword || strings.ContainsRune(password, 0) {
			return nil, errHash
		}
		return []byte{1}, bcrypt.CompareHashAndPassword([]byte(text), []byte(password))
	}}, nil
}

// digestNamed gives a hash function that PBKDF2 is used with, by the name that
// passlib and Django have for it; nil for another.
func digestNamed(name string) func() hash.Hash {
	switch name {
	case "sha1":
		return sha1.New
	case "sha256":
		return sha256.New
	case "sha512":
		return sha512.New
	}
	return nil
}

// parsePasslib reads $pbkdf2-sha256$29000$salt$key, whose base64 has a dot for a
// plus and no padding; $pbkdf2$ is SHA-1. passlib.hash.pbkdf2_digest.
func parsePasslib(text string) (Hash, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 5 {
		return Hash{}, errPBKDF2()
	}
	name := "sha1"
	if rest, ok := strings.CutPrefix(parts[1], "pbkdf2-"); ok {
		name = rest
	} else if parts[1] != "pbkdf2" {
		return Hash{}, errPBKDF2()
	}
	salt, err := passlibBase64(parts[3])
	if err != nil {
		return Hash{}, errPBKDF2()
	}
	key, err := passlibBase64(parts[4])
	if err != nil {
		return Hash{}, errPBKDF2()
	}
	return pbkdf2Hash(name, parts[2], salt, key)
}

func passlibBase64(text string) ([]byte, error) {
	return base64.RawStdEncoding.Strict().DecodeString(strings.ReplaceAll(text, ".", "+"))
}

// parseDjango reads pbkdf2_sha256$600000$salt$key; the salt is text.
// django.contrib.auth.hashers.
func parseDjango(text string) (Hash, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 4 {
		return Hash{}, errPBKDF2()
	}
	key, err := base64.StdEncoding.Strict().DecodeString(parts[3])
	if err != nil {
		return Hash{}, errPBKDF2()
	}
	return pbkdf2Hash(strings.TrimPrefix(parts[0], "pbkdf2_"), parts[1], []byte(parts[2]), key)
}

// pbkdf2Hash gathers the parts after checking them.
func pbkdf2Hash(digest, iterations string, salt, key []byte) (Hash, error) {
	n, err := strconv.Atoi(iterations)
	if err != nil || strconv.Itoa(n) != iterations {
		return Hash{}, errPBKDF2()
	}
	fn := digestNamed(digest)
	switch {
	case fn == nil:
		return Hash{}, errors.New("is PBKDF2 with a digest that is none of sha1, sha256, sha512")
	case n < minIterations || n > maxIterations:
		return Hash{}, errors.New("is PBKDF2 with iterations outside 1,000 to 2,000,000")
	case len(salt) == 0 || len(key) < minHashBytes || len(key) > maxHashBytes:
		return Hash{}, errPBKDF2()
	}
	return Hash{key: key, derive: func(password string) ([]byte, error) {
		if strings.ContainsRune(password, 0) { // HMAC fills a short key up with zeros: RFC 2104 §2
			return nil, errHash
		}
		return pbkdf2.Key(fn, password, salt, n, len(key))
	}}, nil
}

func errPBKDF2() error { return errors.New("is no whole PBKDF2 hash") }

// The two forms of ASP.NET Core Identity's PasswordHasher, both in base64.
const (
	identityV2      = 0x00 // 16 bytes of salt, 32 of key; 1000 rounds of SHA-1
	identityV3      = 0x01 // PRF, rounds and length of the salt as 32 bits each; salt; key
	identityV2Bytes = 1 + 16 + 32
	identityHead    = 1 + 3*4
)

func parseIdentity(text string) (Hash, error) {
	unknown := errors.New("is none of argon2id, bcrypt and PBKDF2 in a known form")
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) < identityHead {
		return Hash{}, unknown
	}
	switch {
	case raw[0] == identityV2 && len(raw) == identityV2Bytes:
		return pbkdf2Hash("sha1", "1000", raw[1:17], raw[17:])
	case raw[0] != identityV3:
		return Hash{}, unknown
	}
	prf, rounds := binary.BigEndian.Uint32(raw[1:]), binary.BigEndian.Uint32(raw[5:])
	salt := binary.BigEndian.Uint32(raw[9:])
	names := []string{"sha1", "sha256", "sha512"}
	if int64(prf) >= int64(len(names)) || int64(salt) > int64(len(raw)-identityHead) {
		return Hash{}, errPBKDF2()
	}
	rest := raw[identityHead:]
	return pbkdf2Hash(names[prf], strconv.FormatUint(uint64(rounds), 10), rest[:salt], rest[salt:])
}

// parsePHC reads argon2id as RFC 9106's reference writes it, ours included.
func parsePHC(text string) (Hash, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[2] != "v=19" {
		return Hash{}, errors.New("is no whole argon2id hash of version 19")
	}
	memory, passes, lanes, ok := phcCost(parts[3])
	if !ok {
		return Hash{}, errors.New("has argon2id parameters that are out of bounds")
	}
	enc := base64.RawStdEncoding.Strict()
	salt, err := enc.DecodeString(parts[4])
	if err != nil || len(salt) < 8 {
		return Hash{}, errors.New("is no whole argon2id hash")
	}
	key, err := enc.DecodeString(parts[5])
	if err != nil || len(key) < minHashBytes || len(key) > maxHashBytes {
		return Hash{}, errors.New("is no whole argon2id hash")
	}
	h := Hash{key: key, derive: func(password string) ([]byte, error) {
		// #nosec G115 -- a key has 64 bytes at most
		return argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(key))), nil
	}}
	if lanes == 1 && len(key) == ownKey {
		h.MemoryKiB, h.Passes = memory, passes
	}
	return h, nil
}

// phcCost reads m=19456,t=2,p=1.
func phcCost(text string) (memory, passes uint32, lanes uint8, ok bool) {
	fields := strings.Split(text, ",")
	if len(fields) != 3 {
		return 0, 0, 0, false
	}
	var n [3]uint64
	for i, prefix := range []string{"m=", "t=", "p="} {
		value, named := strings.CutPrefix(fields[i], prefix)
		var err error
		if n[i], err = strconv.ParseUint(value, 10, 32); err != nil || !named {
			return 0, 0, 0, false
		}
	}
	if n[0] > maxMemoryKiB || n[1] < 1 || n[1] > maxPasses || n[0]*n[1] > maxWork || n[2] < 1 || n[2] > maxLanes || n[0] < 8*n[2] {
		return 0, 0, 0, false
	}
	// #nosec G115 -- bounded above
	return uint32(n[0]), uint32(n[1]), uint8(n[2]), true
}

var errHash = errors.New("the password cannot be compared with the hash")
