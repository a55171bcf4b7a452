//go:build unix

package browser_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each file of tests beside this one, with a real browser.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the browser of make deps")
	}
	for _, module := range []string{"playwright-core", "axe-core"} {
		if _, err := os.Stat(filepath.Join("node_modules", module)); err != nil {
			t.Fatalf("%s is missing: run npm ci in test/browser, or make deps", module)
		}
	}
	files, err := filepath.Glob("*.test.mjs")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of tests: %v", err)
	}
	patterns := "PROPUSK_SCREENS=" + screens(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(file, ".test.mjs"), func(t *testing.T) {
			t.Parallel()
			runFile(t, file, patterns)
		})
	}
}
