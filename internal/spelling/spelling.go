package spelling

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// What is wrong with a text that no engine could keep. The words follow the name
// of a field.
var (
	ErrUTF8 = errors.New("is not valid UTF-8")
	ErrNUL  = errors.New("holds a NUL character")
)

// TooLong is the error for a text of more characters than it may have.
type TooLong int

// Error says it in words that follow the name of a field.
func (n TooLong) Error() string {
	return "is longer than " + strconv.Itoa(int(n)) + " characters"
}

// Clean gives s in NFC without space around it. Errors: ErrUTF8, ErrNUL, and
// TooLong for more than most characters.
func Clean(s string, most int) (string, error) { return clean(s, most, strings.TrimSpace) }

// Line is Clean for what people see on one line: white space inside becomes one
// blank.
func Line(s string, most int) (string, error) { return clean(s, most, oneLine) }

func clean(s string, most int, space func(string) string) (string, error) {
	switch {
	case !utf8.ValidString(s):
		return "", ErrUTF8
	case strings.IndexByte(s, 0) >= 0:
		return "", ErrNUL
	}
	s = space(norm.NFC.String(s))
	if utf8.RuneCountInString(s) > most {
		return "", TooLong(most)
	}
	return s, nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Fold gives the form in which logins, names and numbers compare: NFC, folded by
// Unicode's rules. Keys of rows are kept in it, so it must not change.
func Fold(s string) string {
	if IsASCII(s) {
		return strings.ToLower(s) // all that folding does to it
	}
	return cases.Fold().String(norm.NFC.String(s))
}

// IsASCII reports whether s has no letters beyond ASCII.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Search gives the form in which text is looked through: folded, ё as е, white
// space as one blank.
func Search(s string) string { return oneLine(strings.ReplaceAll(Fold(s), "ё", "е")) }

// LowerASCII folds A–Z only. Folding more would let U+212A match k.
func LowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return foldBytes(s)
		}
	}
	return s
}

func foldBytes(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
