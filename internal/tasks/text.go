package tasks

import (
	"errors"
	"strings"
	"unicode/utf8"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// Bounds of text, in characters.
const (
	maxTitle       = 500
	maxDescription = 32768
	maxCompany     = 500
	maxComment     = 32768
	maxName        = 200
)

func unprocessable(field, message string) *authority.Error {
	return authority.E(authority.Unprocessable, message).With("field", field)
}

// cleanText gives a text its one spelling.
func cleanText(field, s string, most int) (string, error) {
	s, err := spelling.Clean(s, most)
	return s, misspelt(field, err)
}

// cleanLine is cleanText for what people see on one line.
func cleanLine(field, s string, most int) (string, error) {
	s, err := spelling.Line(s, most)
	return s, misspelt(field, err)
}

func misspelt(field string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.As(err, new(spelling.TooLong)):
		return unprocessable(field, field+" "+err.Error())
	}
	return authority.Invalid(field, field+" "+err.Error())
}

// SearchText is what a list's searchText looks in.
func SearchText(t Task) string {
	return spelling.Search(t.NumberText() + " " + t.Title + " " + t.Company + " " + t.Description)
}

// SearchWords splits folded searchText into the words that must all occur, at
// most eight: more would only make the scan longer.
func SearchWords(search string) []string {
	words := strings.Fields(spelling.Search(search))
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
