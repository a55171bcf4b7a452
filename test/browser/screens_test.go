//go:build unix

package browser_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"propusk/internal/server"
)

// screens lists the patterns of the console's pages, as JSON: a page that no
// link leads to fails the crawler.
func screens(t *testing.T) string {
	t.Helper()
	const anywhere = "127.0.0.1:0"
	c := server.Defaults()
	c.Data = filepath.Join(t.TempDir(), "data")
	c.Listen = server.Listen{Production: anywhere, Test: anywhere, Console: anywhere, Metrics: "off"}
	s, err := server.Open(t.Context(), c, server.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for _, rt := range s.Screens() {
		if rt.Method == http.MethodGet && !rt.Public && !strings.HasPrefix(rt.Pattern, "/static/") {
			patterns = append(patterns, rt.Pattern)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	text, err := json.Marshal(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
