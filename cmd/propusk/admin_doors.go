package main

import "github.com/spf13/cobra"

// doorCommands are about the ways in.
func (o *operator) doorCommands() []*cobra.Command {
	return []*cobra.Command{
		o.group("host", "Host names that stand for the account --account where a request names none",
			spec{use: "list", short: "List them", operation: "host.list"},
			spec{use: "bind HOST", short: "Bind a name to the account", operation: "host.bind", args: []string{"host"}, view: view{done: "bound"}},
			spec{use: "unbind HOST", short: "Take a name back", operation: "host.unbind", args: []string{"host"}, view: view{done: "unbound"}},
		),
		o.group("door", "Ways in that should be given up",
			spec{
				use: "list", short: "List who still uses them, the last used first", operation: "door.list",
				view: view{columns: []string{"holder", "login", "dialect", "door", "uses", "last_used", "address"}},
			},
		),
		o.group("authorization-token", "The account's authorization token",
			spec{
				use: "generate", short: "Make a new one; it is shown once and ends the former with everything made from it",
				operation: "authorization-token.generate", flags: []option{secretFlags()[0], secretFlags()[2]},
			},
			spec{use: "revoke", short: "Revoke it with everything made from it", operation: "authorization-token.revoke", view: view{done: "revoked"}},
		),
	}
}
