package smarts

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/catalog/query"
)

// batch is how many users are read at once.
const batch = 1000

// userSchema is what is told of a user. His id is a text.
func userSchema() query.Schema {
	return query.Schema{
		{Name: "id", Kind: query.StringKind},
		{Name: "name", Kind: query.StringKind},
		{Name: "login", Kind: query.StringKind},
		{Name: "groupId", Kind: query.StringKind},
		{Name: "disabled", Kind: query.BoolKind},
	}
}

// user is a row of Users.
type user struct{ id, name, login, group, disabled query.Value }

func userOf(p authority.Principal) user {
	return user{
		query.Text(strconv.FormatInt(int64(p.ID), 10)), query.Text(p.Name), query.Text(p.Login),
		query.Text(p.Group), query.Flag(p.Disabled),
	}
}

// Field implements query.Row.
func (u user) Field(name string) query.Value {
	switch name {
	case "id":
		return u.id
	case "name":
		return u.name
	case "login":
		return u.login
	case "groupId":
		return u.group
	}
	return u.disabled
}

func (d *Dialect) users(ctx context.Context, c authority.Caller, q listRequest) (set, error) {
	rows, err := d.allUsers(ctx, c)
	if err != nil {
		return set{}, err
	}
	return listed(ctx, userEntity(), q, rows)
}

// allUsers reads the account's own users. Options are applied here, so that
// every property can be asked for alike.
func (d *Dialect) allUsers(ctx context.Context, c authority.Caller) (rows []user, err error) {
	for {
		list, err := d.Users.UsersOf(ctx, c.Account().ID, 0, admin.Page{Offset: len(rows), Size: batch})
		if err != nil {
			return nil, err
		}
		for _, p := range list.Items {
			rows = append(rows, userOf(p))
		}
		if len(list.Items) < batch {
			return rows, nil
		}
	}
}

func (d *Dialect) user(ctx context.Context, c authority.Caller, q oneRequest) (object, error) {
	key, err := keyOf(q.Key)
	if err != nil {
		return nil, err
	}
	nobody := authority.E(authority.NotFound, "there is no such user")
	id, err := strconv.ParseInt(key, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != key {
		return nil, nobody
	}
	p, err := d.Users.Principal(ctx, c.Account().ID, authority.ID(id), authority.User)
	if authority.CodeOf(err) == authority.NotFound || err == nil && p.Of != 0 {
		return nil, nobody
	}
	if err != nil {
		return nil, err
	}
	return userEntity().one(ctx, q.shape, userOf(p))
}

// groupSchema is what is told of a group. Its role is the number that the real
// API counts them by.
func groupSchema() query.Schema {
	return query.Schema{
		{Name: "id", Kind: query.StringKind}, {Name: "name", Kind: query.StringKind}, {Name: "role", Kind: query.NumberKind},
	}
}

// group is a row of UserGroups.
type group struct{ id, name, role query.Value }

// Field implements query.Row.
func (g group) Field(name string) query.Value {
	switch name {
	case "id":
		return g.id
	case "name":
		return g.name
	}
	return g.role
}

// allGroups are those that carry a role.
func allGroups() []group {
	row := func(id, name string, role int) group {
		return group{query.Text(id), query.Text(name), query.Count(role)}
	}
	return []group{
		row(authority.GroupMobileUser, "Мобильный пользователь", 0),
		row(authority.GroupExternalConnection, "Внешнее подключение", 1),
		row(authority.GroupAdministrator, "Администратор", 2),
	}
}

func (d *Dialect) groups(ctx context.Context, _ authority.Caller, q listRequest) (set, error) {
	return listed(ctx, groupEntity(), q, allGroups())
}

func (d *Dialect) group(ctx context.Context, _ authority.Caller, q oneRequest) (object, error) {
	key, err := keyOf(q.Key)
	if err != nil {
		return nil, err
	}
	rows := allGroups()
	at := slices.IndexFunc(rows, func(g group) bool { return strings.EqualFold(g.id.Text, key) })
	if at < 0 {
		return nil, authority.E(authority.NotFound, "there is no such group")
	}
	return groupEntity().one(ctx, q.shape, rows[at])
}
