package operation

import (
	"context"
	"strconv"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// kind is one kind of principal, as commands name and list it.
type kind struct {
	word string
	list func(*admin.Service, context.Context, authority.Caller, admin.Page) (admin.List[authority.Principal], error)
}

func serviceUsers() kind { return kind{"service user", (*admin.Service).ServiceUsers} }
func users() kind        { return kind{"user", (*admin.Service).Users} }
func applications() kind { return kind{"application", (*admin.Service).Applications} }

// anybody is for commands that take every kind of principal.
func anybody() []kind { return []kind{serviceUsers(), users(), applications()} }

// byLogin says that a login follows, which may look like an id.
const byLogin = "login:"

// who finds a principal by what people call it: its id, its login, or a name
// that no other of the kinds has. A login of digits has byLogin before it.
func (t *Table) who(ctx context.Context, c authority.Caller, word string, kinds ...kind) (authority.ID, error) {
	what := kinds[0].word
	if len(kinds) > 1 {
		what = "principal"
	}
	if word == "" {
		return 0, authority.E(authority.InvalidRequest, "name the "+what)
	}
	if id, err := strconv.ParseInt(word, 10, 64); err == nil && id > 0 {
		return authority.ID(id), nil
	}
	plain, only := strings.CutPrefix(word, byLogin)
	var found []authority.ID
	for _, k := range kinds {
		login, named, err := t.called(ctx, c, plain, k)
		if err != nil || login != 0 {
			return login, err
		}
		if !only {
			found = append(found, named...)
		}
	}
	switch len(found) {
	case 0:
		return 0, authority.E(authority.NotFound, "no such "+what).With(what, word)
	case 1:
		return found[0], nil
	}
	return 0, authority.E(authority.Conflict, "several have this name: say the id").With(what, word)
}

// called gives the principal of kind k whose login word is, or those with that
// name.
func (t *Table) called(ctx context.Context, c authority.Caller, word string, k kind) (login authority.ID, named []authority.ID, err error) {
	all, err := everyPage(func(p admin.Page) ([]authority.Principal, int, error) {
		list, err := k.list(t.Admin, ctx, c, p)
		return list.Items, list.Total, err
	})
	for _, p := range all {
		if p.Login != "" && spelling.Fold(p.Login) == spelling.Fold(word) {
			return p.ID, nil, nil
		}
		if p.Name == word {
			named = append(named, p.ID)
		}
	}
	return 0, named, err
}
