// Package intake is the screens on which a user brings in what other systems
// have: work orders, products, calls, secrets. A file goes from the request
// straight into the import; nothing keeps it.
//
// It neither reads rows nor decides about them: the server's Importer does, by
// the same code as the operator's commands and with the user's own rights.
package intake

import (
	"context"
	"embed"
	"io"
	"io/fs"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/catalog"
	"propusk/internal/console/page"
	"propusk/internal/tasks"
)

// MaxFile is the largest form that is taken, in bytes.
const MaxFile = 64 << 20

// MaxRefused is how many refused rows a report names.
const MaxRefused = 100

// Kind is what a file holds.
type Kind string

// The kinds of files.
const (
	Tasks       Kind = "tasks"
	Products    Kind = "products"
	Calls       Kind = "calls"
	Credentials Kind = "credentials"
)

// Upload is a file to import.
type Upload struct {
	Kind    Kind
	Name    string // as the user's machine calls it
	File    io.Reader
	Try     bool // change nothing, only say what would be done
	Replace bool // products: what the file does not name leaves
}

// Report says what became of the rows of a file.
type Report struct {
	Read    int
	Added   int
	Same    int // there already
	Changed int
	Bad     int
	Other   int       // records that say nothing by themselves
	Line    int       // the last one that was answered for
	Refused []Refused // the first MaxRefused of the bad rows
	Kept    bool      // the catalogue stays as it was, because of the bad rows
}

// Refused is a row that was not taken.
type Refused struct {
	Line int
	Why  error // what to change
}

// Importer imports files.
type Importer interface {
	// Import reads u to its end with c's rights in c's account. An error says why
	// it stopped; the report then says how far it came.
	Import(ctx context.Context, c authority.Caller, u Upload) (Report, error)
	// Columns lists the columns of a kind; nil where the file has none.
	Columns(k Kind) []string
}

// Area implements page.Area.
type Area struct{ Importer Importer }

//go:embed templates messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

// sortOfFile is a kind of file, and who may import it.
type sortOfFile struct {
	Kind  Kind
	Icon  string
	may   authority.Permission
	audit string
	fresh bool
}

func sorts() []sortOfFile {
	return []sortOfFile{
		{Kind: Tasks, Icon: "clipboard-list", may: tasks.TaskAdd, audit: "task.import"},
		{Kind: Products, Icon: "warehouse", may: catalog.CatalogUpload, audit: "catalog.replace"},
		{Kind: Calls, Icon: "phone", may: calls.CallsAdd, audit: "calls.add"},
		{Kind: Credentials, Icon: "key-round", may: admin.UsersManage, audit: "credential.import", fresh: true},
	}
}

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	menu := &page.Item{Section: "work", Label: "import.title", Icon: "upload", Order: 40}
	out := []page.Screen{{Path: "/import", May: admin.AccountRead, Menu: menu, Serve: first}}
	for _, s := range sorts() {
		menu.Either = append(menu.Either, s.may)
		path := "/import/" + string(s.Kind)
		out = append(out,
			page.Screen{Path: path, May: s.may, Fresh: s.fresh, Serve: func(v *page.View) error { return a.form(v, s) }},
			page.Screen{
				Method: "POST", Path: path, May: s.may, Audit: s.audit, Fresh: s.fresh, MaxBody: MaxFile,
				Serve: func(v *page.View) error { return a.take(v, s) },
			})
	}
	return out
}

// first leads to the first kind that the user may import.
func first(v *page.View) error {
	for _, s := range sorts() {
		if v.Caller.Can(s.may) {
			return v.Redirect("/import/" + string(s.Kind))
		}
	}
	return authority.E(authority.Forbidden, "nothing may be imported with these roles")
}

// blank is what the form shows.
type blank struct {
	Kind    Kind
	Kinds   []sortOfFile // that the user may import
	Columns []string
	Modes   []page.Option
}

func (a Area) blank(v *page.View, s sortOfFile) blank {
	out := blank{Kind: s.Kind, Columns: a.Importer.Columns(s.Kind)}
	for _, other := range sorts() {
		if v.Caller.Can(other.may) {
			out.Kinds = append(out.Kinds, other)
		}
	}
	for _, mode := range []string{modeTry, modeReal} {
		out.Modes = append(out.Modes, page.Option{Value: mode, Label: v.Name("import.mode", mode)})
	}
	return out
}

func (a Area) form(v *page.View, s sortOfFile) error {
	v.Form = page.Filled("mode", v.Query("mode"))
	return v.Render("import.html", a.blank(v, s))
}

// done is what the page says after an import.
type done struct {
	Report

	Kind    Kind
	File    string
	Try     bool
	Stopped string // why the rest was not read, in the user's words; "" = all of it was
}

// Nothing reports whether every row was there already.
func (d done) Nothing() bool { return d.Stopped == "" && d.Read > 0 && d.Same == d.Read }

func (a Area) take(v *page.View, s sortOfFile) error {
	u, err := receive(v)
	if err != nil {
		return v.Again("import.html", a.blank(v, s), err)
	}
	u.Kind = s.Kind
	report, err := a.Importer.Import(v.Context(), v.Caller, u)
	if err != nil && report.Read == 0 {
		return v.Again("import.html", a.blank(v, s), err)
	}
	out := done{Report: report, Kind: s.Kind, File: u.Name, Try: u.Try}
	if err != nil {
		out.Stopped = v.Say(err)
	}
	return v.Render("imported.html", out)
}
