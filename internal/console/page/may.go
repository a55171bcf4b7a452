package page

import (
	"net/http"
	"strings"
)

// May reports whether the user would be let in to the page of the stand that path
// names, or, of "POST /path", whether he may send its form: what leads to a
// refusal is not shown. A path that is no screen's leads nowhere.
func (v *View) May(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	path, sent := strings.CutPrefix(path, "POST ")
	for _, s := range v.kit.screens {
		if (s.Method == http.MethodPost) == sent && matches(s.Path, path) && v.opens(s) {
			return true
		}
	}
	return false
}

// opens reports whether the user may open a screen: he holds its permission, and
// where its line in the menu says so, he sees that.
func (v *View) opens(s Screen) bool {
	if !s.Open && s.May != "" && !v.Caller.Can(s.May) {
		return false
	}
	return s.Menu == nil || v.holdsOne(s.Menu.Either) && v.among(s.Menu.Who)
}

// Link is URL for a page that the user may open, and "" for any other.
func (v *View) Link(format string, args ...any) string {
	at := v.URL(format, args...)
	if !v.May(strings.TrimPrefix(at, v.base)) {
		return ""
	}
	return at
}

// matches reports whether a path is one of those that a screen's pattern stands
// for.
func matches(pattern, path string) bool {
	for {
		p, restOfPattern, more := strings.Cut(pattern, "/")
		s, rest, moreOfPath := strings.Cut(path, "/")
		if p != s && (!strings.HasPrefix(p, "{") || s == "") || more != moreOfPath {
			return false
		}
		if !more {
			return true
		}
		pattern, path = restOfPattern, rest
	}
}
