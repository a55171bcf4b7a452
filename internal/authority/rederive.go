package authority

import (
	"context"
	"time"
)

// RefreshToken says the refresh token of the caller's own grant once more, with
// the time it has left: the text of the answer that gave the caller its access
// token. Nothing is stored and nothing rotates. Errors: Conflict when the grant
// has none of that generation any more, or never had; Unavailable.
func (a *Authority) RefreshToken(ctx context.Context, c Caller) (Secret, time.Duration, error) {
	profile, err := a.profile(c.Origin().Dialect)
	if err != nil {
		return Secret{}, 0, err
	}
	if c.grant == 0 || profile.Refresh.Form == NoToken {
		return Secret{}, 0, noRefresh()
	}
	g, err := a.ports.Grants.Grant(ctx, c.Stand(), c.grant)
	if CodeOf(err) == NotFound || (err == nil && g.Dialect != profile.Dialect) {
		return Secret{}, 0, noRefresh() // of another dialect: it refreshes there
	}
	if err != nil {
		return Secret{}, 0, err
	}
	left := g.Current.RefreshExpires.Sub(a.now()).Truncate(time.Second)
	if g.Mark > g.Position || left <= 0 || a.feed.RefusesRefresh(g.Stand, g.ID, g.Current.Number) {
		return Secret{}, 0, noRefresh()
	}
	if c.generation != g.Current.Number {
		return Secret{}, 0, E(Conflict, "the tokens were refreshed since: use the refresh token of the newest answer")
	}
	text, err := a.text(profile, RefreshToken, g.Current.RefreshExpires, TokenFacts{
		Grant: g, Generation: g.Current.Number, Issued: g.Current.Issued, ClientID: g.ClientID,
		Account: c.Account(), Principal: c.Principal(), Issuer: a.writer.issuer(g.Stand, g.Dialect),
	})
	if err == nil {
		a.noteSaid(c)
	}
	return text, left, err
}

// noteSaid leaves the entry of a refresh token that was said once more (rule 13).
func (a *Authority) noteSaid(c Caller) {
	e := c.Entry("grant/" + encodeGrant(c.grant))
	e.Time, e.Verb, e.Reason = a.now(), VerbRefresh, "said_again"
	a.refusals.add(e)
	a.count(Count{c.origin.Dialect, VerbRefresh, Done})
}

func noRefresh() *Error { return E(Conflict, "this access token has no refresh token") }
