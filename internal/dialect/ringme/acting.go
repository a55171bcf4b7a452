package ringme

import (
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// The access levels of an application.
const (
	CallAPI = "Call API"
	All     = "All"
)

// GroupReadOnly is the group of users who may change nothing.
const GroupReadOnly = "read_only"

// reach is what an application of the access level Call API may at most, whatever
// its user may: the permissions that routes of that level ask for.
func reach(application authority.Principal) []authority.Permission {
	if application.Traits.Access == All {
		return nil
	}
	return []authority.Permission{"CallsList", "RecordRead", "RecordDelete", "CallEvents"}
}

// acting lets in who may act: not a change by a user or an application that may
// only read. A blocked user does not come here. docs/dialects/ringme.md §2
func (d *Dialect) acting(serve web.Serve) web.Serve { return d.within(CallAPI, serve) }

// within is acting for a route that needs an access level if it changes
// something.
func (d *Dialect) within(level string, serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		through, err := d.Core.Through(r.Context(), c)
		if err != nil {
			return gone(err)
		}
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		if err := allowed(c.Principal(), through, reads, level); err != nil {
			return err
		}
		return serve(w, r, c)
	}
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
