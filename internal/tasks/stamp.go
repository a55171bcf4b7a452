package tasks

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"propusk/internal/authority"
)

// NewStamp makes a random UUID (RFC 9562 §5.4).
func NewStamp() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return formatStamp(b[:])
}

func formatStamp(b []byte) string {
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// ParseStamp reads a UUID in its usual form, in either case and with or without
// braces, and gives the one canonical spelling. Anything else is Malformed.
func ParseStamp(text string) (string, error) {
	bad := authority.E(authority.Malformed, "the concurrency stamp must be a UUID")
	if len(text) == 38 && text[0] == '{' && text[37] == '}' {
		text = text[1:37]
	}
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return "", bad
	}
	b, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(b) != 16 {
		return "", bad
	}
	return formatStamp(b), nil
}
