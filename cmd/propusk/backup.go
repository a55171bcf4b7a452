package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"propusk/internal/authority"
)

// backupCommand copies the database while work goes on.
func (a *app) backupCommand() *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use: "backup FILE", Short: "Copy the SQLite database, also while serve runs",
		Long: "Write a consistent copy of the SQLite database to FILE (mode 0600), which must not be there yet.\n" +
			"While serve runs, it writes the copy. PostgreSQL is backed up with pg_dump. docs/guide.md says what else\n" +
			"belongs to a backup.",
		Args: cobra.ExactArgs(1), Annotations: map[string]string{annotation: "backup"},
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			return o.run(cmd, "backup", map[string]any{"file": path}, view{columns: []string{"file"}})
		},
	}
	o.stand = string(authority.Production)
	o.dataFlag(cmd.Flags())
	o.jsonFlag(cmd.Flags())
	return cmd
}
