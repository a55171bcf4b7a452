package element

import (
	"net/http"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// The doors of audit entries: what a token was got with.
const (
	doorPanel       = "access_key"
	doorApplication = "application_access_key"
)

// grantClient is the one grant type; its case does not matter.
const grantClient = "client_credentials"

// maxForm bounds the form of a token request: two keys of 44 characters.
const maxForm = 64 << 10

// TokenForm is what the ways in take, for documentation: the key comes by HTTP
// Basic, or in the form.
type TokenForm struct {
	GrantType    string           `form:"grant_type"    required:"true"               enum:"client_credentials" example:"client_credentials"`
	ClientID     string           `form:"client_id"     about:"Unless HTTP Basic is sent"`
	ClientSecret authority.Secret `form:"client_secret" about:"Unless HTTP Basic is sent"`
}

// TokenAnswer is the answer of the ways in. The id token is the bearer; the
// access token belongs to the same grant and is one too.
type TokenAnswer struct {
	IDToken     string `json:"id_token"`
	TokenType   string `json:"token_type"`
	AccessToken string `json:"access_token"`
	ExpiresIn   int64  `json:"expires_in,omitempty" about:"Seconds; left out in the literal shape"`
}

// SetHeaders implements web.Headerer. RFC 6749 §5.1.
func (TokenAnswer) SetHeaders(h http.Header) { h["Pragma"] = []string{"no-cache"} }

// doors are the ways in (docs/dialects/element.md §1).
func (d *Dialect) doors() []web.Route {
	door := func(pattern, name, summary string, serve web.Serve) web.Route {
		return web.Route{
			Method: http.MethodPost, Pattern: pattern, Public: true, Secret: true, MaxBody: maxForm,
			Door: name, Audit: authority.VerbIssue, Request: TokenForm{}, Response: TokenAnswer{},
			Summary: summary, Serve: serve,
		}
	}
	return []web.Route{
		door("/console/sys/token", doorPanel, "Exchange an access key for a token of the control panel.", d.panelToken),
		door("/applications/{id}/sys/token", doorApplication,
			"Exchange the access key of an application's user for a token.", d.applicationToken),
	}
}

// panelToken serves the way in of the panel's users.
func (d *Dialect) panelToken(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	return d.exchange(w, r, func(h authority.Holder) error {
		if h.Principal.Of != 0 {
			return authority.E(authority.Forbidden, "this access key is a user's of an application, not of the control panel")
		}
		return nil
	})
}

// applicationToken serves the way in of an application's users. The answer to
// another application is that to one which is not there.
func (d *Dialect) applicationToken(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	var of uuid
	_ = of.UnmarshalText([]byte(r.PathValue("id"))) // never fails: need tells
	application, err := of.need()
	if err != nil {
		return err
	}
	return d.exchange(w, r, func(h authority.Holder) error {
		switch h.Principal.Of {
		case application:
			return nil
		case 0:
			return authority.E(authority.Forbidden, "this access key is a user's of the control panel, not of an application")
		}
		return authority.E(authority.NotFound, "no such application")
	})
}

// exchange issues tokens for the access key of r to a principal that admit lets
// pass. It is asked only about whose secret was right.
func (d *Dialect) exchange(w http.ResponseWriter, r *http.Request, admit func(authority.Holder) error) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	if err := checkGrant(form["grant_type"]); err != nil {
		return err
	}
	key, err := readKey(r, form)
	if err != nil {
		return err
	}
	ex := web.ExchangeOf(r.Context())
	issued, err := d.Core.Issue(r.Context(), authority.IssueRequest{
		Origin: ex.Origin(), Kind: authority.AccessKey, ClientID: key.ID, Secret: key.Secret, Admit: admit,
	})
	if err != nil {
		return err
	}
	ex.Account, ex.Principal = issued.Caller.Account().ID, issued.Caller.Principal().ID
	return web.Encode(w, answerOf(issued))
}

func answerOf(i authority.Issued) TokenAnswer {
	out := TokenAnswer{
		IDToken: i.ID.Reveal(), TokenType: "Bearer", AccessToken: i.Access.Reveal(), ExpiresIn: int64(i.ExpiresIn / time.Second),
	}
	if literal(i.Caller.Account()) {
		out.AccessToken, out.ExpiresIn = notImplemented, 0
	}
	return out
}

func checkGrant(grant string) error {
	switch {
	case strings.EqualFold(grant, grantClient):
		return nil
	case grant == "":
		return authority.E(authority.InvalidRequest, "grant_type is missing; send grant_type="+grantClient)
	}
	return authority.E(authority.UnsupportedGrantType, "the grant type served here is "+grantClient)
}
