package testenv

import (
	"fmt"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/web"
)

// Subject is what Exercise needs to know of a dialect beyond its route table.
type Subject struct {
	Dialect string
	// Access is the kind of secret that its routes take as a bearer; "" = none of
	// them asks for one.
	Access string
	// Also are further kinds that its routes take as a bearer.
	Also []string
	// Missing is an id, in the dialect's own form, that nobody has; "" = a number.
	Missing string
	// Secrets makes a living secret of each kind that the dialect knows. Kinds of
	// all dialects share their names, such as "hubex access".
	Secrets func(tb testing.TB, c *Client, a demo.Account) map[string]string
	// Once makes those of Secrets anew that work once or end one another; nil =
	// there are none.
	Once func(tb testing.TB, c *Client, a demo.Account) map[string]string
	// Weak makes a bearer that lacks a permission; nil = routes ask for none.
	Weak func(tb testing.TB, c *Client, a demo.Account, p authority.Permission) string
	// Walled makes the bearer that tries the walls of a route, where that of
	// Access reaches past its account; nil or "" = it does not.
	Walled func(tb testing.TB, c *Client, a demo.Account, rt web.Route) string
	// Doors are the ways in besides the bearer of its routes.
	Doors []Door
	// Good holds a call that succeeds for each route, by method and pattern. In it
	// {name} stands for a secret's kind or one of IDs.
	Good map[string]Call
	// Common says that the things of IDs are everybody's: there are no walls
	// between accounts.
	Common bool
	// IDs makes things of the account and names their ids, those of path wildcards
	// among them.
	IDs func(tb testing.TB, c *Client, a demo.Account, access string) map[string]string
	// Show reads what IDs made, so that others are seen to leave it alone; nil =
	// there is nothing to be seen.
	Show func(ids map[string]string) Call
	// Shape says what is wrong with the form of a refusal.
	Shape func(a Answer) error
}

// Door is a place where a secret of one kind is presented.
type Door struct {
	Name  string
	Takes string
	// Bound says that the call names whose secret it shows, so that another
	// account's is wrong there.
	Bound bool
	// Opens says that the secret opens a call, whose answer holds none.
	Opens bool
	Call  func(c *Client, a demo.Account, secret string) Call
}

// once gives what Once makes.
func (s Subject) once(tb testing.TB, c *Client, a demo.Account) map[string]string {
	tb.Helper()
	if s.Once == nil {
		return nil
	}
	return s.Once(tb, c, a)
}

// key names a route in Good.
func key(rt web.Route) string { return rt.Method + " " + rt.Pattern }

// fill puts values into the {names} of a call.
func (c Call) fill(values ...map[string]string) Call {
	var pairs []string
	for _, m := range values {
		for name, value := range m {
			pairs = append(pairs, "{"+name+"}", value)
		}
	}
	r := strings.NewReplacer(pairs...)
	c.Path, c.Body = r.Replace(c.Path), r.Replace(c.Body)
	header := make([]string, len(c.Header))
	for i, h := range c.Header {
		header[i] = r.Replace(h)
	}
	c.Header = header
	return c
}

// uses reports whether {name} stands in the call.
func (c Call) uses(name string) bool {
	return strings.Contains(c.Path+c.Body+strings.Join(c.Header, "\n"), "{"+name+"}")
}

// check says what is missing in s for routes.
func (s Subject) check(routes []web.Route) error {
	var missing []string
	for _, rt := range routes {
		if _, ok := s.Good[key(rt)]; !ok && rt.Dialect == s.Dialect {
			missing = append(missing, key(rt))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the subject has no good call for %s", strings.Join(missing, ", "))
	}
	return nil
}
