package authority

import (
	"context"
	"encoding/json"
	"maps"

	"propusk/internal/keys"
)

// SecretText writes a long-lived secret whose documented form is a JWT. It is
// signed this once and from then on checked as every other secret: by the keyed
// hash of its whole text, so it lives on when the key is rotated. ok is false
// when the credential's dialect has no such form. Unavailable while there is no
// key.
func (a *Authority) SecretText(ctx context.Context, f SecretFacts) (text Secret, ok bool, err error) {
	profile, err := a.profile(f.Credential.Application)
	if err != nil || profile.Secret == nil {
		return Secret{}, false, nil //nolint:nilerr // without a dialect it has no form of one
	}
	f.Issuer = a.writer.issuer(f.Credential.Stand, profile.Dialect)
	payload, err := json.Marshal(secretClaims(f, profile.Secret(f)))
	if err != nil {
		return Secret{}, true, err
	}
	kid, err := a.signingKey(ctx, f.Credential.Stand, profile.Dialect)
	if err != nil {
		return Secret{}, true, err
	}
	signed, err := a.writer.ring.Sign(kid, keys.Header{Typ: profile.Access.Typ}, payload)
	return NewSecret(signed), true, err
}

// secretClaims adds what every such secret has. It is a secret, so unlike a
// token it holds what nobody can work out (rule 6).
func secretClaims(f SecretFacts, own map[string]any) map[string]any {
	claims := maps.Clone(own)
	claims["iss"], claims["iat"] = f.Issuer, f.Credential.Created.Unix()
	claims["jti"] = randomText(randomChars)
	if !f.Credential.Expires.IsZero() {
		claims["exp"] = f.Credential.Expires.Unix()
	}
	return claims
}
