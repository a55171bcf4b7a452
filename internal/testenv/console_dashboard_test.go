package testenv_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"propusk/internal/testenv"
)

// strangersOf finds the legend of the plot of refusals that concern no account.
var strangersOf = regexp.MustCompile(`(?s)id="plot-strangers".*?<ul class="legend">(.*?)</ul>`)

// Refusals without an account are on the dashboard of the deployment's owner, by
// dialect, and on nobody else's; nor on his while he works in another account.
func TestConsoleStrangers(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	a, other := env.Fixture.Accounts[0], env.Fixture.Accounts[1]
	owner := env.SignIn(t, a.Stand, env.Fixture.Owner.Person)
	shows(t, owner.Get(t, "/"), "Refusals outside every account", "Nobody was refused outside an account")
	for _, c := range []testenv.Call{
		{Path: "/fsm/WORK/Tasks", Header: []string{"Authorization", "Bearer no-token-at-all"}},
		{Method: http.MethodPost, Path: "/fsm/AUTHZ/AccessTokens", Body: `{"serviceToken":"pk_svc_nobody"}`, Type: testenv.JSON},
		{Method: http.MethodPost, Path: "/oauth/token", Body: "grant_type=client_credentials&client_id=nobody&client_secret=wrong", Type: testenv.Form},
	} {
		c.Stand = a.Stand
		if got := env.Do(t, c); got.Status != http.StatusUnauthorized {
			t.Fatalf("%s: %d %s", c.Path, got.Status, got.Body)
		}
	}
	if err := env.Server.Data().Authority.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	legend := strangersOf.FindStringSubmatch(owner.Get(t, "/").Body)
	if legend == nil || !regexp.MustCompile(`HubEx: 2<.*IP telephony provider API: 1<`).MatchString(legend[1]) {
		t.Errorf("the owner sees %q", legend)
	}
	away := found(t, owner.Get(t, "/accounts"), `href="(/in/\d+)/">Work in it`)
	if page := owner.Get(t, away+"/"); page.Says("Refusals outside every account") || !page.Says("Requests") {
		t.Errorf("in another account: %d %s", page.Status, mainOf(page))
	}
	const none = "/audit?account=none"
	shows(t, owner.Get(t, "/"), `href="`+none+`"`)
	shows(t, owner.Get(t, none), "Outside every account", "127.0.0.1", "HubEx", "IP telephony provider API")
	shows(t, owner.Get(t, found(t, owner.Get(t, none), `href="(/audit/entries/[^"]+)"`)), "Outside every account", "127.0.0.1")
	if file := owner.Get(t, "/audit/export?format=ndjson&account=none"); strings.Count(file.Body, "\n") != 3 || strings.Contains(file.Body, "pk_svc_nobody") {
		t.Errorf("exported: %s", file.Body)
	}
	if page := owner.Get(t, away+none); !page.Says("Nothing fits") || page.Says("Outside every account") {
		t.Errorf("in another account: %s", mainOf(page))
	}
	for name, p := range map[string]*testenv.Pages{
		"his account's administrator": env.SignIn(t, a.Stand, a.Console.Administrator),
		"another's":                   env.SignIn(t, other.Stand, other.Console.Administrator),
	} {
		if page := p.Get(t, "/"); page.Says("Refusals outside every account") || !page.Says("Requests") {
			t.Errorf("%s: %d %s", name, page.Status, mainOf(page))
		}
		if page := p.Get(t, none); page.Status != http.StatusOK || !page.Says("Nothing fits") || page.Says("Outside every account") {
			t.Errorf("%s reads the audit: %d %s", name, page.Status, mainOf(page))
		}
		if file := p.Get(t, "/audit/export?format=ndjson&account=none"); file.Body != "" {
			t.Errorf("%s exports %s", name, file.Body)
		}
	}
}
