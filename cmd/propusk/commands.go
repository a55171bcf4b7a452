package main

import (
	"github.com/spf13/cobra"

	"propusk/internal/server"
)

// app is what the commands share: the flags of the root.
type app struct {
	configFile string
}

// commands lists every command of the program, in the order of its help. A new
// one is a file here and a line in this function.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.serveCommand(),
		demoCommand(),
		a.initCommand(),
		a.adminCommand(),
		a.importCommand(),
		a.tokenCommand(),
		a.auditCommand(),
		a.backupCommand(),
		a.restoredCommand(),
		a.doctorCommand(),
		a.migrateCommand(),
		a.configCommand(),
		versionCommand(),
	}
}

// root makes the command line. getenv reads the environment.
func root(getenv func(string) string) *cobra.Command {
	a := &app{}
	cmd := &cobra.Command{
		Use:           "propusk",
		Short:         "One safe door to the APIs of a business: issues and checks their tokens",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	cmd.CompletionOptions.HiddenDefaultCmd = true
	cmd.PersistentFlags().StringVar(&a.configFile, "config", getenv("PROPUSK_CONFIG"),
		"configuration `file` (or PROPUSK_CONFIG); none: every default")
	cmd.AddCommand(a.commands()...)
	return cmd
}

// config reads the configuration that the command line names.
func (a *app) config() (server.Config, error) { return server.LoadConfig(a.configFile) }
