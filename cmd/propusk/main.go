// Command propusk is the whole product in one binary: the server and the
// operator's commands. Each command is a file here, named after it, with one
// function that makes its *cobra.Command; commands.go lists them. Flags and
// the environment are read in this package alone; what a command does lives in
// the packages below.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

// run gives the exit code: 0 done, 1 failed (the reason is on standard error);
// a command whose findings differ chooses others.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := root(os.Getenv).ExecuteContext(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "propusk: %v\n", err)
		if v := (verdict{}); errors.As(err, &v) {
			return v.code
		}
		return 1
	}
	return 0
}
