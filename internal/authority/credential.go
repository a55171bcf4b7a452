package authority

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"propusk/internal/spelling"
)

// presentedSecret is a long-lived secret as a door received it.
type presentedSecret struct {
	kind     CredentialKind
	clientID string
	secret   Secret
}

// Client authenticates a client without issuing anything, for introspection and
// revocation. Errors: InvalidClient, LimitExceeded, Unavailable.
func (a *Authority) Client(ctx context.Context, o Origin, kind CredentialKind, clientID string, secret Secret) (Caller, error) {
	s, err := a.standing(ctx, VerbAuthenticate, o, presentedSecret{kind, clientID, secret})
	if err != nil {
		return Caller{}, err
	}
	a.touches.credential(s.Credential.ID, a.now(), addressText(o))
	return Caller{state: newCallerState(s), origin: o, cred: s.Credential.ID}, nil
}

// standing finds and compares a secret, within the limit on refused attempts.
// Everything wrong is refused alike; the audit holds the reason.
func (a *Authority) standing(ctx context.Context, verb string, o Origin, p presentedSecret) (Standing, error) {
	at := Attempt{Origin: o, Client: string(p.kind) + "/" + spelling.Fold(p.clientID), Proof: p.secret}
	if p.clientID == "" {
		at.Client = a.digestClient(o.Stand, p.secret)
	}
	var s Standing
	err := a.attempt(ctx, verb, at, func() error {
		found, reason, err := a.compareKnown(ctx, o, p)
		if err == nil && reason != "" {
			err = a.refuse(o, verb, wrongSecret(p.kind), refusal{reason: reason, standing: found})
		}
		s = found
		return err
	})
	return s, err
}

// attempt runs try within the limit on refused attempts.
func (a *Authority) attempt(ctx context.Context, verb string, at Attempt, try func() error) error {
	ran := false
	err := a.attempts.Do(ctx, at, func() error {
		ran = true
		return try()
	})
	if !ran && CodeOf(err) == LimitExceeded {
		return a.refuse(at.Origin, verb, err, refusal{reason: "too_many_attempts"})
	}
	return err
}

// digestClient names a presented secret without keeping it.
func (a *Authority) digestClient(stand Stand, secret Secret) string {
	versions := a.writer.ring.Versions(string(stand), useCredentials)
	if len(versions) == 0 {
		return "secret"
	}
	d, err := a.writer.ring.Digest(string(stand), versions[0], []byte("attempt"), []byte(secret.Reveal()))
	if err != nil {
		return "secret"
	}
	return "secret/" + hex.EncodeToString(d[:16])
}

// compare gives the standing behind a secret, or why it is refused.
func (a *Authority) compare(ctx context.Context, o Origin, p presentedSecret) (Standing, string, error) {
	if p.kind == Password {
		return a.comparePassword(ctx, o, p)
	}
	candidates, err := a.candidates(ctx, o.Stand, p)
	if err != nil && CodeOf(err) != NotFound {
		return Standing{}, "", err
	}
	if len(candidates) == 0 {
		// The same work as for a known one, so that time tells nothing.
		candidates = []Standing{{Digest: make([]byte, 32), Pepper: a.newestPepper(o.Stand)}}
	}
	for _, s := range candidates {
		match, err := a.matches(o.Stand, p, s)
		if err != nil {
			return Standing{}, "", err
		}
		if match {
			return s, a.standingRefusal(o, s), a.repepper(ctx, o.Stand, p, s)
		}
	}
	return Standing{}, "unknown_or_wrong", nil
}

// candidates finds rows whose secret p could be.
func (a *Authority) candidates(ctx context.Context, stand Stand, p presentedSecret) ([]Standing, error) {
	if p.clientID != "" {
		return a.ports.Credentials.CredentialsByClient(ctx, stand, p.kind, p.clientID)
	}
	text := p.secret.Reveal()
	if id, ok := parseSecretText(p.kind, text); ok {
		return one(a.ports.Credentials.CredentialByID(ctx, stand, p.kind, id))
	}
	if strings.HasPrefix(text, textPrefix+"_") || text == "" {
		return nil, nil // ours by its look, and its check is wrong
	}
	var digests [][]byte
	for _, version := range a.writer.ring.Versions(string(stand), useCredentials) {
		d, err := a.digest(stand, version, p.kind, p.secret)
		if err != nil {
			return nil, err
		}
		digests = append(digests, d)
	}
	return one(a.ports.Credentials.CredentialByDigest(ctx, stand, p.kind, digests))
}

