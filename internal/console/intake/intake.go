// Package intake is the screens on which a user brings in what other systems
// have: work orders, products, calls, secrets. A file is received whole, then a
// job imports it while its page shows how far it is; what became of its rows
// stays to be read.
//
// It neither reads rows nor decides about them: the server's Importer does, by
// the same code as the operator's commands and with the user's own rights.
package intake

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/catalog"
	"propusk/internal/console/page"
	"propusk/internal/imports"
	"propusk/internal/tasks"
)

// Upload is a file to import.
type Upload struct {
	Kind    imports.Kind
	Name    string // as the user's machine calls it
	File    io.Reader
	Try     bool // change nothing, only say what would be done
	Replace bool // products: what the file does not name leaves
	// Renew lets the user in anew, for the work outlives his request and may
	// outlive his session.
	Renew func(ctx context.Context) (authority.Caller, error)
}

// Importer imports files.
type Importer interface {
	// Import receives u whole and begins to import it with c's rights in c's
	// account. An error says why it did not begin. done is closed at its end.
	Import(ctx context.Context, c authority.Caller, u Upload) (j imports.Job, done <-chan struct{}, err error)
	// Job gives an import of c's account; NotFound for any other.
	Job(ctx context.Context, c authority.Caller, id authority.ID) (imports.Job, error)
	// Jobs lists the newest of a kind.
	Jobs(ctx context.Context, c authority.Caller, k imports.Kind, size int) ([]imports.Job, error)
	// Columns lists the columns of a kind; nil where the file has none.
	Columns(k imports.Kind) []string
}

// Area implements page.Area.
type Area struct {
	Importer Importer
	Core     page.Outlasting // lets users in anew while their files are imported
	MaxFile  int64           // the largest file that is taken, in bytes
}

//go:embed templates static messages.yaml
var files embed.FS

// Files implements page.Area.
func (Area) Files() fs.FS { return files }

// sortOfFile is a kind of file, and who may import it.
type sortOfFile struct {
	Kind  imports.Kind
	Icon  string
	may   authority.Permission
	audit string
	fresh bool
}

func sorts() []sortOfFile {
	return []sortOfFile{
		{Kind: imports.Tasks, Icon: "clipboard-list", may: tasks.TaskAdd, audit: "task.import"},
		{Kind: imports.Products, Icon: "warehouse", may: catalog.CatalogUpload, audit: "catalog.replace"},
		{Kind: imports.Calls, Icon: "phone", may: calls.CallsAdd, audit: "calls.add"},
		{Kind: imports.Credentials, Icon: "key-round", may: admin.UsersManage, audit: "credential.import", fresh: true},
	}
}

// Screens implements page.Area.
func (a Area) Screens() []page.Screen {
	menu := &page.Item{Section: "work", Label: "import.title", Icon: "upload", Order: 40}
	out := []page.Screen{{Path: "/import", Menu: menu, Serve: first}}
	for _, s := range sorts() {
		menu.Either = append(menu.Either, s.may)
		path := "/import/" + string(s.Kind)
		out = append(out,
			page.Screen{Path: path, May: s.may, Fresh: s.fresh, Serve: func(v *page.View) error { return a.form(v, s) }},
			page.Screen{
				Method: "POST", Path: path, May: s.may, Audit: s.audit, Fresh: s.fresh, MaxBody: a.MaxFile + maxForm, Streams: true, Fields: fieldsOf(s.Kind),
				Serve: func(v *page.View) error { return a.take(v, s) },
			},
			page.Screen{
				Path: path + "/jobs/{id}", May: s.may, Polled: page.ByScript,
				Serve: func(v *page.View) error { return a.job(v, s) },
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
	Kind    imports.Kind
	Kinds   []sortOfFile // that the user may import
	Columns []string
	Modes   []page.Option
	Largest int           // MiB
	Jobs    []imports.Job // the newest of the kind
}

// recent is how many former imports the form names.
const recent = 10

func (a Area) blank(v *page.View, s sortOfFile) (out blank, err error) {
	out = blank{Kind: s.Kind, Columns: a.Importer.Columns(s.Kind), Largest: int(a.MaxFile >> 20)}
	for _, other := range sorts() {
		if v.Caller.Can(other.may) {
			out.Kinds = append(out.Kinds, other)
		}
	}
	for _, mode := range []string{modeTry, modeReal} {
		out.Modes = append(out.Modes, page.Option{Value: mode, Label: v.Name("import.mode", mode)})
	}
	out.Jobs, err = a.Importer.Jobs(v.Context(), v.Caller, s.Kind, recent)
	return out, err
}

func (a Area) form(v *page.View, s sortOfFile) error {
	data, err := a.blank(v, s)
	if err != nil {
		return err
	}
	mode, err := v.Chosen("mode", modeTry, modeReal)
	if err != nil {
		return err
	}
	v.Form = page.Filled("mode", mode)
	return v.Render("import.html", data)
}

// soon is how long an answer waits for the end of an import: most are over then,
// and nobody has to look at their beginning.
const soon = time.Second

func (a Area) take(v *page.View, s sortOfFile) error {
	j, done, err := a.begin(v, s)
	if err != nil {
		data, failed := a.blank(v, s)
		if failed != nil {
			return failed
		}
		return v.Again("import.html", data, err)
	}
	wait := time.NewTimer(soon)
	defer wait.Stop()
	select {
	case <-done:
	case <-wait.C:
	}
	return v.Redirect(jobPath(s.Kind, j.ID))
}

func jobPath(k imports.Kind, id authority.ID) string {
	return "/import/" + string(k) + "/jobs/" + page.Text(id)
}

// begin receives the file and has its import begun.
func (a Area) begin(v *page.View, s sortOfFile) (imports.Job, <-chan struct{}, error) {
	u, err := a.receive(v)
	if err != nil {
		return imports.Job{}, nil, err
	}
	u.Kind = s.Kind
	if u.Renew, err = v.Outlast(a.Core); err != nil {
		return imports.Job{}, nil, err
	}
	return a.Importer.Import(v.Context(), v.Caller, u)
}

// shown is what the page of an import shows.
type shown struct {
	imports.Job

	Stopped string // why the rest was not read, in the user's words; "" = all of it was
}

// Nothing reports whether every row was there already.
func (s shown) Nothing() bool { return s.State == imports.Done && s.Read > 0 && s.Same == s.Read }

// RefusedError gives what is wrong with a row, to be said.
func (shown) RefusedError(r imports.Refused) error { return authority.E(authority.InvalidValue, r.Why) }

// job shows how far an import is, and at its end what became of the file.
func (a Area) job(v *page.View, s sortOfFile) error {
	id, err := v.ID("id")
	if err != nil {
		return err
	}
	j, err := a.Importer.Job(v.Context(), v.Caller, id)
	if err != nil {
		return err
	}
	if j.Kind != s.Kind {
		return authority.E(authority.NotFound, "no such import")
	}
	out := shown{Job: j}
	if j.State == imports.Stopped {
		out.Stopped = v.Say(authority.E(j.Code, j.Why))
	}
	if page.ByScript(v.Request()) {
		return v.Part("import-job.html", "job", out)
	}
	return v.Render("import-job.html", out)
}
