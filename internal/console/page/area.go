package page

import (
	"io/fs"
	"net/http"

	"propusk/internal/authority"
)

// Dialect is the console's name in routes, metrics, grants and audit entries.
const Dialect = "console"

// Area is a group of screens that belong together.
type Area interface {
	// Files holds templates/*.html, messages.yaml and, where the area has some,
	// static/*.
	Files() fs.FS
	// Screens lists what it answers. It is asked once.
	Screens() []Screen
}

// Screen is one address of the console.
type Screen struct {
	Method string // "" = GET
	Path   string // as web.Route has it, without the stand's prefix
	May    authority.Permission
	Audit  string // audit verb of a screen that changes something
	Open   bool   // served without a session: sign-in, first start
	// Fresh asks for a proof of who the user is that is only minutes old: for
	// whatever makes or shows a secret.
	Fresh bool
	// Polled reports requests that a page sends by itself: they do not keep the
	// session alive. nil = there are none.
	Polled  func(r *http.Request) bool
	Home    bool  // about the user or the deployment, not about an account that one may work in
	MaxBody int64 // bytes; 0 = as everywhere
	// Several names the parameters of its address that may be there more than once.
	Several []string
	// Fields names the fields of the form that it takes, Lists those that may be
	// sent more than once. A form with any other is refused.
	Fields, Lists []string
	Streams       bool  // Serve reads the form itself, and has it checked: CheckFields
	Menu          *Item // nil = not in the menu
	Serve         func(v *View) error
}

// ByScript reports a request that a page's script has sent: for a Polled that
// asks nothing else.
func ByScript(r *http.Request) bool { return r.Header.Get("HX-Request") != "" }

// Item is a line of the menu. Only those see it who may open its screen and, where
// Either is set, hold one of its permissions.
type Item struct {
	Section string // one of Sections
	Label   string // key of its words
	Icon    string // of static/icons.svg
	Order   int    // within the section
	Either  []authority.Permission
	// Who says who sees it besides; nil = everybody. It is asked about the user in
	// his own account.
	Who func(c authority.Caller) bool
}

// Sections lists the sections of the menu from top to bottom. The first has no
// heading.
func Sections() []string { return []string{"", "integration", "access", "work", "control", "profile"} }
