package authority

import (
	"context"
	"strings"
	"time"
)

// RefreshRequest presents a refresh token.
type RefreshRequest struct {
	Origin Origin
	Token  Secret
	// ClientID, when set, must be that of the grant: a token is bound to the
	// client it was issued to. RFC 6749 §6.
	ClientID string
	// Scope, when set, is the most that the client wants: no more than was approved.
	// The tokens reach as far as before. RFC 6749 §3.3 and §6.
	Scope []Permission
}

// Refresh gives the next tokens of the family, or the same successor once more
// when its reply was lost. Errors: InvalidGrant for everything that is refused,
// all alike; InvalidScope, after which the token still works; LimitExceeded; Unavailable, after which the token still works.
func (a *Authority) Refresh(ctx context.Context, req RefreshRequest) (Issued, error) {
	profile, err := a.profile(req.Origin.Dialect)
	if err != nil {
		return Issued{}, err
	}
	at := Attempt{Origin: req.Origin, Client: a.digestClient(req.Origin.Stand, req.Token), Proof: req.Token}
	var out Issued
	err = a.attempt(ctx, VerbRefresh, at, func() (err error) {
		out, err = a.refresh(ctx, profile, req)
		return err
	})
	return out, err
}

func (a *Authority) refresh(ctx context.Context, p Profile, req RefreshRequest) (Issued, error) {
	now := a.now()
	t, reason, err := a.readRefresh(ctx, p, req, now)
	if err != nil {
		return Issued{}, err
	}
	if reason != "" {
		return Issued{}, a.refuse(req.Origin, VerbRefresh, badRefresh(), refusal{reason: reason, grant: t.ids.Grant})
	}
	gen, err := a.generation(ctx, p, req.Origin.Stand)
	if err != nil {
		return Issued{}, err
	}
	position := a.feed.Position()
	r, err := a.ports.Grants.RotateGrant(ctx, Rotation{
		Stand: req.Origin.Stand, Grant: t.ids.Grant, Presented: t.ids.Generation, Now: now,
		ClientID: req.ClientID, Scope: req.Scope, Dialect: p.Dialect,
		Window: p.ReplayWindow, RefreshLifetime: p.Refresh.Lifetime,
		AccessLifetime: min(req.Origin.asked(), p.LongestAccess()), Single: p.Single,
		Short: p.Access.Form == Short, Revoked: p.Single && a.feed.RefusesRefresh(req.Origin.Stand, t.ids.Grant, t.ids.Generation),
		KeyID: gen.KeyID, KeyVersion: gen.KeyVersion, Until: now.Add(maxAccess),
		Entry: a.refreshEntry(req.Origin, t.ids.Grant), Known: a.known,
	})
	if CodeOf(err) == NotFound {
		return Issued{}, a.refuse(req.Origin, VerbRefresh, badRefresh(), refusal{reason: "grant_gone"})
	}
	if err != nil {
		return Issued{}, err
	}
	if r.Fresh || r.Replayed {
		a.remember(position, r.Standing)
	}
	return a.rotated(p, req, r, now)
}

// readRefresh proves the text and gives why it is refused without a look at the
// grant. An expired token never revokes its family.
func (a *Authority) readRefresh(ctx context.Context, p Profile, req RefreshRequest, now time.Time) (parsed, string, error) {
	t, err := a.parseRefresh(ctx, req.Origin.Stand, p, req.Token.Reveal())
	switch {
	case CodeOf(err) == Unavailable:
		return parsed{}, "", err
	case err != nil:
		return parsed{}, "not_a_token", nil //nolint:nilerr // a text that is no token is an answer, not a failure
	case t.kind != RefreshToken:
		return t, "wrong_kind", nil
	case !now.Before(t.expires):
		return t, "expired", nil
	case !p.Single && a.feed.RefusesRefresh(req.Origin.Stand, t.ids.Grant, t.ids.Generation):
		return t, "token_revoked", nil
	}
	return t, "", nil
}

// parseRefresh is parse without the grant's row where the text proves itself
// without it: the rotation judges the row anyway.
func (a *Authority) parseRefresh(ctx context.Context, stand Stand, p Profile, text string) (parsed, error) {
	if p.Refresh.Form == Sealed && isTokenText(text) && strings.Count(text, ".") != 2 {
		return a.parseOpaque(stand, p, text)
	}
	t, _, err := a.parse(ctx, stand, p, text)
	return t, err
}

func (a *Authority) rotated(p Profile, req RefreshRequest, r Rotated, now time.Time) (Issued, error) {
	if r.Reused {
		a.count(Count{p.Dialect, VerbRefresh, Refused})
		return Issued{}, badRefresh() // the transaction wrote the entry
	}
	if r.Refusal != "" {
		return Issued{}, a.refuse(req.Origin, VerbRefresh, refreshError(r.Refusal), refusal{reason: r.Refusal, standing: r.Standing, grant: r.Grant.ID})
	}
	out, err := a.issued(p, r.Grant, r.Standing, req.Origin)
	if r.Replayed {
		out.Replayed = true
		out.ExpiresIn = max(0, r.Grant.Current.AccessExpires.Sub(now).Truncate(time.Second))
	}
	if r.Fresh {
		a.usage.issue(r.Grant, now)
	}
	a.count(Count{p.Dialect, VerbRefresh, Done})
	return out, err
}

// refreshError is what the client hears: all alike but for what it can mend.
func refreshError(reason string) *Error {
	if reason == scopeTooWide {
		return E(InvalidScope, "the scope names a permission that was not approved; send the approved ones, or none")
	}
	return badRefresh()
}

func badRefresh() *Error { return E(InvalidGrant, "the refresh token is not valid") }
