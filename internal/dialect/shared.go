package dialect

import (
	"cmp"
	"net/http"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// TokenClaim is one dialect's claim on POST /oauth/token, which several APIs
// document (rule 14). Claims are asked in the order of Rank; the first whose
// Match holds serves the request and no other is tried. The last one takes what
// nobody matched.
type TokenClaim struct {
	Rank  int
	Match func(r *http.Request, f web.Form) bool
	Serve func(w http.ResponseWriter, r *http.Request, f web.Form) error
}

// The ranks of rule 14.
const (
	RankApplication  = 10 // client id of a ringme or oauth application
	RankRefreshToken = 20 // a refresh token that we can read
	RankPassword     = 30 // grant_type password or refresh_token
	RankAnything     = 40
)

// TokenClaimant is a dialect that claims POST /oauth/token.
type TokenClaimant interface {
	TokenClaims() []TokenClaim
}

// owned is a claim with the dialect that answers for it.
type owned struct {
	TokenClaim

	dialect string
}

// mountShared adds the routes that belong to no dialect alone.
func (p *pipeline) mountShared(mux *web.Mux) {
	var claims []owned
	for _, d := range p.Dialects {
		if c, ok := d.(TokenClaimant); ok {
			for _, claim := range c.TokenClaims() {
				claims = append(claims, owned{claim, d.Name()})
			}
		}
	}
	if len(claims) == 0 {
		return
	}
	slices.SortStableFunc(claims, func(a, b owned) int { return cmp.Compare(a.Rank, b.Rank) })
	mux.Handle(web.Route{
		Method: http.MethodPost, Pattern: "/oauth/token", Dialect: claims[len(claims)-1].dialect,
		Public: true, Door: "oauth_token", Audit: "token.issue", Secret: true,
		Summary: "Exchange a long-lived secret, a code or a refresh token for an access token.",
		Serve:   func(w http.ResponseWriter, r *http.Request, _ authority.Caller) error { return share(w, r, claims) },
	})
}

// share finds whose request this is. From then on it is that dialect's: in
// errors, log and audit.
func share(w http.ResponseWriter, r *http.Request, claims []owned) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	mine := claims[len(claims)-1]
	for _, c := range claims {
		if c.Match(r, form) {
			mine = c
			break
		}
	}
	web.ExchangeOf(r.Context()).Dialect = mine.dialect
	return mine.Serve(w, r, form)
}
