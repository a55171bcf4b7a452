//go:build unix

package foreign_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// A fresh clone and Go are enough for the first token: the README's command
// prints a card whose curl lines work as they are, and so do the README's own,
// in both languages, with the card's address and secret in the place of theirs.
func TestReadme(t *testing.T) {
	t.Parallel()
	base, requests := card(t)
	var answers []map[string]any
	for _, line := range requests {
		answers = append(answers, read[map[string]any](t, output(t, command(t, "sh", "-euc", line))))
	}
	if len(answers) < 3 {
		t.Fatalf("%d curl lines in the card, want a token, work orders and a token of each further dialect", len(answers))
	}
	access, _ := answers[0]["access_token"].(string)
	rows, _ := answers[1]["data"].([]any)
	if access == "" || len(rows) != 3 {
		t.Errorf("the card's first requests give %v", answers[:2])
	}
	for i, answer := range answers[2:] {
		if !strings.Contains(strings.ToLower(mustJSON(t, answer)), "token") {
			t.Errorf("the card's line %d gives no token: %v", i+3, answer)
		}
	}

	_, secret, _ := strings.Cut(requests[0], `"serviceToken":"`)
	secret, _, _ = strings.Cut(secret, `"`)
	replace := strings.NewReplacer("http://127.0.0.1:8080", base,
		`"serviceToken":"…"`, `"serviceToken":"`+secret+`"`, "Bearer …", "Bearer "+access)
	for _, file := range []string{"README.md", "README.ru.md"} {
		t.Run(file, func(t *testing.T) {
			all := blocks(t, file)
			i := slices.IndexFunc(all, func(b block) bool { return b.is("start") })
			if i < 0 || all[i].text != strings.Join(firstCommand, " ")+"\n" {
				t.Fatalf("the page does not start with %q", firstCommand)
			}
			if own := replace.Replace(all[i+1].text); own != requests[0]+"\n" {
				t.Errorf("the page shows\n%sthe card\n%s", own, requests[0])
			}
			document{file: file, replace: replace}.run(t)
		})
	}
}

// firstCommand is the README's.
var firstCommand = []string{"go", "run", "./cmd/propusk", "demo"}

// card runs the README's command in a fresh clone, on ports that are free, and
// gives the address and the curl lines that it prints.
func card(t *testing.T) (base string, requests []string) {
	t.Helper()
	long(t)
	clone := t.TempDir()
	output(t, command(t, need(t, "git", "git"), "clone", "--quiet", "--no-tags", root, clone))
	free := []string{"--listen", "127.0.0.1:0", "--listen-test", "127.0.0.1:0", "--listen-console", "127.0.0.1:0"}
	cmd := exec.Command(need(t, firstCommand[0], "golang"), append(firstCommand[1:len(firstCommand):len(firstCommand)], free...)...)
	cmd.Dir = clone
	for _, line := range start(t, cmd).lines(t, "Ctrl-C stops it.") {
		if after, ok := strings.CutPrefix(strings.TrimSpace(line), "production "); ok {
			base = strings.TrimSpace(after)
		}
		if strings.HasPrefix(line, "curl ") {
			requests = append(requests, line)
		}
	}
	return base, requests
}
