package dialect

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// Inquirer judges authorization requests; *authority.Authority does.
type Inquirer interface {
	Inquire(ctx context.Context, q authority.CodeRequest) (authority.CodeInquiry, error)
}

// AuthorizeQuery is an authorization request in an address. RFC 6749 §4.1.1, RFC
// 7636 §4.3.
type AuthorizeQuery struct {
	ResponseType string `query:"response_type"         required:"true"`
	ClientID     string `query:"client_id"             required:"true"`
	RedirectURI  string `query:"redirect_uri"`
	Scope        string `query:"scope"`
	State        string `query:"state"`
	Challenge    string `query:"code_challenge"`
	Method       string `query:"code_challenge_method"`
}

// AuthorizeForm is the same as a form. RFC 6749 §3.1.
type AuthorizeForm struct {
	ResponseType string `form:"response_type"         required:"true"`
	ClientID     string `form:"client_id"             required:"true"`
	RedirectURI  string `form:"redirect_uri"`
	Scope        string `form:"scope"`
	State        string `form:"state"`
	Challenge    string `form:"code_challenge"`
	Method       string `form:"code_challenge_method"`
}

// The limits of an authorization request: it must fit into an address.
const (
	maxAuthorize = 16 << 10
	maxState     = 4 << 10
)

// AuthorizeRequest reads what an authorization request asks of the core.
func AuthorizeRequest(stand authority.Stand, f web.Form) authority.CodeRequest {
	return authority.CodeRequest{
		Stand: stand, ResponseType: f["response_type"], ClientID: f["client_id"], RedirectURI: f["redirect_uri"],
		Scope: f["scope"], Challenge: f["code_challenge"], Method: f["code_challenge_method"],
	}
}

// AuthorizePath is where a user is asked, on the console of his stand, below its
// outside address.
func AuthorizePath(stand authority.Stand) string {
	if stand == authority.Test {
		return "/test/authorize"
	}
	return "/authorize"
}

// CodeAnswer is the address that takes a code, or why there is none, back to an
// application: redirect as it was registered, with the answer behind its own
// query. RFC 6749 §4.1.2, RFC 9207 §2.
func CodeAnswer(redirect, issuer, state string, answer url.Values) string {
	if state != "" {
		answer.Set("state", state)
	}
	answer.Set("iss", issuer)
	mark := "?"
	if _, query, asked := strings.Cut(redirect, "?"); asked {
		if mark = "&"; query == "" || strings.HasSuffix(query, "&") {
			mark = ""
		}
	}
	return redirect + mark + answer.Encode()
}

// CodeRefusal is CodeAnswer for an error. RFC 6749 §4.1.2.1.
func CodeRefusal(redirect, issuer, state string, err error) string {
	answer := url.Values{"error": {codeWord(authority.CodeOf(err))}}
	var e *authority.Error
	if errors.As(err, &e) && e.Code != authority.Internal {
		answer.Set("error_description", e.Message)
	}
	return CodeAnswer(redirect, issuer, state, answer)
}

// codeWord is the table of RFC 6749 §4.1.2.1.
func codeWord(code authority.Code) string {
	switch code {
	case authority.UnsupportedGrantType:
		return "unsupported_response_type"
	case authority.UnauthorizedClient, authority.InvalidScope:
		return string(code)
	case authority.Forbidden:
		return "access_denied"
	case authority.Unavailable, authority.LimitExceeded:
		return "temporarily_unavailable"
	case authority.Internal:
		return "server_error"
	default:
		return "invalid_request"
	}
}

// authorizePath serves GET and POST /oauth/authorize, which several APIs
// document: it judges the request and sends the browser to the page that asks the
// user. Nothing is shown here but refusals that no application may hear.
type authorizePath struct {
	inquirer Inquirer
	issuer   func(authority.Stand) string
	console  func(authority.Stand) string
	tokens   *tokenPath
	log      func(*http.Request, *web.Exchange, error) // of what is our fault
}

