package bench_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain has the heap collected as seldom as serve does; product and limit
// share it.
func TestMain(m *testing.M) {
	debug.SetGCPercent(300)
	os.Exit(m.Run())
}
