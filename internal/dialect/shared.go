package dialect

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// The paths that several APIs document.
const (
	tokenPattern     = "/oauth/token"
	authorizePattern = "/oauth/authorize"
)

// TokenClaim is one dialect's claim on POST /oauth/token, which several APIs
// document (rule 14). Claims are asked in the order of Rank; the first that
// takes the request serves it and no other is tried, whatever comes of it. What
// nobody takes is refused by the first claim of RankAnything or behind it.
type TokenClaim struct {
	Rank int
	// Clients says, with RankApplication, which clients are the dialect's: the
	// request's client id is looked up once and for all claims.
	Clients func(authority.Registration) bool
	// Match asks more than the rank does; nil = nothing more.
	Match func(r *http.Request, f web.Form) bool
	// JSON takes bodies of JSON too; they arrive as the form they stand for. Members
	// named in Texts must be strings.
	JSON  bool
	Texts []string
	// Fold takes names of parameters in any case. Claims that do are asked once
	// more about what nobody takes as it is written.
	Fold  bool
	Serve func(w http.ResponseWriter, r *http.Request, f web.Form) error
}

// The ranks of rule 14.
const (
	RankApplication  = 10 // client id of an application of the dialect: see Clients
	RankRefreshToken = 20 // a refresh token that the dialect issued
	RankPassword     = 30 // grant_type password or refresh_token
	RankAnything     = 40 // whatever is left
	RankElse         = 50 // likewise, where nobody claims RankAnything
)

// TokenClaimant is a dialect that claims POST /oauth/token.
type TokenClaimant interface {
	TokenClaims() []TokenClaim
}

// Refreshes tells who issued a refresh token; *authority.Authority does.
type Refreshes interface {
	RefreshDialect(ctx context.Context, stand authority.Stand, token authority.Secret) (dialect string, ok bool, err error)
}

// owned is a claim with the dialect that answers for it.
type owned struct {
	TokenClaim

	dialect string
}

// tokenPath serves POST /oauth/token.
type tokenPath struct {
	claims    []owned // by rank
	clients   *Clients
	refreshes Refreshes
	names     map[string]Dialect // that are switched on
}

// mountShared adds the routes that belong to no dialect alone.
func (p *pipeline) mountShared(mux *web.Mux) {
	t := &tokenPath{clients: p.Clients, refreshes: p.Refreshes, names: p.names}
	for _, d := range p.Dialects {
		if c, ok := d.(TokenClaimant); ok {
			for _, claim := range c.TokenClaims() {
				t.claims = append(t.claims, owned{claim, d.Name()})
			}
		}
	}
	if len(t.claims) == 0 {
		return
	}
	slices.SortStableFunc(t.claims, func(a, b owned) int { return cmp.Compare(a.Rank, b.Rank) })
	mux.Handle(web.Route{
		Method: http.MethodPost, Pattern: tokenPattern, Dialect: t.last().dialect,
		Public: true, Door: "oauth_token", Audit: "token.issue", Secret: true,
		Summary: "Exchange a long-lived secret, a code or a refresh token for an access token.",
		Serve:   func(w http.ResponseWriter, r *http.Request, _ authority.Caller) error { return t.serve(w, r) },
	})
	p.mountAuthorize(mux, t)
}

// last is the claim that refuses what nobody takes.
func (t *tokenPath) last() owned {
	for _, c := range t.claims {
		if c.Rank >= RankAnything {
			return c
		}
	}
	return t.claims[len(t.claims)-1]
}

// serve finds whose request this is. From then on it is that dialect's: in
// errors, log and audit.
func (t *tokenPath) serve(w http.ResponseWriter, r *http.Request) error {
	form, asJSON, err := t.read(r)
	if err != nil {
		return err
	}
	mine, err := t.owner(r, form)
	if mine.dialect != "" {
		web.ExchangeOf(r.Context()).Dialect = mine.dialect
	}
	if err != nil {
		return err
	}
	if asJSON && !mine.JSON {
		return notInJSON(mine, form)
	}
	return mine.Serve(w, r, form)
}

func (t *tokenPath) read(r *http.Request) (f web.Form, asJSON bool, err error) {
	var texts []string
	either := false
	for _, c := range t.claims {
		either, texts = either || c.JSON, append(texts, c.Texts...)
	}
	if !either {
		f, err = web.ReadForm(r)
		return f, false, err
	}
	f, err = ReadEither(r, texts)
	return f, web.IsJSON(r), err
}

