package calls

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"propusk/internal/spelling"
)

// NumberKey gives the form in which numbers are compared, so that +7 (495)
// 123-45-67, 8 495 1234567 and 4951234567 are one number. Digits, * and # stay;
// a number with letters in it is a name, compared folded and without blanks. ""
// = nothing is left of it.
func NumberKey(number string) string {
	if strings.ContainsFunc(number, unicode.IsLetter) {
		return strings.Join(strings.Fields(spelling.Fold(number)), "")
	}
	dialled := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '*' || r == '#' {
			return r
		}
		return -1
	}, number)
	if strings.ContainsAny(dialled, "*#") {
		return dialled
	}
	return international(dialled)
}

// IsNumber reports whether a call can have this number: it holds digits, or letters
// where a caller is known by a name, and is not longer than calls keep.
func IsNumber(text string) bool {
	return NumberKey(text) != "" && utf8.RuneCountInString(text) <= maxNumber
}

// Lengths of Russian numbers, and the shortest that can follow an exit code.
const (
	national     = 10 // without 7 or 8
	trunk        = 11
	shortestExit = 10
)

// international gives a number of digits with its country's code, where its
// length tells that one is meant.
func international(digits string) string {
	switch n := len(digits); {
	case n == trunk && digits[0] == '8':
		return "7" + digits[1:]
	case n == national && strings.IndexByte("3489", digits[0]) >= 0: // where Russian codes of areas begin
		return "7" + digits
	case n >= shortestExit+3 && strings.HasPrefix(digits, "810"):
		return digits[3:]
	case n >= shortestExit+2 && strings.HasPrefix(digits, "00"):
		return digits[2:]
	}
	return digits
}
