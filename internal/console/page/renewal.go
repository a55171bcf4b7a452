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
	origin, allowed := v.Origin(), v.allowed()
	return func(ctx context.Context) (authority.Caller, error) {
		if none != nil {
			return authority.Caller{}, none
		}
		c, err := core.Authenticate(ctx, origin, shown)
		if authority.CodeOf(err) == authority.InvalidToken {
			err = authority.E(authority.Forbidden, "the session that began this has ended")
		}
		if err != nil {
			return c, err
		}
		return allowed(ctx, c)
	}
}

// Outlasting lets people in whose session may be over; *authority.Authority does.
type Outlasting interface {
	Core
	Outlast(c authority.Caller) func(ctx context.Context) (authority.Caller, error)
}

// Outlast is Renewal for work that goes on when the session is over: it lets the
// user in as long as he may come, by himself, and may do what the page is for.
func (v *View) Outlast(core Outlasting) (func(ctx context.Context) (authority.Caller, error), error) {
	again, allowed := core.Outlast(v.Caller), v.allowed()
	if _, err := v.Renewal(core)(v.Context()); err != nil { // what was revoked before Outlast looked
		return nil, err
	}
	return func(ctx context.Context) (authority.Caller, error) {
		c, err := again(ctx)
		if authority.CodeOf(err) == authority.InvalidToken {
			err = authority.E(authority.Forbidden, "the user who began this is not let in any more")
		}
		if err != nil {
			return c, err
		}
		return allowed(ctx, c)
	}, nil
}

// allowed gives what leads somebody who was let in into the account that the page
// is about, where he may do what it is for.
func (v *View) allowed() func(ctx context.Context, c authority.Caller) (authority.Caller, error) {
	may, account := v.screen.May, withinOf(v.Context())
	return func(ctx context.Context, c authority.Caller) (_ authority.Caller, err error) {
		if account != 0 && v.kit.Into != nil {
			c, err = v.kit.Into(ctx, c, account)
		}
		if err == nil && !c.Can(may) {
			err = authority.E(authority.Forbidden, "the permission is missing").With("permission", string(may))
		}
		return c, err
	}
}
