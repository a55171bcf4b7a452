package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"propusk/internal/server"
	"propusk/internal/store"
)

func (a *app) migrateCommand() *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to this program's schema; serve does it at its start too",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.config()
			if err != nil {
				return err
			}
			m, err := server.MigrateData(cmd.Context(), c)
			if errors.Is(err, store.ErrLocked) {
				return fmt.Errorf("%w: stop it first; the new program migrates when it starts", err)
			}
			if err != nil {
				return err
			}
			if m.Before == m.After {
				fmt.Fprintf(cmd.OutOrStdout(), "schema %d: nothing to do\n", m.After)
				return nil
			}
			fmt.Fprintf(cmd.OutOrStdout(), "schema %d, was %d\n", m.After, m.Before)
			return nil
		},
	}
	o.dataFlag(cmd.Flags())
	return cmd
}