func one(s Standing, err error) ([]Standing, error) {
	if err != nil {
		return nil, err
	}
	return []Standing{s}, nil
}

func (a *Authority) matches(stand Stand, p presentedSecret, s Standing) (bool, error) {
	d, err := a.digest(stand, s.Pepper, p.kind, p.secret)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(d, s.Digest) == 1 && s.Credential.ID != 0, nil
}

// digest is the keyed hash of a secret under one version of the pepper.
func (a *Authority) digest(stand Stand, version int, kind CredentialKind, secret Secret) ([]byte, error) {
	return NewDigests(a.writer.ring).under(stand, version, kind, secret)
}

// Digest is the keyed hash under which a new secret is stored, and the version
// of its pepper.
func (a *Authority) Digest(stand Stand, kind CredentialKind, secret Secret) (digest []byte, version int, err error) {
	return NewDigests(a.writer.ring).Digest(stand, kind, secret)
}

func (a *Authority) newestPepper(stand Stand) int { return NewDigests(a.writer.ring).newest(stand) }

// repepper moves a stored hash to the newest pepper when its secret passes by.
func (a *Authority) repepper(ctx context.Context, stand Stand, p presentedSecret, s Standing) error {
	version := a.newestPepper(stand)
	if s.Pepper == version {
		return nil
	}
	d, err := a.digest(stand, version, p.kind, p.secret)
	if err != nil {
		return err
	}
	return a.ports.Credentials.Rehash(ctx, Rehash{
		Credential: s.Credential.ID, Revision: s.Revision, Digest: d, Pepper: version,
	})
}

func (a *Authority) comparePassword(ctx context.Context, o Origin, p presentedSecret) (Standing, string, error) {
	found, err := a.ports.Credentials.CredentialsByClient(ctx, o.Stand, Password, spelling.Fold(p.clientID))
	if err != nil && CodeOf(err) != NotFound {
		return Standing{}, "", err
	}
	var s Standing
	if len(found) > 0 {
		s = found[0]
	}
	match, stale, err := a.passwords.Check(ctx, s.Hash, p.secret)
	if err != nil {
		return Standing{}, "", err
	}
	if !match {
		return s, "unknown_or_wrong", nil
	}
	if stale {
		hash, err := a.passwords.Hash(ctx, p.secret)
		if err != nil {
			return Standing{}, "", err
		}
		err = a.ports.Credentials.Rehash(ctx, Rehash{Credential: s.Credential.ID, Revision: s.Revision, Hash: hash})
		if err != nil {
			return Standing{}, "", err
		}
	}
	return s, a.standingRefusal(o, s), nil
}

// standingRefusal judges what a matching secret may open from this origin.
func (a *Authority) standingRefusal(o Origin, s Standing) string {
	if p, err := a.profile(o.Dialect); err == nil && p.Sessions {
		s.Principal.KeysOff = false
	}
	if reason := s.Refusal(a.now()); reason != "" {
		return reason
	}
	if s.Credential.Application != "" && s.Credential.Application != o.Dialect {
		return "credential_of_other_dialect"
	}
	if !addressAllowed(s.Credential, o) {
		return "address_not_allowed"
	}
	return ""
}

func addressAllowed(c Credential, o Origin) bool {
	for _, prefix := range c.Allow {
		if prefix.Contains(o.Address.Unmap()) {
			return true
		}
	}
	return len(c.Allow) == 0
}

// wrongSecret is the one answer to everything that is wrong with a secret.
func wrongSecret(kind CredentialKind) *Error {
	switch kind {
	case AccessKey, ApplicationSecret:
		return E(InvalidClient, "client authentication failed")
	case Password:
		return E(InvalidGrant, "wrong login or password")
	case ServiceToken, AuthorizationToken:
		return E(InvalidGrant, "the token is not valid")
	}
	return E(InvalidGrant, "the credential is not valid")
}

func addressText(o Origin) string {
	if !o.Address.IsValid() {
		return ""
	}
	return o.Address.Unmap().String()
}
