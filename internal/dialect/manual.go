package dialect

import (
	"net/http"
	"slices"
	"strings"

	"propusk/internal/web"
)

// Documented is a dialect that says of itself what its route table does not.
// One that is not documents its routes with a bearer token and no way to it.
type Documented interface{ Manual() Manual }

// Manual is what documentation needs to know of a dialect beyond its routes.
// Its texts are English; package explorer translates them.
type Manual struct {
	Title string // what the API is called
	About string // a sentence or two
	// Page is the documented address of the dialect's explorer; "" = it has none
	// besides the one that all have.
	Page string
	// Base is what the patterns of most methods begin with; groups and names of
	// methods leave it out.
	Base string
	// Under lists what the documented spelling of a path begins with; routes below
	// none of these are other spellings of one that is. nil = all are documented.
	Under []string
	// Schemes are the ways to show a credential.
	Schemes []Scheme
	// Usual names the schemes of routes that are not public, where there is a
	// choice of them; nil = the first of Schemes.
	Usual []string
	// Shown names, by pattern, the schemes of routes that take others.
	Shown map[string][]string
	Ways  []Way
	// Token says what POST /oauth/token is to this dialect: Request, Response and
	// Summary. The zero value = it claims no part of it.
	Token web.Route
	// Codes says that its applications send users to /oauth/authorize.
	Codes bool
	// Headers are fields of its answers that other dialects do not have.
	Headers []Header
}

// Header is a field of answers.
type Header struct {
	Name, About string
	Routes      []string // method and pattern of those that send it; nil = all that ask who calls
	Refusals    bool     // refusals carry it too
}

// Sent reports whether answers of rt carry the field.
func (h Header) Sent(rt *web.Route, refusal bool) bool {
	if refusal && !h.Refusals {
		return false
	}
	if h.Routes == nil {
		return !rt.Public
	}
	return slices.Contains(h.Routes, rt.Method+" "+rt.Pattern)
}

// Spelt reports whether pattern is the documented spelling of its path.
func (m Manual) Spelt(pattern string) bool {
	return len(m.Under) == 0 || slices.ContainsFunc(m.Under, func(prefix string) bool { return strings.HasPrefix(pattern, prefix) })
}

// SchemeKind is how a credential is shown.
type SchemeKind string

// The kinds of schemes.
const (
	BearerScheme SchemeKind = "bearer"
	BasicScheme  SchemeKind = "basic"
)

// Scheme is one way to show a credential.
type Scheme struct {
	Name   string // a fixed word: accessToken
	Kind   SchemeKind
	Format string // of a bearer, such as JWT
	About  string
	// Holds says what is shown, as a template of a Step: of BasicScheme the name
	// and the password, of BearerScheme the token. Empty = the access token.
	Holds [2]string
}

// Way is a way in: what a person has, and how it becomes an access token.
type Way struct {
	Name   string // a fixed word: client_credentials
	Title  string
	Inputs []Input
	// Authorize is where a browser is sent first (RFC 6749 §4.1.1): its answer is
	// what Get knows as {code}, {redirect_uri} and {code_verifier}. "" = nobody is
	// asked.
	Authorize string
	Get       Step
	Renew     *Step // with the refresh token; nil = by Get again
}

// CodeWay is the way in of an application that a user lets act as him, with proof
// that code and tokens go to the same program (RFC 7636). secret is what the
// application's secret is called in about; it may have none.
func CodeWay(client, secret Input) Way {
	form := func(grant string, more ...Pair) []Pair {
		return append([]Pair{
			{Name: "grant_type", Value: grant}, {Name: client.Name, Value: "{" + client.Name + "}"}, {Name: secret.Name, Value: "{" + secret.Name + "}"},
		}, more...)
	}
	step := Step{Method: http.MethodPost, Path: tokenPattern, Access: "access_token", Refresh: "refresh_token", Expires: "expires_in"}
	again := step
	step.Form = form("authorization_code",
		Pair{"code", "{code}"}, Pair{"redirect_uri", "{redirect_uri}"}, Pair{"code_verifier", "{code_verifier}"})
	again.Form = form("refresh_token", Pair{"refresh_token", "{refresh_token}"})
	secret.Secret, secret.Optional = true, true
	return Way{
		Name: "authorization_code", Title: "User by code", Inputs: []Input{client, secret},
		Authorize: authorizePattern, Get: step, Renew: &again,
	}
}

// Input is something that a person has and fills in.
type Input struct {
	Name     string
	Label    string // "" = the name
	Secret   bool
	Optional bool // what is left empty is not sent
	About    string
}

// Step is a request for tokens. Its texts are templates: {name} stands for the
// input of that name, {refresh_token} for the refresh token in hand.
type Step struct {
	Method, Path   string
	Bearer         string
	User, Password string // Basic
	Form, JSON     []Pair
	// Access, Refresh and Expires are the members of the answer that hold the
	// tokens and the seconds that the access token lives. "" = there is none;
	// without Expires a JWT says itself when it ends.
	Access, Refresh, Expires string
}

// Pair is a member of a form or a flat object.
type Pair struct{ Name, Value string }
