package consent

import (
	"cmp"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// question is what the page shows.
type question struct {
	Application string
	About       string
	Owner       string
	Account     string
	Everything  bool
	Scope       []authority.Permission
	Back        string // the host that the user comes back to
	Hidden      []hidden
}

type hidden struct{ Name, Value string }

// ask shows which application wants to act as the user, unless he has allowed it
// before.
func (a Area) ask(v *page.View) error {
	r := v.Request().Clone(v.Context()) // the page's own address stays as it is
	f, err := web.TakeQuery(r)
	if err != nil {
		return err
	}
	q := dialect.AuthorizeRequest(v.Stand(), f)
	o, err := a.Core.Offer(v.Context(), v.Caller, q)
	if err != nil {
		return a.refuse(v, f, o, err)
	}
	if o.Given && f["prompt"] != "consent" {
		code, o, err := a.Core.Approve(v.Context(), v.Caller, q, false)
		if err == nil {
			return a.hand(v, f, o, code)
		}
		if authority.CodeOf(err) != authority.Conflict { // withdrawn meanwhile: he is asked
			return a.refuse(v, f, o, err)
		}
	}
	return a.show(v, f, o)
}

func (a Area) show(v *page.View, f web.Form, o authority.CodeOffer) error {
	traits := o.Application.Traits
	shown := question{
		Application: cmp.Or(traits.DisplayName, o.Application.Name), About: traits.Description, Owner: o.Owner,
		Account: o.Account.Name, Everything: o.Scope == nil, Scope: o.Scope, Back: hostOf(o.Redirect),
	}
	values := dialect.AuthorizeValues(f)
	values.Del("prompt") // he is asked now
	for name := range values {
		shown.Hidden = append(shown.Hidden, hidden{name, values.Get(name)})
	}
	v.FormsTo(formTarget(o.Redirect))
	return v.Bare("authorize.html", shown)
}

// answer takes the user's word. What the application may ask for is judged once
// more: the browser has carried it.
func (a Area) answer(v *page.View) error {
	sent := v.Sent()
	f := web.Form{}
	for name := range sent {
		f[name] = sent.Get(name)
	}
	q := dialect.AuthorizeRequest(v.Stand(), f)
	if f["answer"] != "allow" && f["answer"] != "deny" {
		return page.NoChoice("answer")
	}
	if f["answer"] == "deny" {
		o, err := a.Core.Deny(v.Context(), v.Caller, q)
		return a.refuse(v, f, o, cmp.Or(err, error(authority.E(authority.Forbidden, "the user does not allow it"))))
	}
	code, o, err := a.Core.Approve(v.Context(), v.Caller, q, true)
	if err != nil {
		return a.refuse(v, f, o, err)
	}
	return a.hand(v, f, o, code)
}

// hand gives the application its code.
func (a Area) hand(v *page.View, f web.Form, o authority.CodeOffer, code authority.Secret) error {
	return a.leave(v, o, dialect.CodeAnswer(o.Redirect, a.Issuer(v.Stand()), f["state"], url.Values{"code": {code.Reveal()}}))
}

// refuse tells the application what is wrong, or the user where the application
// cannot be told.
func (a Area) refuse(v *page.View, f web.Form, o authority.CodeOffer, err error) error {
	if o.Redirect == "" {
		return err
	}
	return a.leave(v, o, dialect.CodeRefusal(o.Redirect, a.Issuer(v.Stand()), f["state"], err))
}

// onward is a page that leads on by itself.
type onward struct {
	Application string
	To          template.URL
}

// leave leads the browser back. Behind a form of ours, such as that of sign-in, it
// takes a page in between: a browser lets no redirect lead where the form's page
// did not say that it might (CSP form-action).
func (a Area) leave(v *page.View, o authority.CodeOffer, to string) error {
	v.FormsTo(formTarget(o.Redirect))
	r := v.Request()
	if r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Site") != "same-origin" {
		return v.Leave(to)
	}
	return v.Bare("onward.html", onward{
		cmp.Or(o.Application.Traits.DisplayName, o.Application.Name),
		template.URL(to), //nolint:gosec // the address is one that was checked when the application registered it
	})
}

// formTarget is what form-action says of an address: its origin, or its scheme
// where no origin can be written (RFC 3986 §3.2.2 addresses in brackets are none
// of CSP's).
func formTarget(redirect string) string {
	u, err := url.Parse(redirect)
	if err != nil || u.Scheme == "" {
		return "'self'"
	}
	if u.Host == "" || strings.Contains(u.Host, "[") || u.Scheme != "https" && u.Scheme != "http" {
		return u.Scheme + ":"
	}
	return u.Scheme + "://" + u.Host
}

// hostOf is what of an address a user may know.
func hostOf(redirect string) string {
	u, err := url.Parse(redirect)
	if err != nil {
		return ""
	}
	if host, _, err := net.SplitHostPort(u.Host); err == nil {
		return strings.Trim(host, "[]")
	}
	return cmp.Or(strings.Trim(u.Host, "[]"), u.Scheme)
}
