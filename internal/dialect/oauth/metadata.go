package oauth

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"propusk/internal/authority"
	"propusk/internal/keys"
	"propusk/internal/web"
)

// ServerMetadata describes the authorization server: what is there and nothing
// else. RFC 8414 §2.
type ServerMetadata struct {
	Issuer                string   `json:"issuer"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	TokenEndpoint         string   `json:"token_endpoint"`
	JWKSURI               string   `json:"jwks_uri"`
	Scopes                []string `json:"scopes_supported,omitempty"`
	ResponseTypes         []string `json:"response_types_supported"`
	ResponseModes         []string `json:"response_modes_supported"`
	ChallengeMethods      []string `json:"code_challenge_methods_supported"`               // RFC 7636
	NamesIssuer           bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207
	GrantTypes            []string `json:"grant_types_supported"`
	TokenAuth             []string `json:"token_endpoint_auth_methods_supported"`
	RevocationEndpoint    string   `json:"revocation_endpoint"`
	RevocationAuth        []string `json:"revocation_endpoint_auth_methods_supported"`
	IntrospectionEndpoint string   `json:"introspection_endpoint"`
	IntrospectionAuth     []string `json:"introspection_endpoint_auth_methods_supported"`
}

// SetHeaders implements web.Headerer.
func (ServerMetadata) SetHeaders(h http.Header) { cacheable(h) }

// ResourceMetadata describes the APIs as one protected resource. RFC 9728 §2.
type ResourceMetadata struct {
	Resource             string   `json:"resource"`
	AuthorizationServers []string `json:"authorization_servers"`
	Scopes               []string `json:"scopes_supported,omitempty"`
	BearerMethods        []string `json:"bearer_methods_supported"` // the header; rule 3 refuses others
	Name                 string   `json:"resource_name"`
}

// SetHeaders implements web.Headerer.
func (ResourceMetadata) SetHeaders(h http.Header) { cacheable(h) }

// Keys is a JWK Set. RFC 7517 §5.
type Keys struct{ keys.JWKS }

// SetHeaders implements web.Headerer.
func (Keys) SetHeaders(h http.Header) { cacheable(h) }

// cacheable lets keys and metadata be kept for five minutes: no longer than a
// next key is published before it signs.
func cacheable(h http.Header) {
	h["Cache-Control"] = []string{"public, max-age=" + strconv.Itoa(int(keys.JWKSMaxAge/time.Second))}
}

// nothing is the request of routes without parameters.
type nothing struct{}

// mountMetadata adds the documents under /.well-known. They are made when asked
// for: the base URL is known only then.
func (d *Dialect) mountMetadata(mux *web.Mux) {
	server := web.JSON(func(ctx context.Context, _ authority.Caller, _ nothing) (ServerMetadata, error) {
		return d.serverMetadata(standOf(ctx)), nil
	})
	for _, name := range []string{"oauth-authorization-server", "openid-configuration"} {
		mux.Handle(document(name, "Describe the authorization server (RFC 8414).", ServerMetadata{}, server))
	}
	mux.Handle(document("oauth-protected-resource", "Describe the protected resource (RFC 9728).", ResourceMetadata{},
		web.JSON(func(ctx context.Context, _ authority.Caller, _ nothing) (ResourceMetadata, error) {
			return d.resourceMetadata(standOf(ctx)), nil
		})))
	mux.Handle(document("jwks.json", "Give the public keys that verify tokens (RFC 7517).", Keys{},
		web.JSON(func(ctx context.Context, _ authority.Caller, _ nothing) (Keys, error) {
			return Keys{d.keys.JWKS(string(standOf(ctx)), d.signers...)}, nil
		})))
}

// document is the route of one well-known document (RFC 8615).
func document(name, summary string, response any, serve web.Serve) web.Route {
	return web.Route{
		Method: http.MethodGet, Pattern: "/.well-known/" + name, Dialect: Name, Public: true,
		Response: response, Summary: summary, Serve: serve,
	}
}

func standOf(ctx context.Context) authority.Stand { return web.OriginOf(ctx).Stand }

func (d *Dialect) serverMetadata(stand authority.Stand) ServerMetadata {
	issuer := d.issuer(stand)
	methods := []string{"client_secret_basic", "client_secret_post"}
	return ServerMetadata{
		Issuer: issuer, TokenEndpoint: issuer + "/oauth/token", JWKSURI: issuer + "/.well-known/jwks.json",
		AuthorizationEndpoint: issuer + "/oauth/authorize", ResponseTypes: []string{"code"}, ResponseModes: []string{"query"},
		ChallengeMethods: []string{"S256"}, NamesIssuer: true,
		Scopes: d.scopes, GrantTypes: grants(), TokenAuth: append(methods, "none"),
		RevocationEndpoint: issuer + "/oauth/revoke", RevocationAuth: methods,
		IntrospectionEndpoint: issuer + "/oauth/introspect", IntrospectionAuth: methods,
	}
}

func (d *Dialect) resourceMetadata(stand authority.Stand) ResourceMetadata {
	issuer := d.issuer(stand)
	return ResourceMetadata{
		Resource: issuer, AuthorizationServers: []string{issuer}, Scopes: d.scopes,
		BearerMethods: []string{"header"}, Name: "Propusk",
	}
}
