package main

import "github.com/spf13/cobra"

// tokenCommand looks at one token, whose text comes on standard input: an
// argument would be seen by every user of the machine.
func (a *app) tokenCommand() *cobra.Command {
	o := &operator{app: a}
	cmd := o.group("token", "Look at a token, or revoke it; its text is read from standard input",
		spec{use: "inspect", short: "Say whose the token is and until when it lives", operation: "token.inspect", stdin: "token"},
		spec{use: "revoke", short: "Revoke the token; a refresh token takes its whole grant along", operation: "token.revoke", stdin: "token"},
	)
	o.standFlags(cmd.PersistentFlags())
	return cmd
}