// ReadEither reads a form, or JSON with the same names, of which texts must be
// strings.
func ReadEither(r *http.Request, texts []string) (web.Form, error) {
	if web.IsJSON(r) {
		return web.ReadJSONForm(r, texts...)
	}
	f, err := web.ReadForm(r)
	if authority.CodeOf(err) == authority.UnsupportedMedia && !web.IsForm(r) {
		err = authority.E(authority.UnsupportedMedia, "the body must be application/x-www-form-urlencoded or application/json")
	}
	return f, err
}

// notInJSON refuses a body of JSON that belongs to mine, which takes forms alone: a
// client or token of another dialect, or a grant that JSON is not taken for.
func notInJSON(mine owned, f web.Form) error {
	if mine.Rank < RankAnything {
		return authority.E(authority.UnsupportedMedia, "the body must be application/x-www-form-urlencoded")
	}
	if folded, err := f.Fold(); err == nil && folded["grant_type"] == "" {
		return authority.E(authority.InvalidRequest, "grant_type is missing").With("field", "grant_type")
	}
	return authority.E(authority.UnsupportedGrantType,
		"in JSON grant_type must be password or refresh_token; any other is sent as application/x-www-form-urlencoded")
}

// asked is what the rules of the ranks look at.
type asked struct {
	known   Known
	refresh string // dialect that issued the refresh token; "" = none of ours
	grant   string
}

// owner asks the claims in order. Nothing is tried twice: a client id that is
// registered and a refresh token that is ours settle it.
func (t *tokenPath) owner(r *http.Request, f web.Form) (owned, error) {
	a, err := t.look(r, f)
	if err != nil {
		return owned{}, err
	}
	c, ok := t.first(a, func(c owned) bool { return c.Match == nil || c.Match(r, f) })
	if !ok {
		c = t.last()
	}
	if c.Rank >= RankAnything {
		if other, ok, err := t.inAnyCase(r, f); ok || err != nil {
			return other, err
		}
	}
	return c, t.final(a, c)
}

// first is the first claim that takes a request and that also is.
func (t *tokenPath) first(a asked, also func(owned) bool) (owned, bool) {
	for _, c := range t.claims {
		if a.takes(c) && also(c) {
			return c, true
		}
	}
	return owned{}, false
}

// inAnyCase asks the claims that read names in any case. What is settled by a client
// id or by another's refresh token, in whatever spelling, is none of theirs.
func (t *tokenPath) inAnyCase(r *http.Request, f web.Form) (owned, bool, error) {
	folded, err := f.Fold()
	if err != nil || maps.Equal(folded, f) {
		return owned{}, false, err
	}
	a, err := t.look(r, folded)
	if err != nil || a.known.Found {
		return owned{}, false, err
	}
	c, ok := t.first(a, func(c owned) bool {
		return c.Fold && (a.refresh == "" || a.refresh == c.dialect) && (c.Match == nil || c.Match(r, folded))
	})
	return c, ok, nil
}

// final refuses what belongs to a dialect that is switched off and would fall to
// c: a client id, and a refresh token, settle whose a request is (rule 14).
func (t *tokenPath) final(a asked, c owned) error {
	off := func(name string) bool { return name != "" && t.names[name] == nil }
	switch {
	case c.Rank == RankApplication:
		return nil
	case a.known.Found && a.known.Kind == authority.ApplicationSecret && off(a.known.Dialect):
		return badClient()
	case c.Rank != RankRefreshToken && off(a.refresh):
		return authority.E(authority.InvalidGrant, "the refresh token is not valid")
	}
	return nil
}

func (t *tokenPath) look(r *http.Request, f web.Form) (a asked, err error) {
	stand := web.OriginOf(r.Context()).Stand
	id := f["client_id"]
	if head, err := BasicClient(r); err == nil && head.ID != "" {
		id = head.ID
	}
	a.grant = f["grant_type"]
	if a.known, err = t.clients.Find(r.Context(), stand, id); err != nil {
		return a, err
	}
	if token := f.Secret("refresh_token"); t.refreshes != nil && !token.Empty() {
		var ours bool
		if a.refresh, ours, err = t.refreshes.RefreshDialect(r.Context(), stand, token); !ours {
			a.refresh = ""
		}
	}
	return a, err
}

// takes is the rule of c's rank.
func (a asked) takes(c owned) bool {
	switch c.Rank {
	case RankApplication:
		return c.Clients == nil || (a.known.Found && c.Clients(a.known.Registration))
	case RankRefreshToken:
		return a.refresh == c.dialect
	case RankPassword:
		return a.grant == "password" || a.grant == "refresh_token"
	}
	return true
}
