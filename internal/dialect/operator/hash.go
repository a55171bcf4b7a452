package operator

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/calls"
)

// The documented form of a request's hash: base64 of 16 bytes, then base64 of 32
// hexadecimal digits. All of it is random. docs/dialects/operator.md §4
const (
	half     = 16 // bytes
	headSize = 24 // characters of the first part
	hashSize = headSize + 44
)

// newHash makes the hash of a request and the key that its answer is kept under.
func newHash() (string, calls.ResultKey) {
	var raw [2 * half]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	tail := strings.ToUpper(hex.EncodeToString(raw[half:]))
	text := base64.StdEncoding.EncodeToString(raw[:half]) + base64.StdEncoding.EncodeToString([]byte(tail))
	return text, sha256.Sum256(raw[:])
}

// readHash gives the key of a hash. Blanks stand for plus signs that decoding the
// query took, and it may have been encoded twice. Whatever is no hash is as
// unknown as one that nobody was given.
func readHash(text string) (calls.ResultKey, error) {
	if strings.Contains(text, "%") {
		if again, err := url.PathUnescape(text); err == nil {
			text = again
		}
	}
	text = strings.ReplaceAll(strings.Trim(text, " \t\r\n\""), " ", "+")
	if len(text) != hashSize {
		return calls.ResultKey{}, noResult()
	}
	head, err := base64.StdEncoding.Strict().DecodeString(text[:headSize])
	if err != nil || len(head) != half {
		return calls.ResultKey{}, noResult()
	}
	digits, err := base64.StdEncoding.Strict().DecodeString(text[headSize:])
	if err != nil || strings.ToUpper(string(digits)) != string(digits) {
		return calls.ResultKey{}, noResult()
	}
	tail, err := hex.DecodeString(string(digits))
	if err != nil || len(tail) != half {
		return calls.ResultKey{}, noResult()
	}
	return sha256.Sum256(append(head, tail...)), nil
}

// noResult answers another contract's, an unknown and an expired hash alike.
func noResult() error {
	return authority.E(authority.NotFound, "there is no result with this requestHash")
}
