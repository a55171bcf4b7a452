package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"propusk/internal/server"
)

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Describe or check the configuration",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(describeCommand(), a.checkCommand())
	return cmd
}

func describeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "describe",
		Short: "Print every key with its meaning and default, as a configuration file",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return server.Describe(cmd.OutOrStdout())
		},
	}
}

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check the configuration file and start nothing",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			for _, w := range c.Warnings() {
				fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", w)
			}
			fmt.Fprintln(cmd.OutOrStdout(), "ok")
			return nil
		},
	}
}
