//go:build linux

package torture_test

import (
	"fmt"
	"os"
	"testing"

	"propusk/internal/testenv/program"
)

var workshop = program.New("torture")

// summary collects a line a test, in the order in which they end.
var summary = &text{}

func TestMain(m *testing.M) {
	code := m.Run()
	_ = workshop.Close()
	if summary.size() > 0 {
		fmt.Fprintf(os.Stdout, "\n%-28s %7s %10s %9s %8s %9s %7s   %s\n%s\n\n", "torture", "rounds", "operations",
			"acks", "doubts", "checks", "losses", "longest start", summary)
	}
	os.Exit(code)
}
