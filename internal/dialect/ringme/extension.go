package ringme

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/directory"
	"propusk/internal/web"
)

// Directory keeps an account's extensions; *directory.Service does.
type Directory interface {
	Extensions(ctx context.Context, c authority.Caller, q directory.Query) ([]directory.Extension, error)
	Extension(ctx context.Context, c authority.Caller, id authority.ID) (directory.Extension, error)
	Own(ctx context.Context, c authority.Caller) (directory.Extension, error)
	Create(ctx context.Context, c authority.Caller, e directory.Extension) (directory.Extension, error)
	Change(ctx context.Context, c authority.Caller, id authority.ID, edit directory.Edit) (directory.Extension, error)
	Delete(ctx context.Context, c authority.Caller, id authority.ID) error
}

func (d *Dialect) extensionRoutes() []web.Route {
	const list, one = base + "/client/{client}/extension", base + "/client/{client}/extension/{extension}"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: directory.ExtensionsList, Request: extensionsRequest{}, Response: []extension{},
			Summary: "List extensions by their numbers.", Serve: formed(web.JSON(d.extensions)),
		},
		{
			Method: http.MethodPost, Pattern: list, Permission: directory.ExtensionsChange, Audit: "extension.create",
			Request: newExtension{}, Response: createdExtension{}, Summary: "Make an extension.", Serve: web.JSON(d.createExtension),
		},
		{
			Method: http.MethodGet, Pattern: one, Permission: directory.ExtensionsList, Request: extensionRequest{}, Response: extension{},
			Summary: "Read an extension.", Serve: web.JSON(d.extension),
		},
		{
			Method: http.MethodPut, Pattern: one, Permission: directory.ExtensionsChange, Audit: "extension.change",
			Request: extensionEdit{}, Response: extension{}, Summary: "Change an extension. Its number stays.", Serve: web.JSON(d.changeExtension),
		},
		{
			Method: http.MethodDelete, Pattern: one, Permission: directory.ExtensionsChange, Audit: "extension.delete",
			Request: extensionRequest{}, Response: web.NoContent{}, Summary: "Delete an extension with its events.",
			Serve: web.JSON(d.deleteExtension),
		},
	}
}

// extension is an internal number. docs/dialects/ringme.md §5
type extension struct {
	ID               authority.ID   `json:"id"`
	ClientID         int64          `json:"client_id"`
	Name             string         `json:"name" about:"The account's number, an asterisk and the extension's"`
	Type             directory.Kind `json:"type"`
	Status           string         `json:"status"`
	Label            string         `json:"label"`
	Group            string         `json:"group"`
	UserID           *authority.ID  `json:"user_id"`
	ExtensionGroupID *authority.ID  `json:"extension_group_id"`
	CreateDate       string         `json:"create_date"`
}

// The words of an extension's status.
const (
	active  = "active"
	blocked = "blocked"
)

func extensionOf(c authority.Caller, e directory.Extension) extension {
	out := extension{
		ID: e.ID, ClientID: c.Account().Number, Name: prefix(c) + e.Number, Type: e.Kind, Status: active,
		Label: e.Label, Group: e.Group, CreateDate: e.Created.Format(wireTime),
	}
	if e.Blocked {
		out.Status = blocked
	}
	if e.User != 0 {
		out.UserID = &e.User
	}
	return out
}

// prefix begins the names of an account's extensions.
func prefix(c authority.Caller) string { return strconv.FormatInt(c.Account().Number, 10) + "*" }

// status is "active" or "blocked".
type status string

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *status) UnmarshalText(text []byte) error {
	*s = status(strings.ToLower(string(text)))
	return nil
}

// known refuses another word.
func (s *status) known() error {
	if s == nil || *s == active || *s == blocked {
		return nil
	}
	return authority.E(authority.InvalidValue, "status must be active or blocked").With("parameter", "status")
}

// isBlocked gives what a status says; nil where there is none.
func (s *status) isBlocked() *bool {
	if s == nil {
		return nil
	}
	return new(*s == blocked)
}

type extensionsRequest struct {
	ofClient

	PerPage int            `query:"per_page" default:"20" min:"1" max:"1000"`
	Page    int            `query:"page" default:"1" min:"1" max:"1000000"`
	Type    directory.Kind `query:"type" enum:"phone,queue,ivr,fax"`
	Status  *status        `query:"status" enum:"active,blocked"`
}

