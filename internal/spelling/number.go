package spelling

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// What is wrong with a number or a length of time. Callers have words of their
// own for people.
var (
	ErrDuration = errors.New("is no length of time")
	ErrDecimal  = errors.New("is no number")
)

const day = 24 * time.Hour

// Duration reads a length of time: 90s, 1h30m, 7d, 1d12h.
func Duration(text string) (time.Duration, error) {
	number, rest, ok := strings.Cut(text, "d")
	if !ok {
		return parts(text)
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return 0, ErrDuration
	}
	days := time.Duration(n) * day
	if rest == "" {
		return days, nil
	}
	more, err := parts(rest)
	if err != nil || strings.ContainsAny(rest[:1], "+-") || days+more < days {
		return 0, ErrDuration
	}
	return days + more, nil
}

func parts(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, ErrDuration
	}
	return d, nil
}

// Decimal reads a decimal fraction, with a comma too, as spreadsheets write it.
// There is none in empty text.
func Decimal(text string) (float64, error) {
	text = strings.ReplaceAll(strings.TrimSpace(text), ",", ".")
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "+-.0123456789eE") != "" { // ParseFloat takes words and hexadecimal, too
		return 0, ErrDecimal
	}
	return n, nil
}
