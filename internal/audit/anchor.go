package audit

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
)

// Anchor says where the log ended at a time.
type Anchor struct {
	Deployment string // whose; so that several may write to one place
	Position   authority.ID
	Time       time.Time
	Seal       []byte
}

// anchorWord begins the part of a line that is ours: a syslog daemon puts its
// own before it.
const anchorWord = "propusk-audit-anchor"

// String writes the line, without its end.
func (a Anchor) String() string {
	return fmt.Sprintf("%s v1 deployment=%s position=%d time=%s seal=%x", anchorWord, a.Deployment, a.Position, stamp(a.Time), a.Seal)
}

// ParseAnchor reads a line that String wrote, whatever stands before it; false
// for any other line.
func ParseAnchor(line string) (Anchor, bool) {
	_, rest, ok := strings.Cut(line, anchorWord+" v1 ")
	if !ok {
		return Anchor{}, false
	}
	var a Anchor
	var err error
	seen := 0
	for _, field := range strings.Fields(rest) {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "deployment":
			a.Deployment = value
		case "position":
			var n int64
			n, err = strconv.ParseInt(value, 10, 64)
			a.Position = authority.ID(n)
		case "time":
			a.Time, err = time.Parse(time.RFC3339, value)
		case "seal":
			a.Seal, err = hex.DecodeString(value)
		default:
			continue
		}
		if err != nil {
			return Anchor{}, false
		}
		seen++
	}
	return a, seen == 4 && a.Position > 0 && len(a.Seal) == sealSize
}

// ReadAnchors reads the anchors among lines; others are passed over.
func ReadAnchors(r io.Reader) ([]Anchor, error) {
	var out []Anchor
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<10)
	for lines.Scan() {
		if a, ok := ParseAnchor(lines.Text()); ok {
			out = append(out, a)
		}
	}
	return out, lines.Err()
}
