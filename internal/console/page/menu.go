package page

import (
	"slices"
	"strings"

	"propusk/internal/authority"
)

// Group is a section of the menu as one user sees it.
type Group struct {
	Section string
	Lines   []Line
}

// Line is one line of it.
type Line struct {
	Item

	Path string
	Home bool // it lies outside the account that the user works in
	Here bool // the page that is shown lies there
}

// Menu is what the user may open.
func (v *View) Menu() []Group {
	var out []Group
	for _, name := range Sections() {
		g := Group{Section: name}
		for _, s := range v.kit.menu {
			if s.Menu.Section == name && v.opens(s) {
				g.Lines = append(g.Lines, Line{Item: *s.Menu, Path: s.Path, Home: s.home()})
			}
		}
		if len(g.Lines) > 0 {
			out = append(out, g)
		}
	}
	v.mark(out)
	return out
}

func (v *View) holdsOne(either []authority.Permission) bool {
	return len(either) == 0 || slices.ContainsFunc(either, v.Caller.Can)
}

func (v *View) among(who func(authority.Caller) bool) bool { return who == nil || who(v.Caller.Home()) }

// mark finds the line that the page belongs to: the longest path above it.
func (v *View) mark(groups []Group) {
	best := (*Line)(nil)
	for i := range groups {
		for j := range groups[i].Lines {
			l := &groups[i].Lines[j]
			if v.below(l.Path) && (best == nil || len(l.Path) > len(best.Path)) {
				best = l
			}
		}
	}
	if best != nil {
		best.Here = true
	}
}

func (v *View) below(path string) bool {
	at := v.r.URL.Path
	return at == path || path != "/" && strings.HasPrefix(at, strings.TrimSuffix(path, "/")+"/")
}

// Sees reports whether the user may open one of the screens of a section.
func (v *View) Sees(section string) bool {
	return slices.ContainsFunc(v.Menu(), func(g Group) bool { return g.Section == section })
}
