package entry

import (
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/signin"
	"propusk/internal/web"
)

// setupPath is the one page that is served while there is no account.
const setupPath = "/setup"

// Gate closes every page but that of the first start while there is no account,
// and that one to everybody who is not at the server's own machine.
func Gate(s *signin.Setup) func(r *http.Request) (string, error) {
	return func(r *http.Request) (string, error) {
		open, err := s.Open(r.Context())
		if err != nil || !open {
			return "", err
		}
		if !here(r) {
			return "", authority.E(authority.Forbidden, "this server has no account yet: set it up from its own machine")
		}
		if r.URL.Path == "/choices" {
			return "", nil
		}
		return setupPath, nil
	}
}

// here reports whether a request comes from this machine. One that a proxy has
// passed on does not, wherever the proxy runs.
func here(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	return web.OriginOf(r.Context()).Address.Unmap().IsLoopback()
}

// setup lists the screens of the first start; none where there is an account.
func (a Area) setup() []page.Screen {
	if a.Setup == nil {
		return nil
	}
	return []page.Screen{
		{Path: setupPath, Open: true, Serve: a.setupForm},
		{Method: http.MethodPost, Path: setupPath, Open: true, Audit: signin.VerbSetup, Fields: []string{"code", "name", "login"}, Serve: a.make},
	}
}

func (a Area) setupForm(v *page.View) error {
	open, err := a.Setup.Open(v.Context())
	if err != nil {
		return err
	}
	if !open {
		return v.Redirect("/sign-in")
	}
	v.Form = page.Filled("login", "admin")
	return v.Bare("setup.html", nil)
}

func (a Area) make(v *page.View) error {
	sent := v.Sent()
	owners, err := a.Setup.Make(v.Context(), v.Origin(), sent.Get("code"), signin.Founding{Account: sent.Get("name"), Login: sent.Get("login")})
	if authority.CodeOf(err) == authority.InvalidGrant {
		err = field(err, "code")
	}
	if err != nil {
		return v.Again("setup.html", nil, err)
	}
	return v.Bare("founded.html", owners)
}
