package element

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

func (d *Dialect) applicationRoutes() []web.Route {
	const list, one = base + "/applications", base + "/applications/{application}"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: admin.AccountRead,
			Request: paging{}, Response: listing[application]{}, Summary: "List applications.", Serve: web.JSON(d.applications),
		},
		{
			Method: http.MethodPost, Pattern: list, Permission: admin.ApplicationsManage, Audit: "application.create", Secret: true,
			Request: newApplication{}, Response: createdApplication{}, Summary: "Create an application; its secret is shown this once.",
			Serve: web.JSON(d.createApplication),
		},
		{
			Method: http.MethodGet, Pattern: one, Permission: admin.AccountRead,
			Request: byApplication{}, Response: application{}, Summary: "Read an application.", Serve: web.JSON(d.application),
		},
		{
			Method: http.MethodPatch, Pattern: one, Permission: admin.ApplicationsManage, Audit: "application.change",
			Request: applicationPatch{}, Response: application{}, Summary: "Change an application.", Serve: web.JSON(d.changeApplication, web.NoNull),
		},
		{
			Method: http.MethodDelete, Pattern: one, Permission: admin.ApplicationsManage, Audit: "application.delete",
			Request: byApplication{}, Response: web.NoContent{}, Summary: "Delete an application with its secret and tokens.",
			Serve: web.JSON(d.deleteApplication),
		},
		{
			Method: http.MethodPost, Pattern: one + "/secret", Permission: admin.ApplicationsManage, Secret: true,
			Audit: "application_secret.generate", Request: rotateSecret{}, Response: createdSecret{},
			Summary: "Make another secret; the former one works on for the overlap.", Serve: emptyBody(web.JSON(d.rotateSecret, web.KnownOnly)),
		},
	}
}

// The words of an application's status.
const (
	running = "Running"
	stopped = "Stopped"
)

type byApplication struct {
	ID uuid `path:"application" about:"Its id, as the list gives it"`
}

type application struct {
	ID           uuid     `json:"id"`
	Name         string   `json:"name"`
	DisplayName  string   `json:"display-name"`
	Description  string   `json:"description"`
	Status       string   `json:"status"`
	Created      *moment  `json:"date-created"`
	Type         string   `json:"type"`
	Access       string   `json:"access"`
	RedirectURIs []string `json:"redirect-uris"`
	NoSecret     bool     `json:"no-secret"`
	Roles        []uuid   `json:"roles"`
	Areas        areas    `json:"areas"`
}

func applicationOf(p authority.Principal) application {
	a := application{
		ID: shown(p.ID), Name: p.Name, DisplayName: cmp.Or(p.Traits.DisplayName, p.Name), Description: p.Traits.Description,
		Status: running, Created: momentOf(p.Created), Type: cmp.Or(p.Traits.Type, typeOAuth), Access: p.Traits.Access,
		RedirectURIs: append([]string{}, p.Traits.RedirectURIs...), NoSecret: p.Traits.NoSecret, Roles: uuids(p.Roles), Areas: areasOf(p.Areas),
	}
	if p.Disabled {
		a.Status = stopped
	}
	return a
}

func (d *Dialect) applications(ctx context.Context, c authority.Caller, req paging) (listing[application], error) {
	return page(req, applicationOf, func(p admin.Page) (admin.List[authority.Principal], error) {
		return d.Admin.Applications(ctx, c, p)
	})
}

func (d *Dialect) application(ctx context.Context, c authority.Caller, req byApplication) (application, error) {
	id, err := req.ID.need()
	if err != nil {
		return application{}, err
	}
	p, err := d.Admin.Application(ctx, c, id)
	return applicationOf(p), err
}

// The types of an application, each with the dialect whose client it is.
const (
	typeTrusted  = "trusted"
	typePublic   = "public"
	typePassword = "password_credentials"
	typeOAuth    = "oauth"
)

func dialectOf(kind string) (string, error) {
	switch kind {
	case typeTrusted, typePublic, typePassword:
		return "ringme", nil
	case typeOAuth, "":
		return "oauth", nil
	}
	return "", authority.E(authority.InvalidValue, "type must be "+strings.Join(types(), ", ")).With("parameter", "type")
}

func types() []string { return []string{typeTrusted, typePublic, typePassword, typeOAuth} }

// accesses are the levels of access that are known.
func accesses() []string { return []string{"Call API", "All"} }

func checkAccess(access string) error {
	if access != "" && !slices.Contains(accesses(), access) {
		return authority.E(authority.InvalidValue, "access must be "+strings.Join(accesses(), " or ")).With("parameter", "access")
	}
	return nil
}

type newApplication struct {
	rights

	Name         string   `json:"name" required:"true" example:"CRM"`
	DisplayName  string   `json:"display-name"`
	Description  string   `json:"description"`
	Type         string   `json:"type"`
	Access       string   `json:"access"`
	RedirectURIs []string `json:"redirect-uris"`
	NoSecret     bool     `json:"no-secret"`
	Status       *string  `json:"status"`
}

type createdApplication struct {
	created
	application

	ApplicationID     string `json:"application-id"`
	ApplicationSecret string `json:"application-secret,omitempty"`
}

