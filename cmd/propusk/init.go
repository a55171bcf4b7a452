package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"propusk/internal/server"
)

// initCommand makes a deployment, or says what is there.
func (a *app) initCommand() *cobra.Command {
	o := &operator{app: a}
	first := server.First{}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make the data folder, keys, database and the first administrator",
		Long: "Make whatever of a deployment is missing, and on each stand that has no account a first one\n" +
			"with its administrator, who owns the deployment. What is there stays as it is.\n" +
			"If init was cut off before it showed a password, `propusk admin user password LOGIN` makes another.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.config()
			if err != nil {
				return err
			}
			done, err := server.Initialise(cmd.Context(), c, first, a.configFile == "")
			if err != nil {
				return said(err)
			}
			if o.json {
				text, err := json.Marshal(done)
				if err != nil {
					return err
				}
				return printJSON(cmd.OutOrStdout(), text)
			}
			return printInitialised(cmd.OutOrStdout(), done, a.configFile)
		},
	}
	o.dataFlag(cmd.Flags())
	o.jsonFlag(cmd.Flags())
	cmd.Flags().StringVar(&first.Name, "name", "Main", "`name` of the first account")
	cmd.Flags().StringVar(&first.Contract, "contract", "", "contract `number` of the first account; none: a random one")
	cmd.Flags().StringVar(&first.Login, "login", "admin", "`login` of its administrator")
	return cmd
}

// printInitialised says what was made, and how to go on with the configuration
// that was made or given.
func printInitialised(w io.Writer, done server.Initialised, given string) error {
	made := map[bool]string{true: "made", false: "was there"}
	fmt.Fprintf(w, "data folder      %s\n", done.Data)
	if done.Config != "" {
		fmt.Fprintf(w, "configuration    %s (%s)\n", done.Config, made[done.ConfigMade])
	}
	fmt.Fprintf(w, "deployment key   %s (%s); keep a copy apart from the database\n", done.DeploymentKey, made[done.KeyMade])
	shown := false
	for _, s := range done.Stands {
		if s.Accounts > 0 {
			fmt.Fprintf(w, "%-16s accounts were there: %d\n", s.Stand, s.Accounts)
			continue
		}
		shown = true
		fmt.Fprintf(w, "%-16s account %q, contract %s, login %s, password %s\n", s.Stand, s.Name, s.Contract, s.Login, s.Password)
	}
	if shown {
		fmt.Fprintln(w, "Keep the passwords now: they are not shown again.")
	} else {
		fmt.Fprintln(w, "A password that was lost is replaced by: propusk admin user password LOGIN")
	}
	next := "propusk serve"
	if file := cmp.Or(done.Config, given); file != "" {
		next += " --config " + file
	}
	_, err := fmt.Fprintf(w, "next: %s\n", next)
	return err
}
