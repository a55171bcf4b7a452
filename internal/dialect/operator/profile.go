package operator

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/keys"
)

// The levels of a token, as its roles claim names them.
const (
	roleAuthorization = "api:integrationapi:authorization"
	roleAccess        = "api:integrationapi:access"
	roleRefresh       = "api:integrationapi:refresh"
)

// Profile is what the dialect declares of its tokens: an authorization token is
// exchanged for a JWT of 24 hours and one of 25; the next pair ends the former at
// once (docs/dialects/operator.md §1).
func Profile() authority.Profile {
	token := func(lifetime time.Duration) authority.TokenSpec {
		return authority.TokenSpec{Form: authority.JWT, Algorithm: keys.RS256, Typ: "JWT", Lifetime: lifetime}
	}
	return authority.Profile{
		Dialect:     Name,
		Credentials: []authority.CredentialKind{authority.AuthorizationToken},
		Access:      token(24 * time.Hour),
		Refresh:     token(25 * time.Hour),
		Family:      180 * 24 * time.Hour,
		Single:      true,
		Integration: []authority.Permission{calls.CallsList, calls.RecordRead},
		Claims:      claims,
		Secret:      secretClaims,
	}
}

// claims are the documented ones of a token of a pair. Its parent is what it was
// exchanged for: the authorization token, or the refresh token before.
func claims(f authority.TokenFacts) map[string]any {
	role := roleAccess
	if f.Kind == authority.RefreshToken {
		role = roleRefresh
	}
	parent := credentialToken(f.Grant.Credential)
	if f.Generation > 0 {
		parent = pairToken(f.Grant.ID, f.Generation-1, authority.RefreshToken)
	}
	return documented(role, pairToken(f.Grant.ID, f.Generation, f.Kind), parent, f.Account, f.Grant.Principal)
}

// secretClaims are those of an authorization token. It is a secret, so unlike
// the others it holds what nobody can work out.
func secretClaims(f authority.SecretFacts) map[string]any {
	out := documented(roleAuthorization, credentialToken(f.Credential.ID), "", f.Account, f.Credential.Principal)
	out["iss"], out["iat"] = f.Issuer, f.Credential.Created.Unix()
	out["nonce"] = rand.Text() + rand.Text() // 260 bits
	if !f.Credential.Expires.IsZero() {
		out["exp"] = f.Credential.Expires.Unix()
	}
	return out
}

func documented(role, id, parent string, a authority.Account, principal authority.ID) map[string]any {
	subject := strconv.FormatInt(int64(principal), 10)
	return map[string]any{
		"token_id": id, "p_token_id": parent, "roles": role, "sub": subject, "contract": a.Contract, "app": subject,
	}
}

// credentialToken names an authorization token.
func credentialToken(id authority.ID) string {
	return uuid("authorization", strconv.FormatInt(int64(id), 10))
}

// pairToken names a token of a pair.
func pairToken(grant authority.ID, generation uint32, kind authority.TokenKind) string {
	return uuid(kind.String(), authority.EncodeGrant(grant)+"."+strconv.FormatUint(uint64(generation), 10))
}

// uuid gives the name of a token in the documented form: it follows from what
// the token is, so that the same token always has the same. RFC 9562 §5.8.
func uuid(level, id string) string {
	sum := sha256.Sum256([]byte(Name + "\x00" + level + "\x00" + id))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	text := hex.EncodeToString(sum[:16])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}
