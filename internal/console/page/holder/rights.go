package holder

import (
	"context"
	"net/url"
	"slices"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// Rights lists what roles and areas an account has; *admin.Service does.
type Rights interface {
	Roles(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[authority.Role], error)
	Areas(ctx context.Context, c authority.Caller, p admin.Page) (admin.List[authority.Area], error)
}

// Choices are the lines to choose somebody's rights from.
type Choices struct{ Roles, Areas []page.Option }

// Names of the fields that rights are sent in.
const (
	roleField     = "role"
	areaField     = "area"
	allAreasField = "all-areas"
)

// most is how many roles, or areas, are offered.
const most = 1000

// Offer lists what the user can give: roles that reach no further than his own,
// and areas that he sees. What p has already is offered too.
func Offer(v *page.View, r Rights, p authority.Principal) (Choices, error) {
	roles, areas, err := known(v, r)
	if err != nil {
		return Choices{}, err
	}
	var out Choices
	for _, role := range roles {
		if grants(v.Caller, role) || slices.Contains(p.Roles, role.ID) {
			note, err := v.T("rights.permissions", len(role.Permissions))
			if err != nil {
				return Choices{}, err
			}
			out.Roles = append(out.Roles, page.Option{Value: role.ID, Label: v.Name("role", role.Name), Note: note})
		}
	}
	for _, area := range areas {
		if v.Caller.Areas().Allow(area.ID) || slices.Contains(p.Areas.IDs, area.ID) {
			out.Areas = append(out.Areas, page.Option{Value: area.ID, Label: area.Name})
		}
	}
	return out, nil
}

// grants reports whether c may give the role: nobody passes on what he has not.
func grants(c authority.Caller, role authority.Role) bool {
	return c.Away() || !slices.ContainsFunc(role.Permissions, func(p authority.Permission) bool { return !c.Can(p) })
}

// known reads roles and areas; who may not see them is offered none.
func known(v *page.View, r Rights) ([]authority.Role, []authority.Area, error) {
	roles, err := r.Roles(v.Context(), v.Caller, admin.Page{Size: most})
	if err = Unseen(err); err != nil {
		return nil, nil, err
	}
	areas, err := r.Areas(v.Context(), v.Caller, admin.Page{Size: most})
	return roles.Items, areas.Items, Unseen(err)
}

// Unseen takes the error away that the user may not see something: the page has
// less on it then.
func Unseen(err error) error {
	if authority.CodeOf(err) == authority.Forbidden {
		return nil
	}
	return err
}

// Fill puts p's rights into a form.
func Fill(f page.Form, p authority.Principal) {
	for _, id := range p.Roles {
		f.Values.Add(roleField, page.Text(id))
	}
	for _, id := range p.Areas.IDs {
		f.Values.Add(areaField, page.Text(id))
	}
	if p.Areas.All {
		f.Values.Set(allAreasField, page.Yes)
	}
}

// Several names the fields of rights that a form may have more than once.
func Several() []string { return []string{roleField, areaField} }

// Fields names the fields of a form with rights that are there once: those of the
// rights, and others.
func Fields(others ...string) []string { return append(others, allAreasField) }

// Sent reads the rights of a form that was sent.
func Sent(v *page.View, r Rights, sent url.Values) (roles []authority.ID, areas authority.Areas, err error) {
	if roles, err = v.IDs(roleField); err != nil {
		return nil, areas, err
	}
	if areas.IDs, err = v.IDs(areaField); err != nil {
		return nil, areas, err
	}
	all, err := page.Form{Values: sent}.Ticked(allAreasField)
	if err != nil || !all {
		return roles, areas, err
	}
	return roles, authority.Areas{All: true}, there(v, r, areas.IDs)
}

// there refuses areas that there are none of. Beside a tick for all of them they
// say nothing, and so nobody else would look.
func there(v *page.View, r Rights, ids []authority.ID) error {
	if len(ids) == 0 {
		return nil
	}
	_, areas, err := known(v, r)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.ContainsFunc(areas, func(a authority.Area) bool { return a.ID == id }) {
			return page.NoChoice(areaField)
		}
	}
	return nil
}

// Named are somebody's rights in words.
type Named struct {
	Roles, Areas []string
	Everywhere   bool
}

// Name puts p's rights into words.
func Name(v *page.View, r Rights, p authority.Principal) (Named, error) {
	roles, areas, err := known(v, r)
	if err != nil {
		return Named{}, err
	}
	out := Named{Everywhere: p.Areas.All}
	for _, role := range roles {
		if slices.Contains(p.Roles, role.ID) {
			out.Roles = append(out.Roles, v.Name("role", role.Name))
		}
	}
	for _, area := range areas {
		if slices.Contains(p.Areas.IDs, area.ID) {
			out.Areas = append(out.Areas, area.Name)
		}
	}
	return out, nil
}
