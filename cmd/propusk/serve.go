package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"propusk/internal/server"
)

// collectAt is how much, in per cent of what is in use, the heap grows until it
// is collected. A server holds a few MiB, so that at the runtime's own 100 a
// collection came every few hundred requests.
const collectAt = 300

// collectSeldom trades some MiB of memory for time, unless GOGC says otherwise.
// GOMEMLIMIT still bounds the whole.
func collectSeldom() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
}

// serveCommand runs the server until it is told to stop.
func (a *app) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve both stands until interrupted",
		Long: "Serve both stands until SIGTERM or Ctrl-C; accepted requests are finished first.\n" +
			"SIGHUP reads the certificate's files and log.level again.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			collectSeldom()
			c, err := a.config()
			if err != nil {
				return err
			}
			s, err := server.Open(cmd.Context(), c, server.Options{})
			if err != nil {
				return err
			}
			for _, warning := range c.Warnings() {
				s.Data().Log.Warn(warning)
			}
			if code := s.SetupCode(); !code.Empty() {
				fmt.Fprintf(cmd.ErrOrStderr(), "There is no account yet. On this machine, open %s/setup and enter the code %s\n", s.ConsoleURL(), code.Reveal())
			}
			go a.reload(cmd.Context(), s)
			return s.Run(cmd.Context())
		},
	}
}

// reload reads the configuration again on each SIGHUP. What cannot be read
// leaves everything as it was.
func (a *app) reload(ctx context.Context, s *server.Server) {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			c, err := a.config()
			if err == nil {
				err = s.Reload(c)
			}
			if err != nil {
				s.Data().Log.Error("not reloaded", "error", err)
				continue
			}
			s.Data().Log.Info("reloaded")
		}
	}
}
