package intake_test

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"propusk/internal/server/operation/intake"
)

// record is one of Asterisk's, with a text in its userfield.
func record(id, userField string) string {
	return fmt.Sprintf(`"","74951234567","102","from-trunk","<74951234567>","P/t-1","P/102-1","Dial","","2024-05-20 10:00:30","2024-05-20 10:00:35","2024-05-20 10:01:30",60,55,"ANSWERED","D","%s","%s"`+"\n", id, userField)
}

// sounds makes a folder of recordings of nothing.
func sounds(tb testing.TB, names ...string) *intake.Recordings {
	tb.Helper()
	folder := tb.TempDir()
	for _, name := range names {
		write(tb, filepath.Join(folder, name), "")
	}
	found, err := intake.FindRecordings(folder)
	check(tb, err)
	return found
}

// given reads calls to their end: for each the id, and its recordings.
func given(tb testing.TB, file string, r *intake.Recordings) (out []string) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "Master.csv")
	write(tb, path, file)
	rows := newCalls(tb, intake.Records{Format: intake.AsteriskCSV, Zone: time.UTC, Recordings: r}, []string{path})
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		check(tb, errors.Join(err, row.Err))
		text := regexp.MustCompile(`"id":"([^"]*)"`).FindStringSubmatch(string(row.Object))[1] + ":"
		for _, f := range regexp.MustCompile(`"path":"([^"]*)"`).FindAllStringSubmatch(string(row.Object), -1) {
			text += " " + filepath.Base(f[1])
		}
		if row.Unclear {
			text += " ?"
		}
		out = append(out, text)
	}
}

func TestRecordingsAreFoundInNames(t *testing.T) {
	many := make([]string, 17)
	for i := range many {
		many[i] = fmt.Sprintf("a-%d-1716188400.1.mp3", i)
	}
	for name, test := range map[string]struct {
		files []string
		calls [][2]string // id, userfield
		want  []string
	}{
		"an id of any form": {
			[]string{"out-101-b4rec.14-x.mp3"},
			[][2]string{{"b4rec.14", ""}, {"rec.14", ""}, {"b4rec.1", ""}, {"14b4", ""}},
			[]string{"b4rec.14: out-101-b4rec.14-x.mp3", "rec.14:", "b4rec.1:", "14b4:"},
		},
		"not out of another": {[]string{"114.mp3", "x-140.mp3", "y_14_z.wav"}, [][2]string{{"14", ""}}, []string{"14: y_14_z.wav"}},
		"a text":             {[]string{"q-mycall-77-abc.mp3"}, [][2]string{{"1.1", "mycall-77"}, {"1.2", "call-77"}}, []string{"1.1: q-mycall-77-abc.mp3", "1.2:"}},
		"a path":             {[]string{"mycall-77.mp3", "x-mycall-77.mp3"}, [][2]string{{"1.1", "audio:/var/spool/asterisk/monitor/mycall-77.WAV"}}, []string{"1.1: mycall-77.mp3"}},
		"an id is no ending": {[]string{"in-b4.14.mp3", "in-b4.15.mp3"}, [][2]string{{"1.1", "b4.14"}}, []string{"1.1: in-b4.14.mp3"}},
		"mp3 of both":        {[]string{"x-b4.14.wav", "x-b4.14.mp3", "y-b4.14.wav"}, [][2]string{{"b4.14", ""}}, []string{"b4.14: x-b4.14.mp3 y-b4.14.wav"}},
		"a system's name":    {[]string{"out-1716188400.14.mp3"}, [][2]string{{"pbx1-1716188400.14", ""}}, []string{"pbx1-1716188400.14: out-1716188400.14.mp3"}},
		"of two recordings":  {[]string{"a-sales.mp3", "b-sales.mp3"}, [][2]string{{"1.1", "sales"}}, []string{"1.1: ?"}},
		"of two calls":       {[]string{"a-sales.mp3"}, [][2]string{{"1.1", "sales"}, {"1.2", "sales"}}, []string{"1.1: ?", "1.2: ?"}},
		"an id comes first":  {[]string{"out-101-b4.2.mp3"}, [][2]string{{"b4.1", "101"}, {"b4.2", "101"}}, []string{"b4.1:", "b4.2: out-101-b4.2.mp3"}},
		"too many":           {many, [][2]string{{"1716188400.1", ""}}, []string{"1716188400.1: ?"}},
		"letters":            {[]string{"звонок-77.mp3", "ззвонок-78.mp3"}, [][2]string{{"1.1", "звонок-77"}, {"1.2", "звонок-78"}}, []string{"1.1: звонок-77.mp3", "1.2:"}},
	} {
		var file strings.Builder
		for _, c := range test.calls {
			file.WriteString(record(c[0], c[1]))
		}
		if diff := cmp.Diff(test.want, given(t, file.String(), sounds(t, test.files...))); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// A search finds what looking at every name would.
func TestSearchIsAsGoodAsLookingAtAll(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("1aя.-_")), 1, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		names, needle := rapid.SliceOfN(text, 0, 8).Draw(t, "names"), text.Draw(t, "needle")
		word := regexp.MustCompile(`[1aя]`)
		var want []int
		for i, name := range names {
			for at := range len(name) {
				rest, found := strings.CutPrefix(name[at:], needle)
				before, after := last(name[:at]), first(rest)
				if found && !(word.MatchString(before) && word.MatchString(first(needle))) && !(word.MatchString(after) && word.MatchString(last(needle))) {
					want = append(want, i)
					break
				}
			}
		}
		got := intake.Holding(names, needle)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("%q in %q: %d, want %d", needle, names, got, want)
		}
	})
}

func first(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}

func last(s string) (out string) {
	for _, r := range s {
		out = string(r)
	}
	return out
}

// A search does not look at every name: a hundred thousand calls of a hundred
// thousand recordings, many of which begin alike, are found in seconds. One that did
// would take several minutes; the race detector makes a minute of the seconds.
func TestManyRecordings(t *testing.T) {
	const n = 100_000
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("out-101-%d-b4rec.%d-x", i%7, i)
	}
	begun := time.Now()
	search := intake.Search(names)
	for i := range n {
		if got := search(fmt.Sprintf("b4rec.%d", i)); len(got) != 1 || got[0] != i {
			t.Fatalf("%d: %d", i, got)
		}
		if got := search("out-101"); len(got) != 17 {
			t.Fatal(got)
		}
	}
	if took := time.Since(begun); took > 2*time.Minute {
		t.Errorf("it took %s", took)
	}
	t.Log(time.Since(begun))
}
