package ringme

import (
	"context"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/directory"
	"propusk/internal/web"
)

// The access levels of an application.
const (
	CallAPI = "Call API"
	All     = "All"
)

// GroupReadOnly is the group of users who may change nothing.
const GroupReadOnly = authority.GroupReadOnly

// reach is what an application of the access level Call API may at most, whatever
// its user may: the permissions that routes of that level ask for.
func reach(application authority.Principal) []authority.Permission {
	if application.Traits.Access == All {
		return nil
	}
	return []authority.Permission{
		calls.CallsList, calls.RecordRead, calls.RecordDelete, directory.ExtensionsList, directory.CallEvents,
	}
}

// levelOf is the access level that a route needs if it changes something.
func levelOf(rt *web.Route) string {
	if rt.Permission == directory.ExtensionsChange {
		return All
	}
	return CallAPI
}

// Admit implements dialect.Admitter: a user or an application that may only read
// changes nothing. A blocked user does not come here. docs/dialects/ringme.md §2
func (d *Dialect) Admit(ctx context.Context, rt *web.Route, c authority.Caller) error {
	through, err := d.Core.Through(ctx, c)
	if err != nil {
		return gone(err)
	}
	return allowed(c.Principal(), through, rt.Method == http.MethodGet, levelOf(rt))
}

// allowed says why a call is refused to the user and the application behind it.
func allowed(user, through authority.Principal, reads bool, level string) error {
	switch {
	case reads:
		return nil
	case user.Group == GroupReadOnly:
		return denied("user_access_type_deny", "the user may only read")
	case through.Kind == authority.Application && level == All && through.Traits.Access != All:
		return denied("app_access_type_deny", "the application needs the access level All")
	}
	return nil
}

// denied is a 403 with a word of its own.
func denied(word, message string) error {
	return authority.E(authority.Forbidden, message).With(statusField, word)
}

// gone refuses a token whose user or application is no longer there like any
// other dead one.
func gone(err error) error {
	if authority.CodeOf(err) == authority.NotFound {
		return authority.Wrap(authority.InvalidToken, "", err)
	}
	return err
}
