package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"propusk/internal/server"
)

// doctorCommand looks at everything and mends nothing. It fails when something
// needs doing.
func (a *app) doctorCommand() *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check folder, keys, clock, database and ports, and say what to do",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := o.config()
			if err != nil {
				return err
			}
			findings := server.Examine(cmd.Context(), c)
			todo := 0
			for _, f := range findings {
				if f.Do != "" {
					todo++
				}
			}
			if err := o.printFindings(cmd, findings); err != nil {
				return err
			}
			if todo > 0 {
				return fmt.Errorf("things that need doing: %d", todo)
			}
			return nil
		},
	}
	o.dataFlag(cmd.Flags())
	o.jsonFlag(cmd.Flags())
	return cmd
}

func (o *operator) printFindings(cmd *cobra.Command, findings []server.Finding) error {
	if o.json {
		text, err := json.Marshal(findings)
		if err != nil {
			return err
		}
		return printJSON(cmd.OutOrStdout(), text)
	}
	for _, f := range findings {
		if f.Do == "" {
			fmt.Fprintf(cmd.OutOrStdout(), "ok   %s: %s\n", f.What, f.Is)
			continue
		}
		fmt.Fprintf(cmd.OutOrStdout(), "FIX  %s: %s\n     -> %s\n", f.What, f.Is, f.Do)
	}
	return nil
}
