package server_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/server"
)

func describe(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	if err := server.Describe(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What Describe writes is a configuration that means the defaults.
func TestDescribeLoads(t *testing.T) {
	got, err := load(t, describe(t))
	if err != nil {
		t.Fatal(err)
	}
	got.Data = server.Defaults().Data // resolved against the file
	if diff := cmp.Diff(server.Defaults(), got, comparers()); diff != "" {
		t.Error(diff)
	}
}

// Every key carries a comment, and one without a default says what that means.
func TestDescribeDocumentsEveryKey(t *testing.T) {
	comment := ""
	for line := range strings.Lines(describe(t)) {
		line = strings.TrimSpace(line)
		if text, ok := strings.CutPrefix(line, "#"); ok {
			comment += text
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		if comment == "" && !slices.Contains([]string{"element", "hubex", "oauth", "operator", "ringme", "smarts"}, key) {
			t.Errorf("%s has no comment", key)
		}
		if value == ` ""` && !strings.Contains(comment, "If empty") && !strings.HasPrefix(comment, " Certificate") &&
			!strings.HasPrefix(comment, " Key") {
			t.Errorf("%s is empty and does not say what that means: %s", key, comment)
		}
		comment = ""
	}
}

// The published reference is what `propusk config describe` prints; `make
// generate` writes it anew.
func TestDescribeIsPublished(t *testing.T) {
	want, err := os.ReadFile("../../docs/configuration.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), describe(t)); diff != "" {
		t.Errorf("docs/configuration.yaml is out of date, run make generate:\n%s", diff)
	}
}
