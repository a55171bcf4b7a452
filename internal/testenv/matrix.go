package testenv

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"propusk/internal/authority"
)

// Declared says which kinds of secret the dialects of e declare and the suite
// does not present: those that kinds, the ones its subjects make, do not name,
// and those that no door and no route takes, so that no answer shows who accepts
// them. nil = every one is shown where it opens and where it must not (B9).
//
// A credential is named like its kind, a token like its dialect and what it is:
// "access key", "smarts refresh", "element id token".
func Declared(e *Env, kinds []string, subjects ...Subject) error {
	var errs []error
	taken := takes(subjects)
	asking := map[string]bool{} // dialects with a route that asks for a bearer
	for _, rt := range e.Server.Routes(authority.Production) {
		asking[rt.Dialect] = asking[rt.Dialect] || !rt.Public
	}
	for _, p := range e.Server.Data().Profiles() {
		bearers := bearersOf(p)
		for _, kind := range append(declares(p), bearers...) {
			if !slices.Contains(kinds, kind) {
				errs = append(errs, fmt.Errorf("dialect %s: no subject makes a secret of the kind %s", p.Dialect, kind))
			}
			if !slices.Contains(taken, kind) && (asking[p.Dialect] || !slices.Contains(bearers, kind)) {
				errs = append(errs, fmt.Errorf("dialect %s: no door or route of a subject takes the kind %s", p.Dialect, kind))
			}
		}
	}
	return errors.Join(errs...)
}

// declares names the kinds of a profile that are exchanged for others.
func declares(p authority.Profile) []string {
	var out []string
	for _, c := range p.Credentials {
		out = append(out, strings.ReplaceAll(string(c), "_", " "))
	}
	if p.Refresh.Form != authority.NoToken {
		out = append(out, p.Dialect+" refresh")
	}
	return out
}

// bearersOf names the kinds of a profile that open calls.
func bearersOf(p authority.Profile) []string {
	var out []string
	if p.Access.Form != authority.NoToken {
		out = append(out, p.Dialect+" access")
	}
	if p.ID.Form != authority.NoToken {
		out = append(out, p.Dialect+" id token")
	}
	return out
}

// takes names the kinds that subjects say something takes.
func takes(subjects []Subject) []string {
	var out []string
	for _, s := range subjects {
		out = append(append(out, s.Access), s.Also...)
		for _, d := range s.Doors {
			out = append(out, d.Takes)
		}
	}
	return out
}
