package audit

import (
	"strings"

	"propusk/internal/console/page"
)

// why puts the reason of an entry into words. Reasons about somebody else than who
// asked begin with who it is.
func why(v *page.View, reason string) string {
	if words := v.Name("reason", reason); words != reason {
		return words
	}
	who, rest, _ := strings.Cut(reason, "_")
	if words, err := v.T("reason-of."+who, v.Name("reason", rest)); err == nil {
		return words
	}
	return reason
}
