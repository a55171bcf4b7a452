package explorer

import (
	"errors"
	"net/http"
	"slices"
	"sync"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// Name is the explorer's name in routes and metrics. It is mounted beside the
// dialects and is none of them: it has no secrets, and nobody is let in.
const Name = "explorer"

// Config is what the explorer works with.
type Config struct {
	Dialects []dialect.Dialect            // those that it shows
	URL      func(authority.Stand) string // where a stand is reached, without a slash at the end
}

// Explorer serves documents and pages. It implements dialect.Dialect, so that it is
// mounted as every other path is. Safe for concurrent use.
type Explorer struct {
	Config

	pages  *pages
	routes func() []web.Route // complete once everything is mounted
	mu     sync.Mutex
	kept   map[authority.Stand][]*shelf
	made   map[written]text
}

var _ dialect.Dialect = (*Explorer)(nil)

// New makes an explorer of c's dialects. It has to be mounted beside them.
func New(c Config) (*Explorer, error) {
	p, err := newPages()
	if err != nil {
		return nil, err
	}
	return &Explorer{Config: c, pages: p, kept: map[authority.Stand][]*shelf{}, made: map[written]text{}}, nil
}

// Name implements dialect.Dialect.
func (*Explorer) Name() string { return Name }

// Credential implements dialect.Dialect. Every route is public.
func (*Explorer) Credential(*http.Request) (authority.Presented, error) {
	return authority.Presented{}, dialect.ErrNoCredential
}

// WriteError implements dialect.Dialect.
func (*Explorer) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	web.WriteProblem(w, r, err)
}

const root = "/explorer"

// Mount implements dialect.Dialect.
func (e *Explorer) Mount(mux *web.Mux) {
	e.routes = mux.Routes
	mux.Claim(root, Name)
	for _, rt := range slices.Concat(e.pageRoutes(), e.documentRoutes()) {
		rt.Method, rt.Dialect, rt.Public = http.MethodGet, Name, true
		mux.Handle(rt)
	}
}

func (e *Explorer) documentRoutes() []web.Route {
	const one = root + "/{dialect}"
	return []web.Route{
		{Pattern: one + "/openapi.json", Summary: "Give the OpenAPI document of a dialect as JSON.", Serve: e.serve(jsonDocument)},
		{Pattern: one + "/openapi.yaml", Summary: "Give the OpenAPI document of a dialect as YAML.", Serve: e.serve(yamlDocument)},
		{Pattern: one + "/postman.json", Summary: "Give the Postman collection of a dialect.", Serve: e.serve(collection)},
	}
}

// serve gives one text about the dialect of the path.
func (e *Explorer) serve(name string) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
		s, err := e.find(r, r.PathValue("dialect"))
		if err != nil {
			return err
		}
		return s.texts[name].serve(w, r)
	}
}

// shelf is a book with the texts that are made of it.
type shelf struct {
	*Book

	texts map[string]text
}

// find gives what there is of a dialect on the request's stand.
func (e *Explorer) find(r *http.Request, name string) (*shelf, error) {
	shelves, err := e.shelves(web.OriginOf(r.Context()).Stand)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(shelves, func(s *shelf) bool { return s.Dialect == name })
	if i < 0 {
		return nil, authority.E(authority.NotFound, "no dialect of this name is served here")
	}
	return shelves[i], nil
}

// shelves makes those of a stand when they are asked for first: the table of
// routes is complete and the stand's address known only then.
func (e *Explorer) shelves(stand authority.Stand) ([]*shelf, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if kept := e.kept[stand]; kept != nil {
		return kept, nil
	}
	var out []*shelf
	routes := e.routes()
	for _, d := range e.Dialects {
		s, err := newShelf(NewBook(stand, d, routes), e.URL(stand))
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	e.kept[stand] = out
	return out, nil
}

// The texts of a shelf.
const (
	jsonDocument = "openapi.json"
	yamlDocument = "openapi.yaml"
	collection   = "postman.json"
)

func newShelf(b *Book, url string) (*shelf, error) {
	asJSON, err := b.OpenAPI(url)
	if err != nil {
		return nil, err
	}
	asYAML, err := YAML(asJSON)
	if err != nil {
		return nil, err
	}
	postman, err := b.Postman(url)
	if err != nil {
		return nil, err
	}
	s := &shelf{Book: b, texts: map[string]text{}}
	var errs []error
	for name, what := range map[string]text{
		jsonDocument: {media: "application/vnd.oai.openapi+json;version=3.1; charset=utf-8", body: asJSON},
		yamlDocument: {media: "application/vnd.oai.openapi;version=3.1; charset=utf-8", body: asYAML},
		collection:   {media: "application/json; charset=utf-8", body: postman},
	} {
		what, err := what.packed()
		s.texts[name], errs = what, append(errs, err)
	}
	return s, errors.Join(errs...)
}
