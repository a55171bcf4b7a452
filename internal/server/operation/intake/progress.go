package intake

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"propusk/internal/imports"
)

// Meter shows how far an import has come: a bar on a terminal, else a line now
// and then.
type Meter struct {
	Out      io.Writer
	Name     string
	Terminal bool
	Size     int64 // of the file; 0 = not known

	read  atomic.Int64
	shown int  // rows at the last line
	drawn bool // a bar is on the terminal's line
}

const (
	barWidth  = 30
	lineEvery = 10_000 // rows
)

// Reader counts what is read from r.
func (m *Meter) Reader(r io.Reader) io.Reader { return imports.Counted(r, &m.read) }

// Show tells of t.
func (m *Meter) Show(t Total) {
	switch {
	case m.Terminal:
		m.drawn = true
		fmt.Fprintf(m.Out, "\r\x1b[K%s%s", m.bar(), t.Text(false))
	case t.Read-m.shown >= lineEvery:
		m.shown = t.Read
		fmt.Fprintf(m.Out, "%s: %s\n", m.Name, t.Text(false))
	}
}

func (m *Meter) bar() string {
	if m.Size <= 0 {
		return ""
	}
	done := min(float64(m.read.Load())/float64(m.Size), 1)
	full := int(done * barWidth)
	return fmt.Sprintf("[%s%s] %3.0f%%  ", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), done*100)
}

// Text says t in words; of a try, what would be.
func (t Total) Text(try bool) string {
	be := ""
	if try {
		be = "would be "
	}
	text := fmt.Sprintf("%d rows: ", t.Read)
	if t.Records > 0 {
		text = fmt.Sprintf("%d rows, %d calls: ", t.Records, t.Added+t.Same)
	}
	text += fmt.Sprintf("%d %sadded, ", t.Added, be)
	if t.Changed > 0 {
		text += fmt.Sprintf("%d %schanged, ", t.Changed, be)
	}
	text += fmt.Sprintf("%d there already, %d bad", t.Same, t.Bad)
	switch {
	case t.Left > 0 && try:
		text += fmt.Sprintf(", %d would leave", t.Left)
	case t.Left > 0:
		text += fmt.Sprintf(", %d left", t.Left)
	}
	if t.Unclear > 0 {
		text += fmt.Sprintf(", %d without a recording that may be another call's", t.Unclear)
	}
	if t.Other > 0 {
		text += fmt.Sprintf(", %d of other legs", t.Other)
	}
	return text
}

// Bad tells of a bad row on a line of its own.
func (m *Meter) Bad(row Row, why string) {
	m.Clear()
	fmt.Fprintf(m.Out, "%s:%d: %s\n", cmp.Or(row.Name, m.Name), row.Line, why)
}

// Note tells of a row that was taken, but not whole.
func (m *Meter) Note(row Row, why string) { m.Bad(row, why+"; the rest is taken") }

// Clear takes the bar off the terminal's line.
func (m *Meter) Clear() {
	if m.drawn {
		fmt.Fprint(m.Out, "\r\x1b[K")
	}
	m.drawn = false
}