// checkNoSecret refuses an application without a secret where its type gets tokens
// with it. RFC 6749 §4.4
func checkNoSecret(none bool, kind string) error {
	if none && kind != typePublic && kind != typeOAuth {
		return authority.E(authority.InvalidValue, "no-secret is of the types public and oauth").With("parameter", "no-secret")
	}
	return nil
}

func (d *Dialect) createApplication(ctx context.Context, c authority.Caller, req newApplication) (createdApplication, error) {
	of, err := dialectOf(req.Type)
	if err != nil {
		return createdApplication{}, err
	}
	kind := cmp.Or(req.Type, typeOAuth)
	if err := first(checkAccess(req.Access), checkNoSecret(req.NoSecret, kind)); err != nil {
		return createdApplication{}, err
	}
	roles, see, err := req.need()
	if err != nil {
		return createdApplication{}, err
	}
	off, err := stoppedBy(req.Status)
	if err != nil {
		return createdApplication{}, err
	}
	made, err := d.Admin.CreateApplication(ctx, c, admin.NewApplication{
		Name: req.Name, Dialect: of, Roles: given(roles), Areas: given(see), Disabled: given(off),
		Traits: authority.Traits{
			DisplayName: req.DisplayName, Description: req.Description, Type: kind, Access: req.Access,
			RedirectURIs: req.RedirectURIs, NoSecret: req.NoSecret,
		},
	})
	return createdApplication{
		application: applicationOf(made.Application), ApplicationID: made.Secret.Credential.ClientID,
		ApplicationSecret: made.Secret.Secret.Reveal(),
	}, err
}

type applicationPatch struct {
	byApplication
	rights

	Name         *string   `json:"name"`
	DisplayName  *string   `json:"display-name"`
	Description  *string   `json:"description"`
	Status       *string   `json:"status"`
	Type         *string   `json:"type"`
	Access       *string   `json:"access"`
	RedirectURIs *[]string `json:"redirect-uris"`
	NoSecret     *bool     `json:"no-secret"`
}

// stoppedBy reads a status; nil = none was sent.
func stoppedBy(status *string) (*bool, error) {
	if status == nil {
		return nil, nil
	}
	off := strings.EqualFold(*status, stopped)
	if !off && !strings.EqualFold(*status, running) {
		return nil, authority.E(authority.InvalidValue, "status must be Running or Stopped").With("parameter", "status")
	}
	return &off, nil
}

func (d *Dialect) changeApplication(ctx context.Context, c authority.Caller, req applicationPatch) (application, error) {
	id, err := req.ID.need()
	if err != nil {
		return application{}, err
	}
	roles, see, err := req.need()
	if err != nil {
		return application{}, err
	}
	off, err := stoppedBy(req.Status)
	if err != nil {
		return application{}, err
	}
	if err := first(checkAccess(given(req.Access)), d.sameType(ctx, c, id, req)); err != nil {
		return application{}, err
	}
	p, err := d.Admin.ChangeApplication(ctx, c, admin.PrincipalEdit{
		ID: id, Name: req.Name, Disabled: off, Roles: roles, Areas: see,
		Traits: &admin.TraitsEdit{
			DisplayName: req.DisplayName, Description: req.Description, Access: req.Access, RedirectURIs: req.RedirectURIs,
		},
	})
	return applicationOf(p), err
}

// sameType refuses another type, or a secret where there was none: the client id
// and the ways in hang on them.
func (d *Dialect) sameType(ctx context.Context, c authority.Caller, id authority.ID, req applicationPatch) error {
	if req.Type == nil && req.NoSecret == nil {
		return nil
	}
	p, err := d.Admin.Application(ctx, c, id)
	if err != nil {
		return err
	}
	return first(fixed[string]{"type", req.Type, cmp.Or(p.Traits.Type, typeOAuth)}.check(), fixed[bool]{"no-secret", req.NoSecret, p.Traits.NoSecret}.check())
}

func (d *Dialect) deleteApplication(ctx context.Context, c authority.Caller, req byApplication) (web.NoContent, error) {
	id, err := req.ID.need()
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Admin.DeleteApplication(ctx, c, id)
}

type rotateSecret struct {
	byApplication
	newSecret
}

type createdSecret struct {
	created

	ApplicationID     string  `json:"application-id"`
	ApplicationSecret string  `json:"application-secret"`
	Expires           *moment `json:"expires"`
}

func (d *Dialect) rotateSecret(ctx context.Context, c authority.Caller, req rotateSecret) (createdSecret, error) {
	g, err := req.generate(req.ID)
	if err != nil {
		return createdSecret{}, err
	}
	if _, err := d.Admin.Application(ctx, c, g.Principal); err != nil {
		return createdSecret{}, err
	}
	made, err := d.Admin.RotateApplicationSecret(ctx, c, g)
	if err != nil {
		return createdSecret{}, err
	}
	return createdSecret{
		ApplicationID: made.Credential.ClientID, ApplicationSecret: made.Secret.Reveal(), Expires: momentOf(made.Credential.Expires),
	}, nil
}
