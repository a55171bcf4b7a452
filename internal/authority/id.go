package authority

import (
	"crypto/rand"
	"encoding/binary"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const (
	idBits    = 53
	grantBits = 59
)

// NewID makes a random id of 53 bits, never 0. Whoever stores it meets a
// collision on the unique index and tries another.
func NewID() ID { return randomID(idBits) }

// NewGrantID makes a random id of 59 bits, never 0.
func NewGrantID() ID { return randomID(grantBits) }

func randomID(bits uint) ID {
	var b [8]byte
	for {
		_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
		if id := ID(binary.BigEndian.Uint64(b[:]) >> (64 - bits)); id != 0 {
			return id
		}
	}
}

// encodeGrant writes a grant's id as ten characters of base 62.
func encodeGrant(id ID) string { return encode62(uint64(id), grantChars) }

// EncodeGrant gives the outer form of a grant's id: ten characters of base 62.
func EncodeGrant(id ID) string { return encodeGrant(id) }

// DecodeGrant reads the outer form of a grant's id; anything else is NotFound.
func DecodeGrant(text string) (ID, error) {
	id, err := decodeGrant(text)
	if err != nil {
		return 0, E(NotFound, "no such grant")
	}
	return id, nil
}

func decodeGrant(text string) (ID, error) {
	n, ok := decode62(text, grantChars)
	if !ok || n == 0 || n >= 1<<grantBits {
		return 0, errToken
	}
	return ID(n), nil
}

func encode62(n uint64, width int) string {
	b := make([]byte, width)
	for i := width - 1; i >= 0; i-- {
		b[i] = base62[n%62]
		n /= 62
	}
	return string(b)
}

// decode62 reads exactly width characters; texts over 64 bits do not pass.
func decode62(s string, width int) (uint64, bool) {
	if len(s) != width {
		return 0, false
	}
	var n uint64
	for i := range len(s) {
		d := digitOf(s[i])
		if d < 0 || n > (^uint64(0)-uint64(d))/62 {
			return 0, false
		}
		n = n*62 + uint64(d)
	}
	return n, true
}

func digitOf(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'z':
		return int(c-'a') + 36
	}
	return -1
}
