package page

import (
	"context"
	"errors"

	"propusk/internal/authority"
)

// Core lets people in; *authority.Authority does.
type Core interface {
	Authenticate(ctx context.Context, o authority.Origin, p authority.Presented) (authority.Caller, error)
}

var errNobody = errors.New("page: nobody is signed in")

// Renewal gives what lets the user in anew, into the account that the page is
// about, for what goes on when his request is answered: whatever was revoked
// meanwhile ends that too (rule 7). It may be called until the session ends.
func (v *View) Renewal(core Core) func(ctx context.Context) (authority.Caller, error) {
	shown, none := Credential(v.r, errNobody)
	origin, may, account := v.Origin(), v.screen.May, withinOf(v.Context())
	return func(ctx context.Context) (authority.Caller, error) {
		if none != nil {
			return authority.Caller{}, none
		}
		c, err := core.Authenticate(ctx, origin, shown)
		if authority.CodeOf(err) == authority.InvalidToken {
			err = authority.E(authority.Forbidden, "the session that began this has ended")
		}
		if err == nil && account != 0 && v.kit.Into != nil {
			c, err = v.kit.Into(ctx, c, account)
		}
		if err == nil && !c.Can(may) {
			err = authority.E(authority.Forbidden, "the permission is missing").With("permission", string(may))
		}
		return c, err
	}
}
