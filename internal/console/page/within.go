package page

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"propusk/internal/authority"
)

// The deployment's owner works in another account on the pages below
// /in/{account}: each address says whose account it shows, so that two tabs never
// mix theirs up, and links stay in it.

const withinPath = "/in/"

type withinKey struct{}

// Within takes the part of the path away that says in which account to work, and
// leaves it in the request's context. A path without one stays as it is.
func Within(r *http.Request) *http.Request {
	rest, ok := strings.CutPrefix(r.URL.Path, withinPath)
	if !ok {
		return r
	}
	number, rest, _ := strings.Cut(rest, "/")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || id <= 0 || strconv.FormatInt(id, 10) != number {
		return r
	}
	r2 := r.WithContext(context.WithValue(r.Context(), withinKey{}, authority.ID(id)))
	u := *r.URL
	u.Path = "/" + rest
	if raw, ok := strings.CutPrefix(u.RawPath, withinPath+number); ok {
		u.RawPath = raw
	}
	r2.URL = &u
	return r2
}

func withinOf(ctx context.Context) authority.ID {
	id, _ := ctx.Value(withinKey{}).(authority.ID)
	return id
}

// prefix is what the path began with that Within took away; "" for nothing.
func (v *View) prefix() string {
	if id := withinOf(v.Context()); id != 0 {
		return withinPath + Text(id)
	}
	return ""
}

// at is the path that was asked for on the stand, whole.
func (v *View) at() string { return v.prefix() + v.r.URL.RequestURI() }

// foreign reports whether the screen is about the account that the address
// names. What is the user's own, and what is about all accounts, is not.
func (v *View) foreign() bool {
	return v.prefix() != "" && !v.screen.home()
}

// home reports whether the screen is the user's own or about all accounts: nothing
// that it shows or leads to is of one account.
func (s Screen) home() bool {
	return s.Home || s.May == "" && s.Path != "/" && (s.Menu == nil || len(s.Menu.Either) == 0)
}

// into has the user work in the account that the address names. NotFound for
// whoever may not, as for an account that is not there. left says that the screen
// is none of an account: its page lies elsewhere, where the user is led.
func (v *View) into() (left bool, err error) {
	if v.prefix() == "" {
		return false, nil
	}
	if v.foreign() && v.kit.Into != nil {
		c, err := v.kit.Into(v.Context(), v.Caller, withinOf(v.Context()))
		if err != nil {
			return false, err
		}
		v.Caller, v.base = c, Base(v.stand)+v.prefix()
		v.settle()
		return false, nil
	}
	if v.r.Method != http.MethodGet {
		return false, nil
	}
	return true, v.Redirect(v.r.URL.RequestURI())
}

// Away reports whether the page shows another account than the user's own.
func (v *View) Away() bool { return v.Caller.Away() }

// HomeURL is URL for pages that are about no account, or about the user's own.
func (v *View) HomeURL(format string, args ...any) string {
	home := *v
	home.base = Base(v.stand)
	return home.URL(format, args...)
}

// InURL is the address of a page of another account.
func (v *View) InURL(account authority.ID, path string) string {
	return Base(v.stand) + withinPath + Text(account) + path
}
