package operation

import (
	"context"
	"slices"
	"strconv"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

// named is a role or an area: people say its name, rows hold its id.
type named struct {
	id   authority.ID
	name string
}

// names reads every role, or area, of the caller's account.
type names func(ctx context.Context, t *Table, c authority.Caller) ([]named, error)

func roleNames(ctx context.Context, t *Table, c authority.Caller) ([]named, error) {
	return everyPage(func(p admin.Page) ([]named, int, error) {
		list, err := t.Admin.Roles(ctx, c, p)
		return mapped(list.Items, func(r authority.Role) named { return named{r.ID, r.Name} }), list.Total, err
	})
}

func areaNames(ctx context.Context, t *Table, c authority.Caller) ([]named, error) {
	return everyPage(func(p admin.Page) ([]named, int, error) {
		list, err := t.Admin.Areas(ctx, c, p)
		return mapped(list.Items, func(a authority.Area) named { return named{a.ID, a.Name} }), list.Total, err
	})
}

// everyPage walks a list to its end.
func everyPage[T any](read func(admin.Page) ([]T, int, error)) ([]T, error) {
	out := []T{}
	for {
		items, total, err := read(admin.Page{Offset: len(out), Size: 1000})
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
		if len(items) == 0 || len(out) >= total {
			return out, nil
		}
	}
}

func mapped[A, B any](list []A, fn func(A) B) []B {
	out := make([]B, 0, len(list))
	for _, item := range list {
		out = append(out, fn(item))
	}
	return out
}

// find gives the ids of what was named, by name or by id.
func find(list []named, said []string, what string) ([]authority.ID, error) {
	out := make([]authority.ID, 0, len(said))
	for _, word := range said {
		i := slices.IndexFunc(list, func(n named) bool {
			return n.name == word || strconv.FormatInt(int64(n.id), 10) == word
		})
		if i < 0 {
			return nil, authority.E(authority.NotFound, "no such "+what).With(what, word)
		}
		out = append(out, list[i].id)
	}
	return out, nil
}

// one is find for a single word.
func (n names) one(ctx context.Context, t *Table, c authority.Caller, word, what string) (authority.ID, error) {
	list, err := n(ctx, t, c)
	if err != nil {
		return 0, err
	}
	ids, err := find(list, []string{word}, what)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// say gives the names of ids.
func say(list []named, ids []authority.ID) []string {
	out := make([]string, 0, len(ids))
	for _, n := range list {
		if slices.Contains(ids, n.id) {
			out = append(out, n.name)
		}
	}
	return out
}
