package page

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/signin"
	"propusk/internal/web"
)

//go:embed templates static messages.yaml
var own embed.FS

// errorPage says what went wrong.
const errorPage = "templates/pages/error.html"

// Sessions knows the sessions of the console; *signin.Service does.
type Sessions interface {
	// Session gives the caller's session and notes that it is in use.
	// InvalidToken when it was idle for too long.
	Session(ctx context.Context, c authority.Caller) (signin.Session, error)
	// Peek is Session without noting that.
	Peek(ctx context.Context, c authority.Caller) (signin.Session, error)
}

// Config makes a Kit. Sessions and Areas are required.
type Config struct {
	Sessions Sessions
	Areas    []Area
	// Core finds out who is signed in where the pipeline refuses before it knows.
	// nil = nobody is.
	Core Core
	// Places seals where pages of lists end. nil where no screen has such a list.
	Places Places
	// API gives the outside address of a stand, for links to what lies there; ""
	// for one that is off.
	API func(authority.Stand) string
	// Gate names the one page that is served while the deployment has no account;
	// "" = every page. nil = never closed.
	Gate func(r *http.Request) (path string, err error)
	// Into has the deployment's owner work in another account; *admin.Service
	// does. nil = nobody may.
	Into   func(ctx context.Context, c authority.Caller, account authority.ID) (authority.Caller, error)
	Now    func() time.Time // nil = time.Now
	Logger *slog.Logger     // internal errors; nil = none
}

// Kit shows screens. Safe for concurrent use once made.
type Kit struct {
	Config

	words   catalogue
	assets  assets
	pages   map[string]*template.Template // by file name
	screens []Screen
	menu    []Screen // those with an Item, in order
}

// New reads what the areas consist of. Every fault of a template, of words or of
// an asset's name is an error here.
func New(c Config) (*Kit, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	k := &Kit{Config: c, words: catalogue{}, assets: newAssets(), pages: map[string]*template.Template{}}
	frame, err := template.New("frame").Funcs(functions()).ParseFS(own, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	errs := []error{k.words.read(own), k.assets.read(own)}
	for _, a := range c.Areas {
		errs = append(errs, k.take(frame, a))
	}
	errs = append(errs, k.parse(frame, own, errorPage))
	k.orderMenu()
	return k, errors.Join(errs...)
}

// take adds an area.
func (k *Kit) take(frame *template.Template, a Area) error {
	files := a.Files()
	k.screens = append(k.screens, a.Screens()...)
	errs := []error{k.words.read(files), k.assets.read(files)}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasPrefix(path.Base(name), "_") {
			errs = append(errs, k.parse(frame, files, name))
		}
	}
	return errors.Join(errs...)
}

// parse makes a page of the frame, the area's parts and its own file.
func (k *Kit) parse(frame *template.Template, files fs.FS, name string) error {
	if k.pages[path.Base(name)] != nil {
		return fmt.Errorf("page: two templates are called %s", path.Base(name))
	}
	t, err := frame.Clone()
	if err != nil {
		return err
	}
	if parts, _ := fs.Glob(files, path.Dir(name)+"/_*.html"); len(parts) > 0 {
		if t, err = t.ParseFS(files, parts...); err != nil {
			return fmt.Errorf("page: %w", err)
		}
	}
	if t, err = t.ParseFS(files, name); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	k.pages[path.Base(name)] = t
	return nil
}

func (k *Kit) orderMenu() {
	for _, s := range k.screens {
		if s.Menu != nil {
			k.menu = append(k.menu, s)
		}
	}
	slices.SortStableFunc(k.menu, func(a, b Screen) int {
		return cmp.Or(cmp.Compare(slices.Index(Sections(), a.Menu.Section), slices.Index(Sections(), b.Menu.Section)),
			cmp.Compare(a.Menu.Order, b.Menu.Order))
	})
}

// Permissions lists those that open a screen, and so something for their holder to
// sign in to.
func (k *Kit) Permissions() []authority.Permission {
	var out []authority.Permission
	for _, s := range k.screens {
		if s.May != "" {
			out = append(out, s.May)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Mount adds every screen and the assets to the console's routes.
func (k *Kit) Mount(mux *web.Mux) {
	mux.Claim("/", Dialect)
	mux.Handle(web.Route{
		Method: http.MethodGet, Pattern: "/static/{name}", Dialect: Dialect, Public: true,
		Summary: "A file that pages load", Serve: k.assets.serve,
	})
	for _, s := range k.screens {
		mux.Handle(web.Route{
			Method: cmp.Or(s.Method, http.MethodGet), Pattern: s.Path, Dialect: Dialect, Permission: s.May,
			Public: s.Open, Audit: s.Audit, Secret: s.Fresh, MaxBody: s.MaxBody, Summary: s.Path, Object: objectOf(s.Path), Serve: k.serve(s),
		})
	}
}

// serve makes a screen's handler.
func (k *Kit) serve(s Screen) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		v := k.view(w, r)
		v.Caller, v.screen = c, s
		if gated, err := v.gated(); gated || err != nil {
			return err
		}
		if !s.Open {
			if err := v.enter(); err != nil {
				return err
			}
			if left, err := v.into(); left || err != nil {
				return v.fail(err)
			}
			if s.Fresh && !v.Session.Fresh(k.Now()) {
				return v.Redirect(v.proving())
			}
		}
		if err := v.checkQuery(); err != nil {
			return v.fail(err)
		}
		if err := v.checkForm(); err != nil {
			return v.fail(err)
		}
		if err := s.Serve(v); err != nil {
			return v.fail(err)
		}
		return nil
	}
}

// gated leads to the one page that is open before the first account.
func (v *View) gated() (bool, error) {
	if v.kit.Gate == nil {
		return false, nil
	}
	only, err := v.kit.Gate(v.r)
	if err != nil || only == "" || only == v.r.URL.Path {
		return false, err
	}
	return true, v.Redirect(only)
}

// enter finds the session behind the caller's token.
func (v *View) enter() (err error) {
	find := v.kit.Sessions.Session
	if v.screen.Polled != nil && v.screen.Polled(v.r) {
		find = v.kit.Sessions.Peek
	}
	if v.Session, err = find(v.Context(), v.Caller); err != nil {
		return err
	}
	v.settle()
	return nil
}

// proving is where the user proves anew who he is, and comes back from.
func (v *View) proving() string {
	next := v.at()
	if v.r.Method != http.MethodGet {
		next = v.Back()
	}
	return "/prove?next=" + escapeQuery(next)
}
