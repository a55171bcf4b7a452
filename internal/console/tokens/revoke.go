package tokens

import (
	"cmp"
	"net/url"
	"strconv"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// stopping is what the page before a revocation shows.
type stopping struct {
	Effect admin.GrantEffect
	Mine   bool   // the user's own session ends too
	All    bool   // everything of the account
	Holder string // whose tokens; "" = not those of one holder
	Next   string // the list that the user came from
}

// Whole reports whether a principal or the account is concerned, not some chosen
// grants.
func (s stopping) Whole() bool { return s.All || s.Holder != "" }

// preview says what stops.
func (a Area) preview(v *page.View) error {
	q, err := chosen(v)
	if err != nil {
		return err
	}
	all, err := v.Chosen("all", page.Yes)
	if err != nil {
		return err
	}
	out := stopping{All: all != "", Next: origin(v.Back())}
	if !out.All && q.Principal == 0 && len(q.IDs) == 0 {
		return authority.E(authority.InvalidRequest, "choose at least one token of the list")
	}
	if out.Effect, err = a.Grants.GrantEffect(v.Context(), v.Caller, q); err != nil {
		return err
	}
	if q.Principal != 0 {
		out.Holder = cmp.Or(out.Effect.Seen().Holder, "—")
	}
	out.Mine, err = a.ends(v, q)
	if err != nil {
		return err
	}
	v.Form = page.Form{Values: v.Request().URL.Query()}
	return v.Render("tokens-revoke.html", out)
}

// chosen reads what the address would have revoked.
func chosen(v *page.View) (q admin.GrantQuery, err error) {
	if q.Principal, err = v.QueryID("principal"); err != nil {
		return q, err
	}
	v.Form.Values = v.Request().URL.Query()
	q.IDs, err = v.IDs("grant")
	return q, err
}

// ends reports whether the user's own session is among what q finds.
func (a Area) ends(v *page.View, q admin.GrantQuery) (bool, error) {
	if len(q.IDs) > 0 {
		for _, id := range q.IDs {
			if id == v.Caller.Grant() {
				return true, nil
			}
		}
		return false, nil
	}
	q.IDs = []authority.ID{v.Caller.Grant()}
	e, err := a.Grants.GrantEffect(v.Context(), v.Caller, q)
	return e.Grants > 0, err
}

// origin is where the list was that next names; its beginning for anything else.
func origin(next string) string {
	u, err := url.Parse(page.Local(next))
	if err != nil || u.Path != path {
		return path
	}
	return u.RequestURI()
}

// revoke ends the grants that were ticked. One that has ended meanwhile is what
// was wanted.
func (a Area) revoke(v *page.View) error {
	sent := v.Sent()
	ids, err := v.IDs("grant")
	if err != nil {
		return err
	}
	ended := 0
	for _, id := range ids {
		err := a.Grants.RevokeGrant(v.Context(), v.Caller, id)
		if err != nil && authority.CodeOf(err) != authority.NotFound {
			return err
		}
		if err == nil {
			ended++
		}
	}
	if ended == 0 {
		return authority.E(authority.NotFound, "no such token")
	}
	return v.Done(origin(sent.Get("next")), "live.revoked", strconv.Itoa(ended))
}

// revokeAll ends every grant of a principal, or of the account.
func (a Area) revokeAll(v *page.View) error {
	sent := v.Sent()
	ids, err := v.IDs("principal")
	switch {
	case err != nil:
		return err
	case sent.Get("all") == page.Yes && len(ids) == 0:
		err = a.Grants.RevokeEverything(v.Context(), v.Caller)
	case len(ids) == 1 && !sent.Has("all"):
		err = a.Grants.RevokeGrants(v.Context(), v.Caller, ids[0])
	default:
		err = authority.E(authority.InvalidRequest, "the form names neither a holder nor the account")
	}
	if err != nil {
		return err
	}
	return v.Done(origin(sent.Get("next")), "live.revoked-all")
}

// expire has a grant's tokens count as expired: on the test stand, for whoever
// tries how a program renews.
func (a Area) expire(v *page.View) error {
	ids, err := v.IDs("grant")
	if err != nil {
		return err
	}
	if len(ids) != 1 {
		return authority.E(authority.InvalidRequest, "the form names no token")
	}
	if err := a.Expiry.ExpireGrant(v.Context(), v.Caller, ids[0]); err != nil {
		return err
	}
	return v.Done(origin(v.Back()), "live.expired")
}
