package main

import (
	"errors"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"propusk/internal/demo"
)

// demoCommand runs the product on data of its own.
func demoCommand() *cobra.Command {
	c := demo.Config{}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try it: everything running on believable data, with ready curl lines",
		Long: "Start both stands on the embedded database, fill two accounts with work orders and calls, print a card\n" +
			"with ready curl lines and serve until interrupted. Without --data everything goes at the end.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("config") {
				return errors.New("the demo takes no configuration file: start it without --config")
			}
			c.Out = cmd.OutOrStdout()
			c.Log = slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
			return demo.Run(cmd.Context(), c)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.Listen.Production, "listen", "127.0.0.1:8080", "`address` of the production stand; port 0 = any")
	f.StringVar(&c.Listen.Test, "listen-test", "127.0.0.1:8081", "`address` of the test stand")
	f.StringVar(&c.Listen.Metrics, "listen-metrics", "127.0.0.1:0", "`address` of /metrics, /livez and /readyz")
	f.StringVar(&c.Listen.Console, "listen-console", "127.0.0.1:8090", "`address` of the web console")
	f.StringVar(&c.Data, "data", "", "`folder` to keep everything in, secrets included; none: a temporary one")
	f.StringVar(&c.Fixture, "fixture", "", "`file` to write addresses, secrets and counts to, as JSON with mode 0600")
	f.BoolVar(&c.Rotate, "rotate", false, "make new secrets instead of those of the former start")
	f.IntVar(&c.Tasks, "tasks", 2000, "work orders of each account, at the first start")
	f.IntVar(&c.Calls, "calls", 5000, "calls of each account, at the first start")
	return cmd
}
