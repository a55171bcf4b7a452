package explorer

import (
	"bytes"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

//go:embed templates
var templateFiles embed.FS

// policy lets a page load its own files and call its own stand, and nothing else.
// Recordings are played from the memory of the page.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; media-src blob:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// pages writes what people look at.
type pages struct {
	words    *words
	assets   *assets
	template *template.Template
}

func newPages() (*pages, error) {
	w, err := readWords()
	if err != nil {
		return nil, err
	}
	a, err := readAssets()
	if err != nil {
		return nil, err
	}
	t, err := template.ParseFS(templateFiles, "templates/*.html")
	return &pages{w, a, t}, err
}

// view is what a template sees.
type view struct {
	Lang, Stand, Script string
	Keep                string // of the address, so that a chosen language stays: "?lang=ru", ""
	Shelves             []*shelf
	Book                *Book  // nil on the index
	Issuer              string // the stand's address, as answers of /oauth/authorize name it

	pages *pages
}

// write makes one page.
func (p *pages) write(name string, v view) (text, error) {
	v.pages = p
	var buf bytes.Buffer
	if err := p.template.ExecuteTemplate(&buf, name, v); err != nil {
		return text{}, err
	}
	return text{media: "text/html; charset=utf-8", body: buf.Bytes()}.packed()
}

// Asset gives the address of a file.
func (v view) Asset(name string) string { return v.pages.assets.address(name) }

// Say gives a word of the page.
func (v view) Say(key string) (string, error) {
	said, ok := v.pages.words.said[key]
	if !ok {
		return "", authority.E(authority.Internal, "no word "+key)
	}
	return said[v.Lang], nil
}

// Tr gives a dialect's text in the language of the page.
func (v view) Tr(text string) string { return v.pages.words.translate(v.Lang, text) }

// Line is Tr without a full stop, for a list.
func (v view) Line(text string) string { return strings.TrimSuffix(v.Tr(text), ".") }

// Twin reports whether a list has another line with the same verb and words.
func (v view) Twin(m Method) bool {
	same := func(other Method) bool { return other.ID != m.ID && other.Verb == m.Verb && other.Summary == m.Summary }
	return slices.ContainsFunc(v.Book.Methods, same)
}

// Count says how many methods there are.
func (v view) Count(n int) string { return count(v.Lang, n) }

// JSON writes a value for the scripts.
func (view) JSON(value any) (string, error) {
	out, err := json.Marshal(value)
	return string(out), err
}

// Words are those that the scripts say.
func (v view) Words() (string, error) { return v.JSON(v.pages.words.of(v.Lang)) }

// Schemes are those of the book.
func (v view) Schemes() (string, error) { return v.JSON(v.Book.Manual.Schemes) }

// Asks reports whether one of the ways in sends a user to be asked.
func (v view) Asks() bool {
	return slices.ContainsFunc(v.Book.Manual.Ways, func(w dialect.Way) bool { return w.Authorize != "" })
}

// Join writes names with blanks between them.
func (view) Join(names []string) string { return strings.Join(names, " ") }

// serve answers with a page and its policy.
func (p *pages) serve(w http.ResponseWriter, r *http.Request, page text) error {
	h := w.Header()
	h["Content-Security-Policy"] = []string{policy}
	h["Referrer-Policy"] = []string{"no-referrer"}
	h["Cross-Origin-Opener-Policy"] = []string{"same-origin"}
	h["X-Frame-Options"] = []string{"DENY"}
	h["Vary"] = append(h["Vary"], "Accept-Language")
	return page.serve(w, r)
}

// pageRoutes are the index, a page for each dialect under our own address, and
// the same under the documented one.
func (e *Explorer) pageRoutes() []web.Route {
	out := []web.Route{
		{Pattern: root, Summary: "Show the APIs of the stand.", Serve: e.page("")},
		{Pattern: root + "/{dialect}", Summary: "Show the methods of an API and run them.", Serve: func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
			return e.page(r.PathValue("dialect"))(w, r, c)
		}},
		{Pattern: callbackPath, Summary: "Take a user back from the page that asked him.", Serve: e.page(callbackName)},
		{Pattern: root + "/assets/{hash}/{file}", Summary: "Give a file of the pages.", Serve: e.asset},
	}
	for _, d := range e.Dialects {
		if at := manualOf(d).Page; at != "" {
			out = append(out, web.Route{Pattern: at, Summary: "Show the methods of this API and run them.", Serve: e.page(d.Name())})
		}
	}
	return out
}

// The page that users come back to. No dialect can have its name.
const (
	callbackName = "callback"
	callbackPath = root + "/" + callbackName
)

// page shows a dialect, or with "" all of them.
func (e *Explorer) page(name string) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
		if name != "" && name != callbackName {
			if _, err := e.find(r, name); err != nil {
				return err
			}
		}
		asked := r.URL.Query().Get("lang")
		lang := choose(asked, r.Header.Get("Accept-Language"))
		page, err := e.written(written{web.OriginOf(r.Context()).Stand, name, lang, asked == lang})
		if err != nil {
			return err
		}
		w.Header()["Content-Language"] = []string{lang}
		return e.pages.serve(w, r, page)
	}
}

// written names a page that is made once.
type written struct {
	stand   authority.Stand
	dialect string
	lang    string
	chosen  bool // by the address: links keep it
}

func (e *Explorer) written(key written) (text, error) {
	shelves, err := e.shelves(key.stand)
	if err != nil {
		return text{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if page, ok := e.made[key]; ok {
		return page, nil
	}
	v := view{Lang: key.lang, Stand: string(key.stand), Script: "index.js", Shelves: shelves, Issuer: e.URL(key.stand)}
	if key.chosen {
		v.Keep = "?lang=" + key.lang
	}
	name := "index.html"
	if key.dialect == callbackName {
		name, v.Script = "callback.html", "callback.js"
	}
	for _, s := range shelves {
		if s.Dialect == key.dialect {
			name, v.Script, v.Book = "page.html", "page.js", s.Book
		}
	}
	page, err := e.pages.write(name, v)
	if err == nil {
		e.made[key] = page
	}
	return page, err
}

// asset gives a file. One of another build is not there: its bytes are others.
func (e *Explorer) asset(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	file, ok := e.pages.assets.files[r.PathValue("file")]
	if !ok || r.PathValue("hash") != e.pages.assets.hash {
		return authority.E(authority.NotFound, "no such file")
	}
	return file.serve(w, r)
}
