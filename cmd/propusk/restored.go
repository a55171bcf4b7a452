package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"propusk/internal/server"
	"propusk/internal/store"
)

// restoredCommand says that the database is one of an earlier time.
func (a *app) restoredCommand() *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: "restored", Short: "Refuse every token issued so far, after the database was put back from a backup",
		Long: "A database that was put back does not know what was revoked after its backup. This command has every token\n" +
			"refused that was issued before, on both stands; long-lived secrets stay good. A copy that propusk backup has\n" +
			"made says by itself that it is one: the first start does the same. Run it after restoring PostgreSQL, or a\n" +
			"copy that was made otherwise, before serve starts.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.config()
			if err != nil {
				return err
			}
			if err := server.RestoredData(cmd.Context(), c); err != nil {
				if errors.Is(err, store.ErrLocked) {
					return fmt.Errorf("%w: stop it first", err)
				}
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "every token issued so far is refused; long-lived secrets stay good: revoke anew what was revoked since the backup")
			return nil
		},
	}
	o.dataFlag(cmd.Flags())
	return cmd
}
