package dialect

import (
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
	// Schemes are the ways to show a credential. The first is that of routes that
	// are not public.
	Schemes []Scheme
	// Shown names, by pattern, the schemes of routes that take others.
	Shown map[string][]string
	Ways  []Way
	// Token says what POST /oauth/token is to this dialect: Request, Response and
	// Summary. The zero value = it claims no part of it.
	Token web.Route
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
	Get    Step
	Renew  *Step // with the refresh token; nil = by Get again
}

// Input is something that a person has and fills in.
type Input struct {
	Name   string
	Label  string // "" = the name
	Secret bool
	About  string
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
