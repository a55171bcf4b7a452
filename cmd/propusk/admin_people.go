package main

import (
	"slices"

	"github.com/spf13/cobra"
)

// rightsFlags name the roles and areas of a principal.
func rightsFlags() []option {
	return []option{
		{"role", "roles", "`name` of a role; may be repeated", list},
		{"area", "areas", "`name` of an area it sees; may be repeated", list},
		{"all-areas", "all_areas", "it sees every area", yes},
	}
}

func changeFlags(more ...option) []option {
	return slices.Concat(rightsFlags(), []option{
		{"name", "name", "another `name`", text},
		{"disable", "disabled", "refuse it and everything issued to it, from now on", yes},
		{"enable", "disabled", "let it in again", no},
	}, more)
}

func (o *operator) peopleCommands() []*cobra.Command {
	columns := view{columns: []string{"id", "name", "roles", "all_areas", "areas", "disabled"}, done: "deleted"}
	logins := view{columns: []string{"id", "login", "name", "group", "roles", "all_areas", "areas", "disabled"}, done: "done"}
	id := []string{"id"}
	return []*cobra.Command{
		o.group("service-user", "Service users: programs with a service token, called by name or id",
			spec{use: "list", short: "List them", operation: "service-user.list", view: columns},
			spec{use: "create NAME", short: "Create one; service-token makes its secret", operation: "service-user.create", args: []string{"name"}, flags: rightsFlags()},
			spec{use: "update SERVICE-USER", short: "Change one; roles and areas are replaced", operation: "service-user.change", args: id, flags: changeFlags()},
			spec{use: "delete SERVICE-USER", short: "Delete one with its secrets and grants", operation: "service-user.delete", args: id, view: columns},
		),
		o.group("user", "Users: people with login and password, called by login, name or id",
			spec{use: "list", short: "List them", operation: "user.list", view: logins},
			spec{
				use: "create LOGIN", short: "Create one; without --password-stdin a password is made and shown once",
				operation: "user.create", args: []string{"login"}, flags: append(rightsFlags(),
					option{"name", "name", "full `name`", text}, option{"group", "group", "`word` of a group", text},
					option{"password-stdin", "password", "read the password from standard input", input}),
			},
			spec{
				use: "update USER", short: "Change one; roles and areas are replaced", operation: "user.change", args: id,
				flags: changeFlags(option{"login", "login", "another `login`", text}, option{"group", "group", "another `group`", text}),
			},
			spec{
				use: "password USER", short: "Set another password; everything issued to the user is refused",
				operation: "user.password", args: id, view: logins,
				flags: []option{{"password-stdin", "password", "read it from standard input; else one is made and shown once", input}},
			},
			spec{use: "delete USER", short: "Delete one with his secrets and grants", operation: "user.delete", args: id, view: columns},
		),
		o.group("application", "Applications: clients with client id and secret, called by name or id",
			spec{use: "list", short: "List them", operation: "application.list", view: columns},
			spec{
				use: "create NAME", short: "Create one; its client id and secret are shown once", operation: "application.create", args: []string{"name"},
				flags: append(rightsFlags(), option{"dialect", "dialect", "`name` of the dialect it speaks, such as oauth", text},
					option{"expires", "expires", "when the secret ends: a date, a `time`, or 90d", text}),
			},
			spec{use: "update APPLICATION", short: "Change one; roles and areas are replaced", operation: "application.change", args: id, flags: changeFlags()},
			spec{
				use: "rotate APPLICATION", short: "Make another secret under the same client id; it is shown once", operation: "application.rotate",
				args: []string{"principal"}, flags: secretFlags(),
			},
			spec{use: "delete APPLICATION", short: "Delete one with its secrets and grants", operation: "application.delete", args: id, view: columns},
		),
	}
}

// secretFlags are those of a secret that takes the place of a former one.
func secretFlags() []option {
	return []option{
		{"expires", "expires", "when it ends: a date, a `time`, or 90d; none: never", text},
		{"overlap", "overlap", "how long the former one still works, such as 48h; to 7d; none: it dies at once", text},
		{"description", "description", "what it is for", text},
	}
}

func (o *operator) secretCommands() []*cobra.Command {
	return []*cobra.Command{
		o.command(spec{
			use: "service-token SERVICE-USER", short: "Make a new service token; it is shown once and takes the former one's place",
			operation: "service-token.generate", args: []string{"principal"}, flags: secretFlags(),
		}),
		o.command(spec{
			use: "access-key USER", short: "Make an access key of a user; it is shown once", operation: "access-key.create",
			args: []string{"principal"}, flags: []option{secretFlags()[0], secretFlags()[2]},
		}),
		o.group("credential", "Secrets, never shown again",
			spec{
				use: "list PRINCIPAL", short: "List the secrets of a principal", operation: "credential.list", args: []string{"id"},
				view: view{columns: []string{"id", "kind", "state", "client_id", "description", "created", "expires", "ends", "last_used", "last_address"}},
			},
			spec{use: "revoke ID", short: "Revoke one with everything made from it", operation: "credential.revoke", args: []string{"id"}, view: view{done: "revoked"}},
		),
	}
}

func (o *operator) rightsCommands() []*cobra.Command {
	permission := option{"permission", "permissions", "`name` of a permission; may be repeated", list}
	columns := view{columns: []string{"id", "name", "permissions"}, done: "deleted"}
	areas := view{columns: []string{"id", "name"}, done: "deleted"}
	return []*cobra.Command{
		o.group("role", "Roles: named sets of permissions",
			spec{use: "list", short: "List them", operation: "role.list", view: columns},
			spec{use: "create NAME", short: "Create one", operation: "role.create", args: []string{"name"}, flags: []option{permission}},
			spec{
				use: "update ROLE", short: "Change one; its permissions are replaced", operation: "role.change", args: []string{"role"},
				flags: []option{permission, {"name", "name", "another `name`", text}},
			},
			spec{use: "delete ROLE", short: "Delete one that nobody holds", operation: "role.delete", args: []string{"role"}, view: columns},
			spec{use: "permissions", short: "List every permission that a role may hold", operation: "permission.list"},
		),
		o.group("area", "Areas: parts of an account's work",
			spec{use: "list", short: "List them", operation: "area.list", view: areas},
			spec{use: "create NAME", short: "Create one", operation: "area.create", args: []string{"name"}},
			spec{use: "rename AREA NAME", short: "Give one another name", operation: "area.rename", args: []string{"area", "name"}},
			spec{use: "delete AREA", short: "Delete one that nobody is bound to and no work lies in", operation: "area.delete", args: []string{"area"}, view: areas},
		),
	}
}
