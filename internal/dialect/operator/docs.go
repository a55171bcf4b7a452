package operator

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/web"
)

//go:embed docs.html
var pageText string

// page writes the documentation of routes. What goes wrong in it goes wrong in
// every test: the page is then empty.
func page(routes []web.Route) []byte {
	var out bytes.Buffer
	t, err := template.New("docs").Parse(pageText)
	if err != nil || t.Execute(&out, routes) != nil {
		return nil
	}
	return out.Bytes()
}

// docs serves the page. It loads nothing and runs nothing.
func (d *Dialect) docs(w http.ResponseWriter, _ *http.Request, _ authority.Caller) error {
	if d.page == nil {
		return authority.E(authority.Internal, "")
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	web.WriteBody(w, http.StatusOK, "text/html; charset=utf-8", d.page)
	return nil
}
