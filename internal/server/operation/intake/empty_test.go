package intake_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"propusk/internal/server/operation/intake"
)

// A record that was cut off, a member that is there twice and a folder without
// records are said, not passed over.
func TestNothingIsPassedOver(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"empty record": {map[string]string{"a.json": ""}, "a.json: the file is empty: its record was cut off"},
		"blank record": {map[string]string{"a.json": "\n"}, "a.json: the file is empty: its record was cut off"},
		"twice":        {map[string]string{"a.json": `{"variables":{"uuid":"x","uuid":"y"}}`}, "a.json: "},
		"no record":    {map[string]string{"notes.txt": "x"}, "there is no file of call records"},
	} {
		folder := t.TempDir()
		for file, text := range test.files {
			if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		records := intake.Records{Format: intake.FreeSWITCHJSON}
		chain := newCalls(t, records, []string{folder})
		row, err := chain.Next()
		got := ""
		switch {
		case err != nil:
			got = err.Error()
		case row.Err != nil:
			got = filepath.Base(row.Name) + ": " + row.Err.Error()
		}
		if _, end := chain.Next(); !strings.HasPrefix(got, test.want) || got == "" || err == nil && !errors.Is(end, io.EOF) {
			t.Errorf("%s: %q, then %v; want %q", name, got, end, test.want)
		}
	}
}
