package audit_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Every reason that the code writes into the audit has words.
func TestEveryReasonHasWords(t *testing.T) {
	text, err := os.ReadFile("messages.yaml")
	var words map[string]any
	if err == nil {
		err = yaml.Unmarshal(text, &words)
	}
	if err != nil {
		t.Fatal(err)
	}
	written := regexp.MustCompile(`(?:[rR]eason(?::| :?=)|RefusedError\{|\.Refusal =) ?"([a-z]+(?:_[a-z]+)*)"|` +
		`\b(?:refuse|refused)\([^"\n]*"([a-z]+(?:_[a-z]+)*)"|\bSystem\([^\n]*"([a-z]+(?:_[a-z]+)+)"\)|CodeReused += "([a-z_]+)"`)
	returned := regexp.MustCompile(`return (?:[^"\n]*, )?"([a-z]+(?:_[a-z]+)+)"(?:, nil)?\n`)
	found := 0
	err = fs.WalkDir(os.DirFS("../.."), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		for _, aside := range []string{"testenv/", "demo/"} {
			if strings.HasPrefix(name, aside) {
				return nil
			}
		}
		source, err := fs.ReadFile(os.DirFS("../.."), name)
		matches := written.FindAllStringSubmatch(string(source), -1)
		for _, of := range []string{"authority/", "store/authority/", "signin/session.go"} {
			if strings.HasPrefix(name, of) {
				matches = append(matches, returned.FindAllStringSubmatch(string(source), -1)...)
			}
		}
		for _, m := range matches {
			reason := strings.Join(m[1:], "")
			found++
			if words["reason."+reason] == nil {
				t.Errorf("%s: %q has no words", name, reason)
			}
		}
		return err
	})
	if err != nil || found < 60 {
		t.Errorf("%d reasons, %v", found, err)
	}
}