func (d *Dialect) extensions(ctx context.Context, c authority.Caller, r extensionsRequest) (out rows[extension], err error) {
	if err := r.own(c); err != nil {
		return out, err
	}
	if err := r.Status.known(); err != nil {
		return out, err
	}
	if r.Type != "" && !slices.Contains(directory.Kinds(), r.Type) {
		return out, authority.E(authority.InvalidValue, "type must be phone, queue, ivr or fax").With("parameter", "type")
	}
	found, err := d.Directory.Extensions(ctx, c, directory.Query{
		Kind: r.Type, Blocked: r.Status.isBlocked(), Offset: (r.Page - 1) * r.PerPage, Limit: r.PerPage,
	})
	if err != nil {
		return out, err
	}
	out = rows[extension]{make([]extension, len(found)), r.Page, len(found) == r.PerPage}
	for i, e := range found {
		out.items[i] = extensionOf(c, e)
	}
	return out, nil
}

type extensionRequest struct {
	ofClient

	ID authority.ID `path:"extension" about:"Its id, as the list gives it"`
}

func (d *Dialect) extension(ctx context.Context, c authority.Caller, r extensionRequest) (extension, error) {
	if err := r.own(c); err != nil {
		return extension{}, err
	}
	e, err := d.Directory.Extension(ctx, c, r.ID)
	if err != nil {
		return extension{}, err
	}
	return extensionOf(c, e), nil
}

// extensionFields are what may be said of an extension.
type extensionFields struct {
	Name   string          `json:"name" example:"305" about:"With or without the account's number before it"`
	Type   *directory.Kind `json:"type" enum:"phone,queue,ivr,fax" example:"phone"`
	Status *status         `json:"status" enum:"active,blocked" example:"active"`
	Label  *string         `json:"label" example:"Reception"`
	Group  *string         `json:"group"`
	UserID *authority.ID   `json:"user_id" about:"0 = nobody's"`
}

func (f extensionFields) edit() directory.Edit {
	return directory.Edit{Kind: f.Type, Label: f.Label, Group: f.Group, Blocked: f.Status.isBlocked(), User: f.UserID}
}

type newExtension struct {
	ofClient
	extensionFields
}

// createdExtension is an extension with the status of a creation.
type createdExtension struct{ extension }

// StatusCode implements web.Statuser.
func (createdExtension) StatusCode() int { return http.StatusCreated }

// JSONBody implements web.Bodier.
func (e createdExtension) JSONBody() any { return e.extension }

func (d *Dialect) createExtension(ctx context.Context, c authority.Caller, r newExtension) (createdExtension, error) {
	if err := r.own(c); err != nil {
		return createdExtension{}, err
	}
	if err := r.Status.known(); err != nil {
		return createdExtension{}, err
	}
	e := directory.Extension{Number: strings.TrimPrefix(r.Name, prefix(c)), Kind: directory.Phone}
	if r.Type != nil {
		e.Kind = *r.Type
	}
	if r.Label != nil {
		e.Label = *r.Label
	}
	if r.Group != nil {
		e.Group = *r.Group
	}
	if r.UserID != nil {
		e.User = *r.UserID
	}
	e.Blocked = r.Status != nil && *r.Status == blocked
	made, err := d.Directory.Create(ctx, c, e)
	if err != nil {
		return createdExtension{}, err
	}
	return createdExtension{extensionOf(c, made)}, nil
}

type extensionEdit struct {
	ofClient
	extensionFields

	ID authority.ID `path:"extension" about:"Its id, as the list gives it"`
}

func (d *Dialect) changeExtension(ctx context.Context, c authority.Caller, r extensionEdit) (extension, error) {
	if err := r.own(c); err != nil {
		return extension{}, err
	}
	if err := r.Status.known(); err != nil {
		return extension{}, err
	}
	if r.Name != "" {
		e, err := d.Directory.Extension(ctx, c, r.ID)
		if err != nil {
			return extension{}, err
		}
		if strings.TrimPrefix(r.Name, prefix(c)) != e.Number {
			return extension{}, authority.E(authority.InvalidValue, "the name of an extension cannot be changed").With("field", "name")
		}
	}
	e, err := d.Directory.Change(ctx, c, r.ID, r.edit())
	if err != nil {
		return extension{}, err
	}
	return extensionOf(c, e), nil
}

func (d *Dialect) deleteExtension(ctx context.Context, c authority.Caller, r extensionRequest) (web.NoContent, error) {
	if err := r.own(c); err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Directory.Delete(ctx, c, r.ID)
}
