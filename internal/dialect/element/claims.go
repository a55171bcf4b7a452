package element

import (
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"

	"propusk/internal/authority"
)

// literal is the shape of an account that wants the answers of the source
// document to the letter, and the setting that chooses it.
const (
	literalShape   = "literal"
	literalSetting = "literal-response"
)

// What the source document prints in the place of a token and of its hash. The
// first is never accepted as a bearer: it is no token (RFC 6750 §2.1).
const (
	notImplemented     = "Not implemented"
	hashNotImplemented = "AccessToken hash (not implemented)"
)

func literal(a authority.Account) bool { return a.Settings.Shape[Name] == literalShape }

// subject is what the claim sub holds, as a string of JSON.
type subject struct {
	UserID       string   `json:"user-id"`
	UserListID   string   `json:"user-list-id"`
	Presentation string   `json:"user-presentation"`
	Identity     identity `json:"auth-identity"`
}

// identity says what the token was got with.
type identity struct {
	Name   string `json:"name"` // the Client-Id
	Domain string `json:"domain"`
}

// claims gives the dialect's own claims. The presentation is a name that people
// choose, so sub is made by an encoder (B10).
func claims(f authority.TokenFacts) map[string]any {
	sub, err := json.Marshal(subject{
		UserID: formatUUID(f.Principal.ID), UserListID: formatUUID(listOf(f.Principal)), Presentation: f.Principal.Name,
		Identity: identity{Name: f.ClientID, Domain: "user_tokens"},
	})
	if err != nil {
		return nil // strings alone: it does not fail
	}
	hash := hashNotImplemented
	if !literal(f.Account) {
		hash = accessHash(f.Access)
	}
	return map[string]any{"sub": string(sub), "aud": f.ClientID, "at_hash": hash}
}

// accessHash binds an id token to the access token beside it: the left half of
// the hash that goes with RS512. OpenID Connect Core §3.1.3.6.
func accessHash(access string) string {
	sum := sha512.Sum512([]byte(access))
	return base64.RawURLEncoding.EncodeToString(sum[:sha512.Size/2])
}

// listOf names the user list that holds p: the one of its account, or that of
// the application whose user it is.
func listOf(p authority.Principal) authority.ID {
	if p.Of != 0 {
		return p.Of
	}
	return p.Account
}
