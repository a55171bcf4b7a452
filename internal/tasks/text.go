package tasks

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"propusk/internal/authority"
)

// Bounds of text, in characters.
const (
	maxTitle       = 500
	maxDescription = 32768
	maxCompany     = 500
	maxComment     = 32768
	maxName        = 200
)

func invalid(field, message string) *authority.Error {
	return authority.E(authority.InvalidValue, message).With("field", field)
}

func unprocessable(field, message string) *authority.Error {
	return authority.E(authority.Unprocessable, message).With("field", field)
}

// cleanText gives s in NFC without space around it, or refuses what both
// engines could not keep alike (rule 19).
func cleanText(field, s string, most int) (string, error) {
	if !utf8.ValidString(s) {
		return "", invalid(field, field+" is not valid UTF-8")
	}
	if strings.ContainsRune(s, 0) {
		return "", invalid(field, field+" holds a NUL character")
	}
	s = strings.TrimSpace(norm.NFC.String(s))
	if utf8.RuneCountInString(s) > most {
		return "", unprocessable(field, field+" is longer than "+strconv.Itoa(most)+" characters")
	}
	return s, nil
}

// cleanLine is cleanText for what people see on one line.
func cleanLine(field, s string, most int) (string, error) {
	s, err := cleanText(field, s, most)
	return strings.Join(strings.Fields(s), " "), err
}

// Fold gives the form in which text is searched: NFC, case folded, ё as е,
// space collapsed. Both engines compare it by bytes, so they agree.
func Fold(s string) string {
	s = norm.NFC.String(cases.Fold().String(norm.NFC.String(s)))
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "ё", "е")), " ")
}

// SearchText is what a list's searchText looks in.
func SearchText(t Task) string {
	return Fold(t.NumberText() + " " + t.Title + " " + t.Company + " " + t.Description)
}

// SearchWords splits folded searchText into the words that must all occur, at
// most eight: more would only make the scan longer.
func SearchWords(search string) []string {
	words := strings.Fields(Fold(search))
	return words[:min(len(words), 8)]
}

// titleOf makes a title of a description's first line.
func titleOf(description string) string {
	line, _, _ := strings.Cut(description, "\n")
	line = strings.Join(strings.Fields(line), " ")
	const most = 100
	if utf8.RuneCountInString(line) <= most {
		return line
	}
	return string([]rune(line)[:most-1]) + "…"
}
