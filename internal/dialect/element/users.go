package element

import (
	"context"
	"net/http"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

// userRoutes are the methods of user lists: that of the account, whose UUID is
// the account's, and that of each application, whose UUID is the application's.
func (d *Dialect) userRoutes() []web.Route {
	const list, one = base + "/user-lists/{list}/users", base + "/user-lists/{list}/users/{user}"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: list, Permission: admin.AccountRead,
			Request: usersRequest{}, Response: listing[user]{}, Summary: "List the users of a list.", Serve: web.JSON(d.users),
		},
		{
			Method: http.MethodPost, Pattern: list, Permission: admin.UsersManage, Audit: "user.create",
			Request: newUser{}, Response: createdUser{}, Summary: "Create a user.", Serve: web.JSON(d.createUser),
		},
		{
			Method: http.MethodGet, Pattern: one, Permission: admin.AccountRead,
			Request: userRequest{}, Response: user{}, Summary: "Read a user.", Serve: web.JSON(d.user),
		},
		{
			Method: http.MethodPatch, Pattern: one, Permission: admin.UsersManage, Audit: "user.change",
			Request: userPatch{}, Response: user{}, Summary: "Change a user; a new password ends what was issued to him.",
			Serve: web.JSON(d.changeUser, web.NoNull),
		},
		{
			Method: http.MethodDelete, Pattern: one, Permission: admin.UsersManage, Audit: "user.delete",
			Request: userRequest{}, Response: web.NoContent{}, Summary: "Delete a user with all his keys and tokens.",
			Serve: web.JSON(d.deleteUser),
		},
	}
}

// user is one of a list. A password is never read.
type user struct {
	ID          uuid    `json:"id"`
	Login       string  `json:"login"`
	Name        string  `json:"name"`
	Group       string  `json:"group"`
	Roles       []uuid  `json:"roles"`
	Areas       areas   `json:"areas"`
	Disabled    bool    `json:"disabled"`
	TokenAccess bool    `json:"token-access"`
	Created     *moment `json:"date-created"`
}

func userOf(p authority.Principal) user {
	return user{
		ID: shown(p.ID), Login: p.Login, Name: p.Name, Group: p.Group, Roles: uuids(p.Roles), Areas: areasOf(p.Areas),
		Disabled: p.Disabled, TokenAccess: !p.KeysOff, Created: momentOf(p.Created),
	}
}

type usersRequest struct {
	paging

	List uuid `path:"list" about:"user-list-id, as /me gives it"`
}

func (d *Dialect) users(ctx context.Context, c authority.Caller, req usersRequest) (listing[user], error) {
	c, of, err := d.list(ctx, c, req.List)
	if err != nil {
		return listing[user]{}, err
	}
	return page(req.paging, userOf, func(p admin.Page) (admin.List[authority.Principal], error) {
		return d.Admin.UsersOf(ctx, c, of, p)
	})
}

// list finds a user list: 0 for the account's own, else the application's. The
// deployment's owner finds that of every account, and works in it as in.
func (d *Dialect) list(ctx context.Context, c authority.Caller, list uuid) (in authority.Caller, of authority.ID, err error) {
	id, err := list.need()
	if err != nil || id == c.Account().ID {
		return c, 0, err
	}
	_, err = d.Admin.Application(ctx, c, id)
	if authority.CodeOf(err) != authority.NotFound {
		return c, id, err
	}
	in, err = d.Admin.Into(ctx, c, id)
	if authority.CodeOf(err) == authority.NotFound {
		err = authority.E(authority.NotFound, "no such user list")
	}
	return in, 0, err
}

type newUser struct {
	rights

	List        uuid             `path:"list"         about:"user-list-id, as /me gives it"`
	Login       string           `json:"login"        required:"true"                          example:"ivanova"`
	Name        string           `json:"name"         example:"Анна Иванова"`
	Group       string           `json:"group"        example:"external_connection"            enum:"mobile_user,external_connection,administrator"`
	Password    authority.Secret `json:"password"     required:"true"`
	Disabled    bool             `json:"disabled"`
	TokenAccess *bool            `json:"token-access"`
}

type createdUser struct {
	created
	user
}

func (d *Dialect) createUser(ctx context.Context, c authority.Caller, req newUser) (createdUser, error) {
	c, of, err := d.list(ctx, c, req.List)
	if err != nil {
		return createdUser{}, err
	}
	roles, see, err := req.need()
	if err != nil {
		return createdUser{}, err
	}
	p, err := d.Admin.CreateUser(ctx, c, admin.NewUser{
		Login: req.Login, Name: req.Name, Group: req.Group, Password: req.Password, Of: of, Disabled: req.Disabled,
		KeysOff: req.TokenAccess != nil && !*req.TokenAccess, Roles: given(roles), Areas: given(see),
	})
	return createdUser{user: userOf(p)}, err
}

type userRequest struct {
	List uuid `path:"list" about:"user-list-id, as /me gives it"`
	User uuid `path:"user" about:"Its id, as the list gives it"`
}

// find reads a user of the list that the path names, with the caller as he works
// in its account.
func (d *Dialect) find(ctx context.Context, c authority.Caller, req userRequest) (authority.Caller, authority.Principal, error) {
	id, err := req.User.need()
	if err != nil {
		return c, authority.Principal{}, err
	}
	in, of, err := d.list(ctx, c, req.List)
	if err != nil {
		return c, authority.Principal{}, err
	}
	p, err := d.Admin.User(ctx, in, id)
	if authority.CodeOf(err) == authority.NotFound || (err == nil && p.Of != of) {
		return in, authority.Principal{}, authority.E(authority.NotFound, "no such user")
	}
	return in, p, err
}

func (d *Dialect) user(ctx context.Context, c authority.Caller, req userRequest) (user, error) {
	_, p, err := d.find(ctx, c, req)
	return userOf(p), err
}

type userPatch struct {
	userRequest
	rights

	Login       *string           `json:"login"`
	Name        *string           `json:"name"`
	Group       *string           `json:"group"`
	Disabled    *bool             `json:"disabled"`
	TokenAccess *bool             `json:"token-access"`
	Password    *authority.Secret `json:"password"`
}

func (d *Dialect) changeUser(ctx context.Context, c authority.Caller, req userPatch) (user, error) {
	c, p, err := d.find(ctx, c, req.userRequest)
	if err != nil {
		return user{}, err
	}
	roles, see, err := req.need()
	if err != nil {
		return user{}, err
	}
	edit := admin.PrincipalEdit{
		ID: p.ID, Login: req.Login, Name: req.Name, Group: req.Group, Disabled: req.Disabled, Roles: roles, Areas: see,
	}
	if req.TokenAccess != nil {
		off := !*req.TokenAccess
		edit.KeysOff = &off
	}
	if p, err = d.Admin.ChangeUser(ctx, c, edit); err != nil || req.Password == nil {
		return userOf(p), err
	}
	return userOf(p), d.Admin.SetPassword(ctx, c, p.ID, *req.Password)
}

func (d *Dialect) deleteUser(ctx context.Context, c authority.Caller, req userRequest) (web.NoContent, error) {
	c, p, err := d.find(ctx, c, req)
	if err != nil {
		return web.NoContent{}, err
	}
	return web.NoContent{}, d.Admin.DeleteUser(ctx, c, p.ID)
}
