package web

import (
	"encoding/csv"
	"io"
	"strings"
)

// CSV writes a table for spreadsheets (RFC 4180). A cell that a spreadsheet would
// take for a formula gets an apostrophe in front, as it does when people type it.
type CSV struct{ w *csv.Writer }

// NewCSV makes a CSV that writes to w.
func NewCSV(w io.Writer) CSV {
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return CSV{c}
}

// Write writes one row; it is certain to be written after Flush.
func (c CSV) Write(cells ...string) error {
	for i, cell := range cells {
		cells[i] = SafeCell(cell)
	}
	return c.w.Write(cells)
}

// Flush writes what is held back.
func (c CSV) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

// SafeCell gives text that no spreadsheet runs.
func SafeCell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
		return "'" + text
	}
	return text
}
