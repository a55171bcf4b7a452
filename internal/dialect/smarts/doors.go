package smarts

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// doorRoutes are the ways to a token below prefix. POST /oauth/token itself is
// shared with others (TokenClaims).
func (d *Dialect) doorRoutes(prefix string) []web.Route {
	var out []web.Route
	for _, path := range []string{"/api/session", "/api/v1/session"} {
		if !d.NoQuery {
			out = append(out, web.Route{
				Method: http.MethodGet, Pattern: path, Public: true, Secret: true, NoHead: true,
				Door: doorQuery, Audit: authority.VerbIssue, Request: queryFields{}, Response: answer{},
				Summary: "Exchange login and password, sent in the address, for tokens.", Serve: d.byQuery,
			})
		}
		out = append(out, d.formRoute(path))
	}
	out = append(out, d.formRoute("/api/session/oauth/token"))
	if prefix != "" {
		out = append(out, d.formRoute("/oauth/token"))
	}
	return out
}

func (d *Dialect) formRoute(path string) web.Route {
	return web.Route{
		Method: http.MethodPost, Pattern: path, Public: true, Secret: true,
		Door: doorPassword, Audit: authority.VerbIssue, Request: formFields{}, Response: answer{},
		Summary: "Exchange login and password, or a refresh token, for tokens.", Serve: d.byForm,
	}
}

// queryFields documents the query door; byQuery reads it.
type queryFields struct {
	Username string `query:"username"`
	Login    string `query:"login"`
	Password string `query:"password"`
}

// formFields documents the form doors; byForm reads them.
type formFields struct {
	GrantType    string `form:"grant_type" required:"true" enum:"password,refresh_token" example:"password"`
	ClientID     string `form:"client_id"`
	ClientSecret string `form:"client_secret"`
	Username     string `form:"username"`
	Login        string `form:"login"`
	Password     string `form:"password"`
	RefreshToken string `form:"refresh_token"`
}

// answer hands out tokens, in the spelling that the documentation prints.
type answer struct {
	AccessToken  string `json:"Access_token"`
	TokenType    string `json:"Token_type"`
	ExpiresIn    int64  `json:"Expires_in"` // seconds
	RefreshToken string `json:"Refresh_token"`
}

// byQuery serves the door that takes a password in the address. Nothing behind
// it sees the address with the password in it, nor does a page that is left for
// another.
func (d *Dialect) byQuery(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	f, err := web.TakeQuery(r)
	w.Header().Set("Referrer-Policy", "no-referrer")
	if err == nil {
		f, err = f.Fold()
	}
	if err != nil {
		return err
	}
	return d.issue(w, r, doorQuery, f)
}

// byForm serves the doors that take a form, or JSON with the same names.
func (d *Dialect) byForm(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	f, err := dialect.ReadEither(r, texts())
	if err != nil {
		return err
	}
	return d.grant(w, r, f)
}

// texts are the parameters that are strings in JSON, too. A client id may be a
// number, as the documentation prints one.
func texts() []string {
	return []string{"grant_type", "username", "login", "password", "refresh_token", "client_secret"}
}

// TokenClaims implements dialect.TokenClaimant (rule 14).
func (d *Dialect) TokenClaims() []dialect.TokenClaim {
	return []dialect.TokenClaim{
		{Rank: dialect.RankRefreshToken, JSON: true, Texts: texts(), Fold: true, Serve: d.grant},
		{Rank: dialect.RankPassword, JSON: true, Texts: texts(), Fold: true, Serve: d.grant},
	}
}

// grant serves what a form asks for. Client fields are not looked at, because the
// documentation does not say where they come from, unless the account asks for
// registered ones.
func (d *Dialect) grant(w http.ResponseWriter, r *http.Request, f web.Form) error {
	f, err := f.Fold() // as the real server does
	if err != nil {
		return err
	}
	switch f["grant_type"] {
	case "password":
		return d.issue(w, r, doorPassword, f)
	case "refresh_token":
		return d.refresh(w, r, f)
	case "":
		return missing("grant_type")
	}
	return authority.E(authority.UnsupportedGrantType, "grant_type must be password or refresh_token")
}

func missing(field string) error {
	return authority.E(authority.InvalidRequest, field+" is missing").With("field", field)
}

