package page

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// content is what templates are given.
type content struct {
	*View

	Data any
}

// Render answers with a page of the console; one that is open to all has no menu.
func (v *View) Render(name string, data any) error {
	return v.show(http.StatusOK, name, v.frame(), data)
}

// Bare answers with a page that has no menu: sign-in, first start, consent.
func (v *View) Bare(name string, data any) error { return v.show(http.StatusOK, name, "bare", data) }

// Part answers with one block of a page, for scripts that put it into the page
// that is there.
func (v *View) Part(name, block string, data any) error {
	return v.show(http.StatusOK, name, block, data)
}

// Again shows a page's form once more with what is wrong with it, where the user
// can mend that, and gives back every other error.
func (v *View) Again(name string, data any, err error) error {
	if !ours(err) {
		return err
	}
	v.Form.Problem, v.Form.Field = v.Say(err), fieldOf(err)
	web.ErrorHeaders(v.w.Header(), err)
	return v.show(web.Status(authority.CodeOf(err)), name, v.frame(), data)
}

// frame is what a page of this screen is shown in.
func (v *View) frame() string {
	if v.screen.Open {
		return "bare"
	}
	return "frame"
}

func (v *View) show(status int, name, block string, data any) error {
	t := v.kit.pages[name]
	if t == nil {
		return fmt.Errorf("page: there is no template %s", name)
	}
	v.said = v.heard()
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, block, content{v, data}); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	v.protect()
	web.WriteBody(v.w, status, "text/html; charset=utf-8", b.Bytes())
	return nil
}

// Redirect leads to another page of the stand.
func (v *View) Redirect(to string) error { return v.Leave(v.base + to) }

// Leave leads anywhere: to is not checked.
func (v *View) Leave(to string) error {
	v.protect()
	if v.r.Header.Get("HX-Request") != "" {
		v.w.Header().Set("HX-Redirect", to)
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	v.w.Header().Set("Location", to)
	v.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// FormsTo lets the page's forms lead to another origin as well: a browser asks
// this of redirects, too.
func (v *View) FormsTo(origin string) { v.formTo = append(v.formTo, origin) }

// protect sets the headers that keep a page to its user.
func (v *View) protect() {
	h := v.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "+
		"connect-src 'self'; font-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action "+
		strings.Join(append([]string{"'self'"}, v.formTo...), " "))
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
	h.Set("Content-Language", v.lang)
	if v.r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// fail shows what went wrong within the console's frame.
func (v *View) fail(err error) error {
	if err == nil {
		return nil
	}
	code := authority.CodeOf(err)
	if slices.Contains([]authority.Code{authority.Unauthenticated, authority.InvalidToken}, code) {
		return err
	}
	v.kit.log(v.r, err)
	web.ExchangeOf(v.Context()).Refusal = code
	web.ErrorHeaders(v.w.Header(), err)
	return v.show(web.Status(code), "error.html", v.frame(), err)
}

// WriteError answers what the pipeline refuses: who is not signed in is led to
// the page where he can, everybody else is told what is the matter: in his own
// words, and beside his menu.
func (k *Kit) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	v := k.view(w, r)
	code := authority.CodeOf(err)
	if code == authority.Unauthenticated || code == authority.InvalidToken {
		if code == authority.InvalidToken {
			v.Forget()
		}
		_ = v.Redirect("/sign-in" + v.afterwards())
		return
	}
	v.screen.Open = !v.recognise()
	if v.show(web.Status(code), "error.html", v.frame(), err) != nil {
		web.WriteProblem(w, r, err)
	}
}

// recognise finds out who is signed in, for a request that never met a screen.
func (v *View) recognise() bool {
	if v.kit.Core == nil {
		return false
	}
	shown, err := Credential(v.r, errNobody)
	if err != nil {
		return false
	}
	c, err := v.kit.Core.Authenticate(v.Context(), v.Origin(), shown)
	if err != nil {
		return false
	}
	if v.Session, err = v.kit.Sessions.Peek(v.Context(), c); err != nil {
		return false
	}
	v.Caller = c
	if id := withinOf(v.Context()); id != 0 && v.kit.Into != nil {
		if c, err := v.kit.Into(v.Context(), c, id); err == nil {
			v.Caller, v.base = c, Base(v.stand)+v.prefix()
		}
	}
	v.settle()
	return true
}

// afterwards says where to go on after sign-in: where the user wanted to, unless
// that is where everybody begins, or changes something.
func (v *View) afterwards() string {
	at := v.at()
	if v.r.Method != http.MethodGet || v.r.Header.Get("HX-Request") != "" {
		at = v.Back()
	}
	if at == "/" {
		return ""
	}
	return "?next=" + escapeQuery(at)
}

func (k *Kit) log(r *http.Request, err error) {
	if k.Logger != nil && authority.CodeOf(err) == authority.Internal {
		k.Logger.ErrorContext(r.Context(), "page", "request_id", web.ExchangeOf(r.Context()).ID, "error", err)
	}
}
