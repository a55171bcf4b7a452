package oauth

import (
	"net/http"
	"strconv"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// TokenForm is what introspection and revocation take, beside client
// authentication. RFC 7662 §2.1, RFC 7009 §2.1.
type TokenForm struct {
	Token string `form:"token"           required:"true"`
	Hint  string `form:"token_type_hint"` // ignored: a token says itself what it is

	ClientID     string           `form:"client_id"` // unless Basic is sent
	ClientSecret authority.Secret `form:"client_secret"`
}

// Introspection is the answer about a token; Active alone when it is dead,
// unknown or not the client's to see. RFC 7662 §2.2.
type Introspection struct {
	Active    bool     `json:"active"`
	Scope     string   `json:"scope,omitempty"`
	ClientID  string   `json:"client_id,omitempty"`
	Username  string   `json:"username,omitempty"`
	TokenType string   `json:"token_type,omitempty"` // "Bearer", of access tokens
	Expires   int64    `json:"exp,omitempty"`        // seconds since 1970, as is iat
	Issued    int64    `json:"iat,omitempty"`
	Subject   string   `json:"sub,omitempty"`
	Issuer    string   `json:"iss,omitempty"`
	TokenID   string   `json:"jti,omitempty"`
	Propusk   *Details `json:"propusk,omitempty"`
}

// Details are what the RFC has no member for.
type Details struct {
	Dialect   string `json:"dialect"`
	Kind      string `json:"kind"`      // "access", "refresh" or "id"
	Account   string `json:"account"`   // id
	Principal string `json:"principal"` // "user", "service_user" or "application"
}

// SetHeaders implements web.Headerer.
func (Introspection) SetHeaders(h http.Header) { noStore(h) }

// introspect serves POST /oauth/introspect.
func (d *Dialect) introspect(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	caller, token, err := d.asked(r)
	if err != nil {
		return err
	}
	found, err := d.core.Introspect(r.Context(), caller, token)
	if err != nil {
		return err
	}
	return web.Encode(w, describe(found))
}

// revoke serves POST /oauth/revoke. What is not there or not the client's ends
// in 200 too: the client cannot do anything about it (RFC 7009 §2.2).
func (d *Dialect) revoke(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	caller, token, err := d.asked(r)
	if err != nil {
		return err
	}
	if err := d.core.RevokeToken(r.Context(), caller, token); err != nil {
		return err
	}
	noStore(w.Header())
	w.Header()["Content-Length"] = []string{"0"}
	w.WriteHeader(http.StatusOK)
	return nil
}

// asked authenticates the client and gives the token that it asks about.
func (d *Dialect) asked(r *http.Request) (authority.Caller, authority.Secret, error) {
	form, err := web.ReadForm(r)
	if err != nil {
		return authority.Caller{}, authority.Secret{}, err
	}
	caller, err := d.client(r, form)
	if err != nil {
		return authority.Caller{}, authority.Secret{}, err
	}
	token := form.Secret("token")
	if token.Empty() {
		return authority.Caller{}, authority.Secret{}, authority.E(authority.InvalidRequest, "token is missing")
	}
	return caller, token, nil
}

// client authenticates the client of a request.
func (d *Dialect) client(r *http.Request, f web.Form) (authority.Caller, error) {
	shown, err := dialect.ReadClient(r, f)
	if err != nil {
		return authority.Caller{}, err
	}
	ex := web.ExchangeOf(r.Context())
	known, err := d.clients.Find(r.Context(), ex.Stand, shown.ID)
	if err != nil {
		return authority.Caller{}, err
	}
	caller, err := d.core.AnyClient(r.Context(), ex.Origin(), known.Registration, shown.ID, shown.Secret)
	ex.Account, ex.Principal = caller.Account().ID, caller.Principal().ID
	return caller, err
}

func describe(i authority.Introspection) Introspection {
	if !i.Active {
		return Introspection{}
	}
	out := Introspection{
		Active: true, Scope: writeScope(i.Scope), ClientID: i.ClientID, Username: i.Username,
		Expires: i.Expires.Unix(), Issued: i.Issued.Unix(), Subject: idText(i.Subject),
		Issuer: i.Issuer, TokenID: i.TokenID,
		Propusk: &Details{
			Dialect: i.Dialect, Kind: i.Kind.String(), Account: idText(i.Account.ID), Principal: string(i.Principal.Kind),
		},
	}
	if i.Kind == authority.AccessToken {
		out.TokenType = "Bearer"
	}
	return out
}

func idText(id authority.ID) string { return strconv.FormatInt(int64(id), 10) }
