package main

import "github.com/spf13/cobra"

// adminCommand administers accounts: in the running server if there is one,
// else on the data itself.
func (a *app) adminCommand() *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use:   "admin",
		Short: "Administer accounts, users, service users, secrets, roles, grants",
		Long: "Administer a deployment. While serve runs, the commands go through the socket in its data\n" +
			"folder and take effect at once; otherwise they open the data themselves. A principal is named by\n" +
			"id, login or name; login:79031112233 is a login that looks like an id.",
		Args: cobra.NoArgs,
	}
	o.standFlags(cmd.PersistentFlags())
	cmd.AddCommand(o.accountCommands()...)
	cmd.AddCommand(o.peopleCommands()...)
	cmd.AddCommand(o.rightsCommands()...)
	cmd.AddCommand(o.secretCommands()...)
	cmd.AddCommand(o.watchCommands()...)
	cmd.AddCommand(o.doorCommands()...)
	return cmd
}

func (o *operator) accountCommands() []*cobra.Command {
	columns := view{columns: []string{"contract", "number", "name", "disabled", "created"}, done: "done"}
	account := o.group("account", "Accounts of a stand",
		spec{use: "list", short: "List the accounts", operation: "account.list", view: columns},
		spec{
			use: "create NAME", short: "Create an account, with an administrator if --login is given",
			operation: "account.create", args: []string{"name"}, flags: []option{
				{"contract", "contract", "contract `number`; none: the account's number", text},
				{"number", "number", "account `number` in paths; none: a random one", text},
				{"login", "login", "`login` of the first administrator; his password is shown once", text},
				{"password-stdin", "password", "read the administrator's password from standard input", input},
				{"owner", "owner", "the administrator owns the deployment on this stand", yes},
			},
		},
		spec{use: "rename NAME", short: "Give the account --account another name", operation: "account.rename", args: []string{"name"}},
		spec{use: "disable", short: "Refuse everything in the account --account, from now on", operation: "account.disable"},
		spec{use: "enable", short: "Let the account --account in again; what was issued before stays refused", operation: "account.enable"},
		spec{
			use: "default", short: "Make the account --account the one that requests are about which name none",
			operation: "account.default", view: view{done: "done"},
		},
		spec{use: "delete", short: "Delete the disabled account --account with everything in it", operation: "account.delete", view: columns},
	)
	settings := o.group("settings", "Settings of the account --account",
		spec{use: "show", short: "Show the settings", operation: "settings.show"},
		spec{
			use: "change", short: "Change some settings; an empty value goes back to the default",
			operation: "settings.change", flags: []option{
				{"access-lifetime", "access_lifetime", "lifetime of access tokens, `dialect=30m`; 0s: the default", pairs},
				{"accept-tokens-from", "accept_tokens_from", "take the other dialect's tokens too, `dialect=other`", lists},
				{"time-zone", "time_zone", "IANA `name`", text},
				{"strict", "strict", "refuse what the real API refuses, `dialect=true`", switches},
				{"guest", "guest", "let callers without a credential read, `dialect=true`", switches},
				{"shape", "shape", "another documented shape of answers, `dialect=shape`", pairs},
			},
		},
	)
	return []*cobra.Command{account, settings}
}

func (o *operator) watchCommands() []*cobra.Command {
	grants := o.group("grant", "Who holds living tokens",
		spec{use: "list", short: "List the living grants", operation: "grant.list", flags: []option{
			{"principal", "principal", "only of this principal's `id`", text},
			{"dialect", "dialect", "only of this dialect's `name`", text},
			{"limit", "limit", "at most this `many`", text},
		}, view: view{columns: []string{"id", "dialect", "holder", "principal", "issued", "expires", "last_used", "address"}}},
		spec{use: "revoke", short: "Revoke one grant, all of a principal, or all of the account", operation: "grant.revoke", flags: []option{
			{"grant", "grant", "one grant's `id`", text},
			{"principal", "principal", "all of this principal's `id`", text},
			{"all", "all", "everything of the account", yes},
		}, view: view{done: "revoked"}},
	)
	audit := o.group("audit", "What was done, and what was refused",
		spec{use: "list", short: "List entries, newest first; without --account those of the whole stand", operation: "audit.list", flags: []option{
			{"verb", "verb", "only this `verb`, such as token.issue", text},
			{"actor", "actor", "only by this principal's `id`", text},
			{"credential", "credential", "only with this credential's `id`", text},
			{"outcome", "outcome", "only `done` or refused", text},
			{"since", "since", "not before this `time`", text},
			{"until", "until", "before this `time`", text},
			{"before", "before", "older than this entry's `id`: the next page", text},
			{"limit", "limit", "at most this `many`, to 1000", text},
		}, view: view{columns: []string{"id", "time", "verb", "object", "outcome", "reason", "actor", "dialect", "address", "count"}}},
	)
	return []*cobra.Command{grants, audit}
}