// issue exchanges a pair.
func (d *Dialect) issue(w http.ResponseWriter, r *http.Request, door string, f web.Form) error {
	username, login := f["username"], f["login"]
	switch {
	case username != "" && login != "" && username != login:
		return authority.E(authority.InvalidRequest, "username and login differ; send one of them")
	case username == "" && login == "":
		return missing("username")
	case f["password"] == "":
		return missing("password")
	}
	at, err := d.home(r)
	if err != nil {
		return err
	}
	origin := web.OriginOf(r.Context())
	origin.Door = door
	return hand(w)(d.Core.Issue(r.Context(), authority.IssueRequest{
		Origin: origin, Kind: authority.Password, ClientID: cmp.Or(username, login), Secret: f.Secret("password"),
		Admit: func(h authority.Holder) error {
			if !at.is(h.Account.ID) {
				return authority.E(authority.InvalidGrant, "wrong login or password")
			}
			if slices.Contains(h.Account.Settings.DoorsOff[Name], door) {
				return authority.E(authority.Forbidden, "this way in is shut; send the password in a form")
			}
			if door == doorPassword {
				if err := d.registered(r, h.Account, f); err != nil {
					return err
				}
			}
			return admit(h.Principal)
		},
	}))
}

// registered asks for an application of the account, where the account takes
// passwords through those alone: in the fields, or by Basic as RFC 6749 §2.3.1
// has it.
func (d *Dialect) registered(r *http.Request, a authority.Account, f web.Form) error {
	if !a.Settings.Clients[Name] {
		return nil
	}
	client, err := dialect.ShownClient(r, f)
	if err != nil {
		return err
	}
	c, err := d.application(r.Context(), client)
	if err == nil && c.Account().ID != a.ID {
		err = authority.E(authority.InvalidClient, "client authentication failed")
	}
	return err
}

// application lets in an application of any dialect: it vouches for where a
// password is shown, and gets no token here. It is judged where it was registered.
func (d *Dialect) application(ctx context.Context, client dialect.Client) (authority.Caller, error) {
	origin := web.OriginOf(ctx)
	origin.Door = doorPassword
	known, err := d.Core.Registered(ctx, origin.Stand, client.ID)
	if err != nil && authority.CodeOf(err) != authority.NotFound {
		return authority.Caller{}, err
	}
	if err == nil && known.Kind == authority.ApplicationSecret {
		origin.Dialect = cmp.Or(known.Dialect, origin.Dialect)
	}
	return d.Core.ApplicationClient(ctx, origin, client.ID, client.Secret)
}

// refresh exchanges a refresh token. Who has left the groups that the API is open
// to gets nothing more.
func (d *Dialect) refresh(w http.ResponseWriter, r *http.Request, f web.Form) error {
	if f["refresh_token"] == "" {
		return missing("refresh_token")
	}
	at, err := d.home(r)
	if err != nil {
		return err
	}
	origin := web.OriginOf(r.Context())
	origin.Door = doorRefresh
	out, err := d.Core.Refresh(r.Context(), authority.RefreshRequest{Origin: origin, Token: f.Secret("refresh_token")})
	if err == nil && !at.is(out.Caller.Account().ID) {
		err = authority.E(authority.InvalidGrant, "the refresh token is not valid")
	}
	if err == nil {
		err = d.registered(r, out.Caller.Account(), f)
	}
	if err == nil {
		err = admit(out.Caller.Principal())
	}
	return hand(w)(out, err)
}

// home is the account whose prefix a door has.
type home struct {
	any     bool
	account authority.ID
}

func (h home) is(account authority.ID) bool { return h.any || h.account == account }

// home finds the account of the prefix; one that nobody has is nobody's home, and
// refused as a wrong password is.
func (d *Dialect) home(r *http.Request) (home, error) {
	contract := r.PathValue(contractValue)
	if contract == "" {
		return home{any: true}, nil
	}
	account, err := d.contract(r.Context(), contract)
	return home{account: account.ID}, err
}

func (d *Dialect) contract(ctx context.Context, contract string) (authority.Account, error) {
	account, err := d.Core.AccountFor(ctx, web.OriginOf(ctx), "", contract)
	if authority.CodeOf(err) == authority.NotFound {
		return authority.Account{}, nil
	}
	return account, err
}

// hand writes tokens.
func hand(w http.ResponseWriter) func(authority.Issued, error) error {
	return func(i authority.Issued, err error) error {
		if err != nil {
			return err
		}
		w.Header()["Pragma"] = []string{"no-cache"} // RFC 6749 §5.1
		return web.Encode(w, answer{
			AccessToken: i.Access.Reveal(), TokenType: "bearer", ExpiresIn: int64(i.ExpiresIn / time.Second),
			RefreshToken: i.Refresh.Reveal(),
		})
	}
}
