package control

import (
	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

func (a Area) areaScreens() []page.Screen {
	const list, one, may = "/areas", "/areas/{id}", admin.AreasManage
	return []page.Screen{
		{
			Path: list, May: admin.AccountRead, Serve: a.areas,
			Menu: &page.Item{Section: "access", Label: "areas.title", Icon: "map-pin", Order: 40},
		},
		{Method: post, Path: list, May: may, Audit: "area.create", Fields: []string{"name"}, Serve: a.createArea},
		{Path: one, May: may, Serve: a.area},
		{Method: post, Path: one, May: may, Audit: "area.change", Fields: []string{"name"}, Serve: a.renameArea},
		{Path: one + "/delete", May: may, Serve: a.endingArea},
		{Method: post, Path: one + "/delete", May: may, Audit: "area.delete", Serve: a.deleteArea},
	}
}

func (a Area) areas(v *page.View) error {
	out, err := a.allAreas(v)
	if err != nil {
		return err
	}
	return v.Render("areas.html", out)
}

func (a Area) allAreas(v *page.View) (listing[authority.Area], error) {
	list, err := a.Areas.Areas(v.Context(), v.Caller, v.Slice())
	return listing[authority.Area]{list.Items, v.Numbered(len(list.Items), list.Total)}, err
}

func (a Area) createArea(v *page.View) error {
	sent := v.Sent()
	made, err := a.Areas.CreateArea(v.Context(), v.Caller, sent.Get("name"))
	if err == nil {
		return v.Done("/areas", "areas.created", made.Name)
	}
	out, failed := a.allAreas(v)
	if failed != nil {
		return failed
	}
	return v.Again("areas.html", out, err)
}

// found reads the area of the address.
func (a Area) found(v *page.View) (authority.Area, error) {
	id, err := v.ID("id")
	if err != nil {
		return authority.Area{}, err
	}
	return a.Areas.Area(v.Context(), v.Caller, id)
}

func (a Area) area(v *page.View) error {
	one, err := a.found(v)
	if err != nil {
		return err
	}
	v.Form = page.Filled("name", one.Name)
	return v.Render("area.html", one)
}

func (a Area) renameArea(v *page.View) error {
	one, err := a.found(v)
	if err != nil {
		return err
	}
	sent := v.Sent()
	if one, err = a.Areas.RenameArea(v.Context(), v.Caller, one.ID, sent.Get("name")); err != nil {
		return v.Again("area.html", one, err)
	}
	return v.Done("/areas", "areas.changed", one.Name)
}

func (a Area) endingArea(v *page.View) error {
	one, err := a.found(v)
	if err != nil {
		return err
	}
	return v.Render("area-delete.html", one)
}

func (a Area) deleteArea(v *page.View) error {
	one, err := a.found(v)
	if err != nil {
		return err
	}
	if err := a.Areas.DeleteArea(v.Context(), v.Caller, one.ID); err != nil {
		return v.Again("area-delete.html", one, err)
	}
	return v.Done("/areas", "areas.deleted", one.Name)
}
