package element

import (
	"context"
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

func (d *Dialect) areaRoutes() []web.Route {
	const list, one = base + "/areas", base + "/areas/{area}"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: admin.AccountRead,
			Request: paging{}, Response: listing[area]{}, Summary: "List areas.", Serve: web.JSON(d.areas),
		},
		{
			Method: http.MethodPost, Pattern: list, Permission: admin.AreasManage, Audit: "area.create",
			Request: newArea{}, Response: createdArea{}, Summary: "Create an area.", Serve: web.JSON(d.createArea),
		},
		{
			Method: http.MethodGet, Pattern: one, Permission: admin.AccountRead,
			Request: byArea{}, Response: area{}, Summary: "Read an area.", Serve: web.JSON(d.area),
		},
		{
			Method: http.MethodPatch, Pattern: one, Permission: admin.AreasManage, Audit: "area.change",
			Request: areaPatch{}, Response: area{}, Summary: "Rename an area.", Serve: web.JSON(d.changeArea, web.NoNull),
		},
		{
			Method: http.MethodDelete, Pattern: one, Permission: admin.AreasManage, Audit: "area.delete",
			Request: byArea{}, Response: web.NoContent{}, Summary: "Delete an area that nobody is bound to and no work lies in.",
			Serve: web.JSON(d.deleteArea),
		},
	}
}

type byArea struct {
	ID uuid `path:"area" about:"Its id, as the list gives it"`
}

type area struct {
	ID   uuid   `json:"id"`
	Name string `json:"name"`
}

func areaOf(a authority.Area) area { return area{ID: shown(a.ID), Name: a.Name} }

func (d *Dialect) areas(ctx context.Context, c authority.Caller, req paging) (listing[area], error) {
	return page(req, areaOf, func(p admin.Page) (admin.List[authority.Area], error) { return d.Admin.Areas(ctx, c, p) })
}

func (d *Dialect) area(ctx context.Context, c authority.Caller, req byArea) (area, error) {
	id, err := req.ID.need()
	if err != nil {
		return area{}, err
	}
	a, err := d.Admin.Area(ctx, c, id)
	return areaOf(a), err
}

type newArea struct {
	Name string `json:"name" required:"true" example:"North"`
}

type createdArea struct {
	created
	area
}

func (d *Dialect) createArea(ctx context.Context, c authority.Caller, req newArea) (createdArea, error) {
	a, err := d.Admin.CreateArea(ctx, c, req.Name)
	return createdArea{area: areaOf(a)}, err
}

type areaPatch struct {
	byArea

	Name string `json:"name" required:"true" example:"North-west"`
}

func (d *Dialect) changeArea(ctx context.Context, c authority.Caller, req areaPatch) (area, error) {
	id, err := req.ID.need()
	if err != nil {
		return area{}, err
	}
	a, err := d.Admin.RenameArea(ctx, c, id, req.Name)
	return areaOf(a), err
}

func (d *Dialect) deleteArea(ctx context.Context, c authority.Caller, req byArea) (web.NoContent, error) {
	id, err := req.ID.need()
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Admin.DeleteArea(ctx, c, id)
}
