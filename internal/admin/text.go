package admin

import (
	_ "embed" // passwords.txt
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Longest texts, in characters.
const (
	maxName        = 200
	maxLogin       = 128
	maxWord        = 64
	maxDescription = 1000
	minPassword    = 8
	maxPassword    = 1024 // bytes
)

// invalid names the field that is wrong and how to mend it.
func invalid(field, message string) *authority.Error {
	return authority.Invalid(field, field+" "+message)
}

// line gives a one-line text in NFC without space around it. Rule 19.
func line(field, value string, longest int) (string, error) {
	if strings.ContainsFunc(strings.TrimSpace(value), unseen) {
		return "", invalid(field, "has a control character")
	}
	value, err := spelling.Clean(value, longest)
	switch {
	case errors.As(err, new(spelling.TooLong)):
		return "", invalid(field, "is too long")
	case err != nil:
		return "", invalid(field, err.Error())
	}
	return value, nil
}

// unseen reports characters that show nothing and could make two names look
// alike or a log line lie.
func unseen(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

// name is line for what must not be empty.
func name(value string) (string, error) {
	value, err := line("name", value, maxName)
	if err == nil && value == "" {
		return "", invalid("name", "must not be empty")
	}
	return value, err
}

// login checks what a user signs in with. A colon would end it in a Basic
// header: RFC 7617 §2.
func login(value string) (string, error) {
	value, err := line("login", value, maxLogin)
	switch {
	case err != nil:
		return "", err
	case value == "":
		return "", invalid("login", "must not be empty")
	case strings.ContainsRune(value, ':'):
		return "", invalid("login", "must not have a colon")
	case spelling.Fold(value) == "":
		return "", invalid("login", "must not be empty")
	}
	return value, nil
}

// common lists the passwords that are tried first, one a line.
//
//go:embed passwords.txt
var common string

// guessed reports a password that is tried first: the login itself, one of the
// best known, or one character again and again.
func guessed(login, text string) bool {
	folded := spelling.Fold(text)
	return folded == spelling.Fold(login) || slices.Contains(strings.Fields(common), folded) ||
		strings.Trim(text, string([]rune(text)[:1])) == ""
}

// password checks a password's form. The text is kept as it is: what is typed
// later must match byte for byte.
func password(p authority.Secret) error {
	text := p.Reveal()
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return invalid("password", "is not valid text")
	case strings.ContainsFunc(text, unicode.IsControl):
		return invalid("password", "must not have a control character, such as a tab") // no Basic header can carry one: RFC 7617 §2
	case utf8.RuneCountInString(text) < minPassword:
		return invalid("password", "must have at least 8 characters")
	case len(text) > maxPassword:
		return invalid("password", "must have at most 1024 bytes")
	}
	return nil
}

// personPassword checks what a person signs in with, whoever chose it. One that is
// given to a program is not judged so: programs that exist have theirs.
// NIST SP 800-63B-4 §3.1.1.2
func personPassword(login string, p authority.Secret) error {
	if err := password(p); err != nil {
		return err
	}
	if guessed(login, p.Reveal()) {
		return invalid("password", "is one of those that are guessed first")
	}
	return nil
}

// contract checks a contract number. It can be a path prefix (rule 20), so it
// has only characters that need no escape there, and a digit, which no fixed
// prefix is made of.
func contract(value string) (string, error) {
	if len(value) > maxWord || !strings.ContainsAny(value, "0123456789") {
		return "", invalid("contract", "must have a digit and at most 64 characters")
	}
	for i, r := range value {
		letter := (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9')
		if !letter && (i == 0 || (r != '-' && r != '_')) {
			return "", invalid("contract", "may have Latin letters, digits, hyphens and underscores, and starts with a letter or digit")
		}
	}
	return value, nil
}
