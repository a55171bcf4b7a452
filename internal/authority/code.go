package authority

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"propusk/internal/spelling"
)

// CodeRules is what a dialect declares of authorization codes. RFC 6749 §4.1.
type CodeRules struct {
	// Takes tells which applications of the dialect send users for a code.
	Takes func(application Principal) bool
	// Scope reads the scope that an application asks for; nil = all that the user
	// may.
	Scope func(text string) ([]Permission, error)
	// AnyPort lets applications without a secret be called back on any port of a
	// loopback address that they have registered. RFC 8252 §7.3.
	AnyPort bool
}

// CodeRequest is an authorization request as a browser brought it. RFC 6749
// §4.1.1, RFC 7636 §4.3. Absent and empty are the same.
type CodeRequest struct {
	Stand        Stand
	ResponseType string
	ClientID     string
	RedirectURI  string
	Scope        string
	Challenge    string
	Method       string
}

// CodeInquiry is what is known of a request before anybody was asked.
type CodeInquiry struct {
	Dialect     string
	Application Principal
	Account     Account
	Redirect    string // where answers go, refusals too; "" = nowhere: the request itself cannot be trusted
	Scope       []Permission
	Sent        bool // the request named Redirect
}

// maxCodeText bounds what of a request is stored.
const maxCodeText = 2000

// Inquire judges an authorization request by what its application has
// registered. An error whose CodeInquiry has a Redirect is for the application to
// hear, any other for the user alone: InvalidRequest, UnauthorizedClient,
// UnsupportedGrantType (another response type), InvalidScope, Unavailable.
func (a *Authority) Inquire(ctx context.Context, q CodeRequest) (CodeInquiry, error) {
	s, p, err := a.codeApplication(ctx, q)
	if err != nil {
		return CodeInquiry{}, err
	}
	i := CodeInquiry{Dialect: p.Dialect, Application: s.Principal, Account: s.Account, Sent: q.RedirectURI != ""}
	if i.Redirect, err = p.Codes.redirect(s.Principal, q.RedirectURI); err != nil {
		return i, err
	}
	if q.ResponseType == "" {
		return i, E(InvalidRequest, "response_type is missing; send response_type=code")
	}
	if q.ResponseType != "code" {
		return i, E(UnsupportedGrantType, "the response type served here is code")
	}
	if !p.Codes.Takes(s.Principal) {
		return i, E(UnauthorizedClient, "the type of this application does not get tokens by code")
	}
	if err := q.checkChallenge(s.Principal); err != nil {
		return i, err
	}
	i.Scope, err = p.Codes.Scope(q.Scope)
	return i, err
}

// codeApplication finds the living application behind a client id, and what its
// dialect declares.
func (a *Authority) codeApplication(ctx context.Context, q CodeRequest) (Standing, Profile, error) {
	found, err := a.ports.Credentials.CredentialsByClient(ctx, q.Stand, ApplicationSecret, q.ClientID)
	if err != nil && CodeOf(err) != NotFound {
		return Standing{}, Profile{}, err
	}
	now := a.now()
	for _, s := range found {
		p, err := a.profile(s.Credential.Application)
		if err == nil && p.Codes != nil && s.Principal.Kind == Application && s.Refusal(now) == "" {
			return s, p, nil
		}
	}
	return Standing{}, Profile{}, E(InvalidRequest, "client_id names no application that sends users here").With("parameter", "client_id")
}

// redirect gives the registered address that a request means: text for text but for
// a host in letters beyond ASCII, which both may have as DNS has it; or
// the only one where it names none (RFC 6749 §3.1.2.3, RFC 9700 §2.1).
func (r *CodeRules) redirect(app Principal, sent string) (string, error) {
	registered := app.Traits.RedirectURIs
	switch {
	case sent == "" && len(registered) == 1:
		return spelling.ASCIIAddress(registered[0]), nil
	case sent == "":
		return "", badRedirect("redirect_uri is missing")
	case len(sent) > maxCodeText:
		return "", badRedirect("redirect_uri is too long")
	case slices.ContainsFunc(registered, func(uri string) bool { return spelling.ASCIIAddress(uri) == spelling.ASCIIAddress(sent) }):
		return spelling.ASCIIAddress(sent), nil
	case r.AnyPort && app.Traits.NoSecret && slices.ContainsFunc(registered, func(uri string) bool { return sameButPort(uri, sent) }):
		return sent, nil
	}
	return "", badRedirect("redirect_uri is not one that the application has registered")
}

func badRedirect(message string) *Error {
	return E(InvalidRequest, message).With("parameter", "redirect_uri")
}

