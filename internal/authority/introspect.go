package authority

import (
	"context"
	"slices"
	"time"
)

// Introspection is what is known of a token. Only Active is set for a token
// that is dead, unknown or out of the caller's reach. RFC 7662 §2.2.
type Introspection struct {
	Active    bool
	Kind      TokenKind
	Dialect   string
	Scope     []Permission // what the bearer may do
	ClientID  string
	Username  string
	Subject   ID
	Issuer    string
	Issued    time.Time
	Expires   time.Time
	TokenID   string
	Grant     ID
	Account   Account
	Principal Principal
}

// Introspect tells what a token of any dialect is worth, to a caller that it
// was issued to or that holds TokensIntrospect in the same account.
func (a *Authority) Introspect(ctx context.Context, c Caller, token Secret) (Introspection, error) {
	t, g, err := a.identify(ctx, c.Stand(), token.Reveal())
	if CodeOf(err) == Unavailable {
		return Introspection{}, err
	}
	if err != nil || !a.reaches(c, t, TokensIntrospect) {
		return Introspection{}, nil //nolint:nilerr // a text that is no token is an answer, not a failure
	}
	row, err := a.ports.Grants.Grant(ctx, c.Stand(), g.ID)
	if CodeOf(err) == NotFound {
		return Introspection{}, nil
	}
	if err != nil {
		return Introspection{}, err
	}
	v := &verified{dialect: t.dialect, ids: t.ids, grant: row, expires: t.expires}
	state, reason, err := a.alive(ctx, v, a.now())
	if err != nil || reason != "" || !a.current(t, row) {
		return Introspection{}, err
	}
	return a.describe(t, row, a.caller(state, c.origin, row)), nil
}

// current reports whether the grant still stands behind the token: a refresh
// token counts only while it is the one that the next refresh needs.
func (a *Authority) current(t parsed, row Grant) bool {
	if row.Mark > row.Position {
		return false
	}
	return t.kind != RefreshToken || t.ids.Generation == row.Current.Number
}

func (a *Authority) describe(t parsed, row Grant, bearer Caller) Introspection {
	p := bearer.Principal()
	return Introspection{
		Active: true, Kind: t.kind, Dialect: t.dialect, Scope: a.worth(t.dialect, bearer),
		ClientID: row.ClientID, Username: p.Login, Subject: p.ID,
		Issuer: a.writer.issuer(row.Stand, t.dialect), Issued: t.issued, Expires: t.expires,
		TokenID: tokenID(row.ID, t.ids.Generation, t.kind), Grant: row.ID,
		Account: bearer.Account(), Principal: p,
	}
}

// worth lists what a bearer may: by his roles, and in a dialect that knows groups
// by his group, which never gives more than a scope.
func (a *Authority) worth(dialect string, bearer Caller) []Permission {
	may := bearer.Permissions()
	p, err := a.profile(dialect)
	if err != nil || p.ByGroup == nil || bearer.Scoped() {
		return may
	}
	may = append(may, p.ByGroup(bearer.Principal())...)
	slices.Sort(may)
	return slices.Compact(may)
}
