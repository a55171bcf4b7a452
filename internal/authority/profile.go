package authority

import (
	"time"

	"propusk/internal/keys"
)

// Form is how a token is written.
type Form uint8

// The forms.
const (
	NoToken Form = iota // the dialect has no such token
	JWT                 // compact JWS, RFC 7519
	Sealed              // self-verifying opaque text without documented length
	Short               // 30 alphanumerics: 10 of grant id, 20 of tag
)

// TokenSpec says how a dialect writes one kind of token and how long the
// documented API lets it live.
type TokenSpec struct {
	Form      Form
	Algorithm keys.Algorithm // with JWT
	Typ       string         // with JWT: header member typ; "" leaves it out
	Lifetime  time.Duration  // documented default; an account may choose another for access tokens
}

// Profile is what a dialect declares of its tokens. The core decides by it; a
// dialect never computes a lifetime or a token itself.
type Profile struct {
	Dialect     string
	Credentials []CredentialKind // what it exchanges
	Access      TokenSpec
	Refresh     TokenSpec
	ID          TokenSpec
	// Basic lists what a pair of login and secret on any call may be; empty = the
	// dialect takes no Basic.
	Basic []CredentialKind
	// WeakDoors lists the ways in whose use is counted per credential, because
	// they should be given up: a secret in the query, a password in the clear.
	DoorsOff  []string // of those below, what an account can shut
	WeakDoors []string
	// Guest is what the guest of an account may whose authorization is off;
	// empty = the dialect has no guest.
	Guest []Permission
	// ByGroup is what its users may whatever roles they have, for those who ask what
	// a token is worth; nil = nothing.
	ByGroup func(Principal) []Permission
	// Integration is what an account may through its authorization token, until
	// somebody changes the role that it is given.
	Integration []Permission
	// HexClients writes ids and secrets of its applications as 32 lower-case
	// hexadecimal digits each, as its documentation has them.
	HexClients bool
	// Secret gives the claims of a long-lived secret that the dialect documents
	// as a JWT, besides iss, iat, exp and a random jti; nil = its secrets have no
	// such form. See Authority.SecretText.
	Secret func(SecretFacts) map[string]any
	// Sessions says that its tokens are sessions of people at pages. A user whose
	// token access is off has them all the same: it is about programs.
	Sessions bool
	// Owned has an application's tokens act as the user who owns it, where it has
	// one: with his rights as they are at each call, and dead with him too.
	Owned bool
	// Reach is what tokens that were got through an application may at most,
	// whoever they act as; nil, as function and as answer, = all.
	Reach func(application Principal) []Permission
	// Codes says how users let its applications act as them; nil = they do not.
	Codes *CodeRules
	// TellsBlocked answers Forbidden with BlockedField to a token that would be
	// good but for its principal's being disabled.
	TellsBlocked bool
	// ReplayWindow is how long a spent refresh token gets the same successor
	// again while that successor is unused; 0 = never.
	ReplayWindow time.Duration
	// Family is how long refreshing may go on from the first issue; 0 = without
	// Refresh.
	Family time.Duration
	// Single makes a new pair kill the former one at once.
	Single bool
	// Scoped writes what the principal may at issue into the scope of grants that
	// ask for none, so that whoever verifies a JWT offline reads it there.
	Scoped bool
	// Audience is the aud claim of JWTs; "" = the issuer.
	Audience string
	// Claims adds the dialect's own claims to a JWT. It must give the same
	// members for the same facts, and for refreshable tokens only from what
	// never changes. It cannot replace a claim of the core, except sub and aud.
	Claims func(TokenFacts) map[string]any
}

// LongestAccess is how long an access token may live at most: a refresh token
// always lives longer (rule 8).
func (p Profile) LongestAccess() time.Duration {
	if p.Refresh.Form == NoToken {
		return maxAccess
	}
	return min(maxAccess, p.Refresh.Lifetime-time.Second)
}

// TokenFacts is what a JWT of a dialect may speak of.
type TokenFacts struct {
	Kind       TokenKind
	Grant      Grant
	Generation uint32
	Issued     time.Time
	Expires    time.Time
	Issuer     string
	ClientID   string
	Account    Account
	Principal  Principal
	Access     string // text of the access token, when Kind is IDToken
}

// SecretFacts is what a long-lived secret in the form of a JWT may speak of.
type SecretFacts struct {
	Credential Credential
	Account    Account
	Issuer     string
}

// Uses names the keys that the profiles need on each stand.
func Uses(profiles []Profile) []keys.Spec {
	var specs []keys.Spec
	for _, stand := range Stands() {
		specs = append(specs,
			keys.Spec{Stand: string(stand), Use: useTokens, Algorithm: keys.MAC},
			keys.Spec{Stand: string(stand), Use: useCredentials, Algorithm: keys.Pepper})
		for _, p := range profiles {
			for _, t := range []TokenSpec{p.Access, p.Refresh, p.ID} {
				if t.Form == JWT {
					specs = append(specs, keys.Spec{
						Stand: string(stand), Use: p.Dialect, Algorithm: t.Algorithm,
					})
					break
				}
			}
		}
	}
	return specs
}

// The uses of symmetric key material.
const (
	useTokens      = "token"
	useCredentials = "credential"
)