// sameButPort reports whether sent is registered, an address of loopback by its
// number, on another port. RFC 8252 §7.3, §8.3.
func sameButPort(registered, sent string) bool {
	for _, host := range []string{"http://127.0.0.1", "http://[::1]"} {
		path, ok := afterPort(registered, host)
		other, too := afterPort(sent, host)
		if ok && too && path == other {
			return true
		}
	}
	return false
}

// afterPort gives what follows scheme, host and port.
func afterPort(uri, host string) (string, bool) {
	rest, ok := strings.CutPrefix(uri, host)
	if !ok || rest == "" {
		return rest, ok
	}
	if rest[0] != ':' {
		return rest, rest[0] == '/' || rest[0] == '?'
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	u, err := url.Parse(uri)
	return rest[end:], err == nil && u.Port() != "" && u.User == nil && u.Fragment == "" && !strings.Contains(uri, "#")
}

// challengeChars is SHA-256 in base64url without padding. RFC 7636 §4.2
const challengeChars = 43

// checkChallenge demands PKCE of applications that cannot keep a secret, and S256
// of all who use it. RFC 7636 §4.4.1, RFC 9700 §2.1.1.
func (q CodeRequest) checkChallenge(app Principal) error {
	switch {
	case q.Challenge == "" && q.Method != "":
		return E(InvalidRequest, "code_challenge is missing")
	case q.Challenge == "" && app.Traits.NoSecret:
		return E(InvalidRequest, "code_challenge is missing: an application without a secret uses PKCE")
	case q.Challenge == "":
		return nil
	case q.Method != "S256":
		return E(InvalidRequest, "code_challenge_method must be S256")
	case len(q.Challenge) != challengeChars || strings.ContainsFunc(q.Challenge, notBase64URL):
		return E(InvalidRequest, "code_challenge must be 43 characters of base64url")
	}
	return nil
}

func notBase64URL(c rune) bool {
	letter := (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
	return !letter && c != '-' && c != '_'
}

const (
	// codeLife is how long a code waits to be exchanged. RFC 6749 §4.1.2
	codeLife = time.Minute
	// codeChars are drawn from 62: 178 bits.
	codeChars = 30
	// keepUsed is how long a code that was exchanged is known, so that a second use
	// ends what the first one got.
	keepUsed = 24 * time.Hour
)

// AuthorizationCode is what is stored of an authorization code. Its text is not: Digest is the
// text's keyed hash.
type AuthorizationCode struct {
	Digest      []byte
	Stand       Stand
	Account     ID
	Principal   ID // the user who approved
	Application ID
	Dialect     string
	ClientID    string
	Redirect    string
	Sent        bool // the request named Redirect; the exchange must too
	Scope       []Permission
	Challenge   string // "" = none
	Consent     ID
	Epoch       uint64
	Position    Position // of the feed, when it was made
	Expires     time.Time
	Used        time.Time // zero = not yet
	Grant       ID        // that it was exchanged for

	Mark      Position // highest revoke of user, application or account, as it was read
	Consented bool     // the consent was there, as it was read
}

// AuthorizationCodes keeps authorization codes and what users have consented to. Each method
// is one transaction; on an error nothing has happened.
type AuthorizationCodes interface {
	// AddCode writes a code with epoch and position, and the consent behind it. It
	// lets n.Consent judge the one that is there; a refusal is a RefusedError.
	AddCode(ctx context.Context, n NewCode) error
	// Code reads one by any of the given keyed hashes; NotFound for none.
	Code(ctx context.Context, stand Stand, digests [][]byte) (AuthorizationCode, error)
	// RedeemCode lets r.Refusal judge the code's row once more and writes the
	// grant, as IssueGrant does; a code is exchanged once. A refusal is a
	// RefusedError, and of a code that was exchanged before the grant ends.
	RedeemCode(ctx context.Context, r Redemption) (Grant, error)
	// Consent reads what the user lets the application do; NotFound for nothing.
	Consent(ctx context.Context, user, application ID) (Consent, error)
}

// codeDigests are the keyed hashes that the code's row may have, the newest
// first.
func (a *Authority) codeDigests(stand Stand, code Secret) ([][]byte, error) {
	var all [][]byte
	for _, version := range a.writer.ring.Versions(string(stand), useCredentials) {
		sum, err := a.writer.ring.Digest(string(stand), version, []byte("authorization_code"), []byte(code.Reveal()))
		if err != nil {
			return nil, Wrap(Unavailable, "no key to compare with", err)
		}
		all = append(all, sum[:])
	}
	if len(all) == 0 {
		return nil, E(Unavailable, "no key to compare with")
	}
	return all, nil
}
