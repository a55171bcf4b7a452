package tasks_test

import (
	"slices"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/tasks"
)

func TestSearchWords(t *testing.T) {
	if got := tasks.SearchWords("  ПРИНТЕР  Hp "); !slices.Equal(got, []string{"принтер", "hp"}) {
		t.Errorf("words are %q", got)
	}
	if got := len(tasks.SearchWords(strings.Repeat("a ", 50))); got != 8 {
		t.Errorf("%d words, want 8", got)
	}
}

func TestParseStamp(t *testing.T) {
	const canonical = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
	good := []string{canonical, strings.ToUpper(canonical), "{" + canonical + "}"}
	for _, text := range good {
		if got, err := tasks.ParseStamp(text); err != nil || got != canonical {
			t.Errorf("ParseStamp(%q) = %q, %v", text, got, err)
		}
	}
	bad := []string{
		"", "x", canonical[1:], canonical + "0", "{" + canonical, strings.ReplaceAll(canonical, "-", ""),
		"0a1b2c3d4-e5f-4a6b-8c7d-9e0f1a2b3c4d", strings.Replace(canonical, "a", "g", 1),
		strings.Replace(canonical, "a", "-", 1), " " + canonical,
	}
	for _, text := range bad {
		if _, err := tasks.ParseStamp(text); authority.CodeOf(err) != authority.Malformed {
			t.Errorf("ParseStamp(%q) = %v, want malformed", text, err)
		}
	}
}

func FuzzParseStamp(f *testing.F) {
	f.Add(tasks.NewStamp())
	f.Add("{" + tasks.NewStamp() + "}")
	f.Add("not a stamp")
	f.Fuzz(func(t *testing.T, text string) {
		stamp, err := tasks.ParseStamp(text)
		if err != nil {
			return
		}
		if again, err := tasks.ParseStamp(stamp); err != nil || again != stamp {
			t.Errorf("%q gives %q, which gives %q, %v", text, stamp, again, err)
		}
	})
}

func TestDefaultStagesLeadToEachOther(t *testing.T) {
	stages := tasks.DefaultStages()
	final := 0
	for _, s := range stages {
		if s.Final {
			final++
		}
		for _, to := range s.Next {
			if to == s.ID || !slices.ContainsFunc(stages, func(o tasks.Stage) bool { return o.ID == to }) {
				t.Errorf("%s leads to %d", s.Name, to)
			}
		}
	}
	if final == 0 || stages[0].Final {
		t.Errorf("stages are %+v", stages)
	}
}
