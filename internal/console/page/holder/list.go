package holder

import (
	"context"
	"strconv"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// List is a page of principals by name.
type List struct {
	Items []authority.Principal
	Pager page.Pager
}

// ByName lists those whom find finds behind the place that the address names.
func ByName(
	v *page.View, q admin.PrincipalQuery,
	find func(context.Context, authority.Caller, admin.PrincipalQuery) ([]authority.Principal, error),
) (out List, err error) {
	if q.After, err = after(v); err != nil {
		return out, err
	}
	q.Size = page.Rows + 1
	if out.Items, err = find(v.Context(), v.Caller, q); err != nil {
		return out, err
	}
	next := ""
	if len(out.Items) > page.Rows {
		out.Items = out.Items[:page.Rows]
		last := out.Items[page.Rows-1]
		next = page.Text(last.ID) + "." + last.Name
	}
	out.Pager, err = v.Marked(next)
	return out, err
}

// after reads where the former page ended: an id, a dot and a name.
func after(v *page.View) (admin.PrincipalCursor, error) {
	text, err := v.After()
	if text == "" || err != nil {
		return admin.PrincipalCursor{}, err
	}
	id, name, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(id, 10, 64)
	return admin.PrincipalCursor{Name: name, ID: authority.ID(n)}, err
}
