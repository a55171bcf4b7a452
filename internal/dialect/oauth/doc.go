// Package oauth is the standard door: the dialect of clients that speak the
// RFCs, and of gateways that ask about tokens of any dialect.
//
//	POST /oauth/token        client_credentials (RFC 6749 §4.4) → RFC 9068 access token
//	POST /oauth/introspect   what a token is worth (RFC 7662)
//	POST /oauth/revoke       a token ends (RFC 7009)
//	GET  /.well-known/…      keys and metadata (RFC 7517, RFC 8414, RFC 9728)
//
// It reads requests and writes answers. Which secret matches, how long a token
// lives and who may ask about it is decided by package authority; whose request
// on the shared token path it is, by package dialect with the claims made here.
// The page for its users is docs/dialects/oauth.md.
package oauth