// mountAuthorize adds the path where a dialect has applications of its own.
func (p *pipeline) mountAuthorize(mux *web.Mux, t *tokenPath) {
	if p.Codes == nil || !t.registers() {
		return
	}
	a := &authorizePath{inquirer: p.Codes, issuer: p.Issuer, console: p.Console, tokens: t, log: p.log}
	const summary = "Send the user here to let an application act as him: a browser comes back with a code, or with an error."
	route := web.Route{
		Method: http.MethodGet, Pattern: authorizePattern, Dialect: t.last().dialect, Public: true, Request: AuthorizeQuery{},
		MaxBody: maxAuthorize, Browsers: true, Summary: summary, Fails: []authority.Code{authority.InvalidClient, authority.TooLarge},
		Serve: func(w http.ResponseWriter, r *http.Request, _ authority.Caller) error { return a.serve(w, r) },
	}
	mux.Handle(route)
	route.Method, route.Request = http.MethodPost, AuthorizeForm{}
	route.Summary = "The same question with its parameters in a form, for a client whose address would be too long."
	mux.Handle(route)
}

// registers reports whether a claim is that of a dialect with applications.
func (t *tokenPath) registers() bool {
	for _, c := range t.claims {
		if c.Rank == RankApplication {
			return true
		}
	}
	return false
}

func (a *authorizePath) serve(w http.ResponseWriter, r *http.Request) error {
	f, err := readAuthorize(r)
	if err == nil {
		err = a.send(w, r, f)
	}
	if err == nil || !wantsPage(r) {
		return err
	}
	if code := authority.CodeOf(err); code == authority.Internal || code == authority.Unavailable {
		a.log(r, web.ExchangeOf(r.Context()), err)
	}
	return refusalPage(w, r, err)
}

// readAuthorize reads the parameters; one that is sent twice is refused (RFC 6749
// §3.1).
func readAuthorize(r *http.Request) (web.Form, error) {
	if r.Method == http.MethodPost {
		return web.ReadForm(r)
	}
	if len(r.URL.RawQuery) > maxAuthorize {
		return nil, authority.E(authority.TooLarge, "the request is too long")
	}
	return web.TakeQuery(r)
}

// send answers with a redirect: to the page that asks, or back to the application
// with what is wrong.
func (a *authorizePath) send(w http.ResponseWriter, r *http.Request, f web.Form) error {
	stand, ex := web.OriginOf(r.Context()).Stand, web.ExchangeOf(r.Context())
	state := f["state"]
	if len(state) > maxState {
		return authority.E(authority.InvalidRequest, "state is too long").With("parameter", "state")
	}
	if f["client_id"] == "" {
		return authority.E(authority.InvalidRequest, "client_id is missing").With("parameter", "client_id")
	}
	inquiry, err := a.inquirer.Inquire(r.Context(), AuthorizeRequest(stand, f))
	if inquiry.Redirect == "" || a.tokens.names[inquiry.Dialect] == nil {
		if err == nil {
			err = authority.E(authority.InvalidRequest, "client_id names no application that sends users here")
		}
		return err
	}
	ex.Dialect, ex.Account = inquiry.Dialect, inquiry.Account.ID
	to := ""
	if a.console != nil {
		to = a.console(stand)
	}
	if err == nil && to == "" {
		err = authority.E(authority.Unavailable, "there is no page here where users could be asked: the console is off")
	}
	if err != nil {
		redirect(w, r, CodeRefusal(inquiry.Redirect, a.issuer(stand), state, err))
		return nil
	}
	redirect(w, r, to+AuthorizePath(stand)+"?"+AuthorizeValues(f).Encode())
	return nil
}

// AuthorizeFields names the parameters that mean something.
func AuthorizeFields() []string {
	return []string{"response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "prompt"}
}

// AuthorizeValues gives the parameters that a page which asks the user needs,
// without any that mean nothing here.
func AuthorizeValues(f web.Form) url.Values {
	v := url.Values{}
	for _, name := range AuthorizeFields() {
		if f[name] != "" {
			v.Set(name, f[name])
		}
	}
	return v
}

// redirect sends the browser on; what was a form comes as a plain request there.
func redirect(w http.ResponseWriter, r *http.Request, to string) {
	status := http.StatusFound
	if r.Method == http.MethodPost {
		status = http.StatusSeeOther
	}
	h := w.Header()
	h["Location"] = []string{to}
	h["Cache-Control"] = []string{"no-store"}
	h["Referrer-Policy"] = []string{"no-referrer"}
	h["Content-Length"] = []string{"0"}
	w.WriteHeader(status)
}

// wantsPage reports whether a browser shows the answer to somebody.
func wantsPage(r *http.Request) bool {
	return strings.Contains(strings.ToLower(r.Header.Get("Accept")), "text/html")
}
