package authority

import (
	"crypto/rand"
	"hash/crc32"
	"strings"
)

// Machine secrets look like pk_<kind>_<id>_<random>_<check> where the
// documented format leaves room: the id finds the row, the check rejects junk
// without a look-up, the underscores make a double click select all of it.
const (
	textPrefix  = "pk"
	idChars     = 9  // 53 bits
	randomChars = 32 // 190 bits
	checkChars  = 6  // CRC-32, which has 32 bits
)

// kindWord gives the short word inside secrets of a kind.
func kindWord(kind CredentialKind) (string, bool) {
	switch kind {
	case ServiceToken:
		return "svc", true
	case ApplicationSecret:
		return "app", true
	case AccessKey:
		return "key", true
	case AuthorizationToken:
		return "auth", true
	case Password:
		return "", false
	}
	return "", false
}

// NewSecretText makes the secret of the credential with id. It has 190 random
// bits. Passwords are chosen by people and have no such form.
func NewSecretText(kind CredentialKind, id ID) Secret {
	word, _ := kindWord(kind)
	body := strings.Join([]string{
		textPrefix, word, encode62(uint64(id), idChars), randomText(randomChars),
	}, "_")
	return NewSecret(body + "_" + checkOf(body))
}

// parseSecretText reads the id out of a secret of kind. ok is false for every
// text that is not of that form or whose check is wrong.
func parseSecretText(kind CredentialKind, text string) (ID, bool) {
	word, named := kindWord(kind)
	rest, found := strings.CutPrefix(text, textPrefix+"_"+word+"_")
	if !named || !found || len(rest) != idChars+1+randomChars+1+checkChars {
		return 0, false
	}
	body, check := text[:len(text)-checkChars-1], text[len(text)-checkChars:]
	id, ok := decode62(rest[:idChars], idChars)
	if !ok || id == 0 || text[len(body)] != '_' || rest[idChars] != '_' || check != checkOf(body) {
		return 0, false
	}
	return ID(id), true
}

func checkOf(body string) string {
	return encode62(uint64(crc32.ChecksumIEEE([]byte(body))), checkChars)
}

// randomText gives n characters of base 62, each drawn evenly.
func randomText(n int) string {
	out := make([]byte, 0, n)
	var buf [64]byte
	for len(out) < n {
		_, _ = rand.Read(buf[:])
		for _, b := range buf {
			// 248 = 4·62: what lies above would favour the first letters.
			if b < 248 && len(out) < n {
				out = append(out, base62[b%62])
			}
		}
	}
	return string(out)
}
