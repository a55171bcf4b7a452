package authority

import (
	"context"
	"encoding/json"

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
	payload, err := json.Marshal(profile.Secret(f))
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
