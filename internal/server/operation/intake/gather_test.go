package intake_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"propusk/internal/server/operation/intake"
)

func newCalls(tb testing.TB, r intake.Records, paths []string) *intake.Calls {
	tb.Helper()
	rows, err := r.Read(tb.Context(), paths, &intake.Meter{Out: io.Discard})
	check(tb, err)
	tb.Cleanup(func() { check(tb, rows.Close()) })
	return rows
}

// unanswered and answered are two legs of one call of Asterisk.
func unanswered(id string) string {
	return fmt.Sprintf(`"","74951234567","101","from-trunk","<74951234567>","P/t-1","P/101-1","Dial","","2024-05-20 10:00:00","","2024-05-20 10:01:00",60,0,"NO ANSWER","D","%s","","","%s",1`+"\n", id, id)
}

func answered(id string) string {
	return fmt.Sprintf(`"","74951234567","102","from-trunk","<74951234567>","P/t-1","P/102-1","Dial","","2024-05-20 10:00:30","2024-05-20 10:00:35","2024-05-20 10:01:30",60,55,"ANSWERED","D","%s2","","","%s",2`+"\n", id, id)
}

func write(tb testing.TB, path, text string) {
	tb.Helper()
	check(tb, os.WriteFile(path, []byte(text), 0o600))
}

// told reads calls to their end: each, or what is wrong.
func told(t *testing.T, rows *intake.Calls) []string {
	t.Helper()
	var out []string
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		check(t, err)
		if row.Err != nil {
			out = append(out, fmt.Sprintf("%s:%d %v", filepath.Base(row.Name), row.Line, row.Err))
			continue
		}
		out = append(out, fmt.Sprintf("%s:%d %s of %d", filepath.Base(row.Name), row.Line, row.Object, row.Records))
	}
}

// The legs of a call are found in every file of an import and at any distance,
// in files that grow and in pipes too.
func TestLegsOfACallMayLieAnywhere(t *testing.T) {
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	var far strings.Builder
	far.WriteString(unanswered("1716188400.0"))
	for i := range 6000 {
		far.WriteString(unanswered(fmt.Sprintf("1716188400.%d", i+1)))
	}
	far.WriteString("broken\n" + answered("1716188400.0"))
	write(t, path("far.csv"), far.String())
	write(t, path("a1.csv"), unanswered("1716188400.1")+"broken\n")
	write(t, path("a2.csv"), answered("1716188400.1"))
	check(t, syscall.Mkfifo(path("pipe"), 0o600))
	go func() { _ = os.WriteFile(path("pipe"), []byte(answered("1716188400.1")), 0o600) }()
	for name, test := range map[string]struct {
		files []string
		calls int
		bad   int
	}{
		"far":         {[]string{"far.csv"}, 6001, 1},
		"two files":   {[]string{"a1.csv", "a2.csv"}, 1, 1},
		"other order": {[]string{"a2.csv", "a1.csv", "a1.csv"}, 1, 1},
		"a pipe":      {[]string{"a1.csv", "pipe"}, 1, 1},
	} {
		var paths []string
		for _, f := range test.files {
			paths = append(paths, path(f))
		}
		got := told(t, newCalls(t, intake.Records{Format: intake.AsteriskCSV, Zone: time.UTC}, paths))
		whole := slices.IndexFunc(got, func(s string) bool {
			return strings.Contains(s, `"102"`) && strings.Contains(s, "of 2")
		})
		if len(got) != test.calls+test.bad || whole < 0 {
			t.Errorf("%s: %d, the call of two legs at %d; the first is %s", name, len(got), whole, got[0])
		}
	}
}

// A file that is another when it is read again is said; what grows is read as
// far as it went.
func TestFilesThatChangeMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "Master.csv")
	records := intake.Records{Format: intake.AsteriskCSV, Zone: time.UTC}
	write(t, path, unanswered("1716188400.1"))
	grows := newCalls(t, records, []string{path})
	write(t, path, unanswered("1716188400.1")+unanswered("1716188400.2"))
	if got := told(t, grows); len(got) != 1 {
		t.Errorf("%q", got)
	}
	rotated := newCalls(t, records, []string{path})
	check(t, os.Rename(path, path+".1"))
	write(t, path, unanswered("1716188400.3"))
	if got := told(t, rotated); len(got) != 1 || !strings.Contains(got[0], "another file") {
		t.Errorf("%q", got)
	}
}
