package testenv_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"propusk/internal/testenv"
)

// A document whose id has a slash is reached at the address that it is told by.
func TestDocumentIDsWithSlash(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a := env.Fixture.Accounts[0]
	basic := testenv.Basic(a.Smarts.External.Username, a.Smarts.External.Password)
	for _, id := range []string{"НФ/00012", `a\\b`} {
		add := testenv.Call{Stand: a.Stand, Method: http.MethodPost, Path: "/api/v1/Docs/" + docType, Body: `{"id":"` + id + `"}`}
		made := env.Do(t, add.With(basic...))
		at, err := url.Parse(made.Header.Get("Location"))
		if err != nil || made.Status != http.StatusCreated {
			t.Fatalf("%s: %d %s %v", id, made.Status, made.Body, err)
		}
		for _, step := range []struct {
			method, body string
			want         int
		}{{"GET", "", 200}, {"PATCH", `{"name":"x"}`, 200}, {"DELETE", "", 204}, {"GET", "", 404}} {
			got := env.Do(t, testenv.Call{Stand: a.Stand, Method: step.method, Path: at.EscapedPath(), Body: step.body}.With(basic...))
			if got.Status != step.want || step.want == 200 && !strings.Contains(got.Body, id) {
				t.Errorf("%s %s: %d %s", step.method, at.EscapedPath(), got.Status, got.Body)
			}
		}
	}
}
