package authority

import "context"

// Registration is what a client id says of itself before any secret is looked
// at.
type Registration struct {
	Kind    CredentialKind
	Dialect string // that the client was made for; "" = any that takes the kind
}

// clientKinds are the kinds whose secrets have a client id beside them, and are
// no person's. A client id that is registered twice belongs to the first.
func clientKinds() []CredentialKind { return []CredentialKind{ApplicationSecret, AccessKey} }

// Registered finds what clientID was registered as, so that doors which several
// kinds of client share know the one kind to try: never a second one after the
// first has failed. Errors: NotFound for a client id that nobody has or whose
// secrets are all revoked, Unavailable.
func (a *Authority) Registered(ctx context.Context, stand Stand, clientID string) (Registration, error) {
	for _, kind := range clientKinds() {
		found, err := a.ports.Credentials.CredentialsByClient(ctx, stand, kind, clientID)
		if err != nil && CodeOf(err) != NotFound {
			return Registration{}, err
		}
		if len(found) > 0 {
			return Registration{kind, found[0].Credential.Application}, nil
		}
	}
	return Registration{}, E(NotFound, "no such client")
}

// RefreshDialect tells which dialect issued a refresh token, for paths that
// several dialects claim; ok is false for a text that is none of ours. Nothing
// is said about its life. Unavailable.
func (a *Authority) RefreshDialect(ctx context.Context, stand Stand, token Secret) (dialect string, ok bool, err error) {
	t, _, err := a.identify(ctx, stand, token.Reveal())
	if CodeOf(err) == Unavailable {
		return "", false, err
	}
	if err != nil || t.kind != RefreshToken {
		return "", false, nil //nolint:nilerr // a text that is no token is an answer, not a failure
	}
	return t.dialect, true, nil
}

// AnyClient is Client for doors that serve clients of every dialect, such as
// introspection (RFC 7662 §2.1): one that was made for another dialect than the
// origin's gets in too, within the limit on refused attempts of its own
// dialect. r is what Registered gave.
func (a *Authority) AnyClient(ctx context.Context, o Origin, r Registration, clientID string, secret Secret) (Caller, error) {
	home := o
	if r.Dialect != "" {
		home.Dialect = r.Dialect
	}
	c, err := a.Client(ctx, home, r.Kind, clientID, secret)
	if err != nil {
		return Caller{}, err
	}
	c.origin = o
	return c, nil
}
