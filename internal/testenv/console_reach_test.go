package testenv_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/demo"
	"propusk/internal/testenv"
	"propusk/internal/web"
)

// No page leads anybody where he is refused, by a link or by a form's button:
// every page that somebody can reach is opened, and the permission that each form
// needs is looked up in the table of screens.
func TestConsoleLeadsNobodyToARefusal(t *testing.T) {
	env := testenv.Start(t, testenv.Options{})
	for _, stand := range authority.Stands() {
		a := env.Fixture.On(stand)[0]
		people := map[string]demo.Person{
			"administrator": a.Console.Administrator, "developer": a.Console.Developer, "phone": a.Ringme.User,
		}
		if stand == authority.Production {
			people["owner"] = env.Fixture.Owner.Person
		}
		for name, who := range people {
			t.Run(string(stand)+"/"+name, func(t *testing.T) { newWalk(t, env, stand, who).all() })
		}
	}
}

// walk opens every page that somebody can reach, a few of each kind.
type walk struct {
	t     *testing.T
	env   *testenv.Env
	pages *testenv.Pages
	may   []authority.Permission
	queue []string
	kinds map[string]int // pages that were queued, by path without its ids
	forms map[string]bool
}

func newWalk(t *testing.T, env *testenv.Env, stand authority.Stand, who demo.Person) *walk {
	t.Helper()
	proof, err := env.Server.Data().Authority.Prove(t.Context(), authority.Origin{Stand: stand}, who.Login, authority.NewSecret(who.Password))
	if err != nil {
		t.Fatal(err)
	}
	return &walk{
		t: t, env: env, pages: env.SignIn(t, stand, who), may: proof.Holder().Permissions,
		queue: []string{"/"}, kinds: map[string]int{}, forms: map[string]bool{},
	}
}

const eachKind = 12 // pages of one kind that are opened

func (w *walk) all() {
	w.t.Helper()
	opened := 0
	for len(w.queue) > 0 {
		at := w.queue[0]
		w.queue = w.queue[1:]
		got := w.pages.Get(w.t, at)
		opened++
		if got.Status >= 400 {
			w.t.Errorf("%s: %d", at, got.Status)
			continue
		}
		w.links(got)
		w.buttons(at, got)
	}
	w.t.Logf("%d pages", opened)
	if opened < 5 {
		w.t.Errorf("only %d pages were found", opened)
	}
}

var (
	hrefs   = regexp.MustCompile(`<a [^>]*href="([^"#]+)["#]`)
	actions = regexp.MustCompile(`<form [^>]*method="post"[^>]*>`)
	action  = regexp.MustCompile(`action="([^"]+)"`)
	ids     = regexp.MustCompile(`\d{3,}`)
)

func (w *walk) links(s testenv.Shown) {
	for _, m := range hrefs.FindAllStringSubmatch(s.Body, -1) {
		at, ours := w.path(html.UnescapeString(m[1]))
		if !ours {
			continue
		}
		kind := ids.ReplaceAllString(strings.SplitN(at, "?", 2)[0], "N")
		if w.kinds[at] > 0 || w.kinds[kind] >= eachKind || strings.HasPrefix(kind, "/in/") && strings.Count(kind, "/") > 3 {
			continue
		}
		w.kinds[at]++
		w.kinds[kind]++
		w.queue = append(w.queue, at)
	}
}

// path is where a link leads on the stand; false for other places.
func (w *walk) path(link string) (string, bool) {
	base := page.Base(w.pages.Stand)
	at, within := strings.CutPrefix(link, base)
	if w.pages.Stand == authority.Production && (at == "/test" || strings.HasPrefix(at, "/test/")) {
		return "", false
	}
	return at, within && strings.HasPrefix(at, "/")
}

// buttons checks the forms of a page.
func (w *walk) buttons(at string, s testenv.Shown) {
	for _, form := range actions.FindAllString(s.Body, -1) {
		to := at
		if m := action.FindStringSubmatch(form); m != nil {
			to = html.UnescapeString(m[1])
		} else {
			to = page.Base(w.pages.Stand) + to
		}
		to, ours := w.path(to)
		to, _, _ = strings.Cut(to, "?")
		if !ours || strings.HasPrefix(to, "/in/") || w.forms[to] {
			continue
		}
		w.forms[to] = true
		if rt := w.route(to); rt == nil {
			w.t.Errorf("%s has a form for %s, where nothing is taken", at, to)
		} else if rt.Permission != "" && !slices.Contains(w.may, rt.Permission) && !strings.Contains(s.Body, "<fieldset class=\"stack\" disabled") {
			w.t.Errorf("%s has a form for %s, which needs %s", at, to, rt.Permission)
		}
	}
}

func (w *walk) route(path string) *web.Route {
	for _, rt := range w.env.Server.Screens() {
		if rt.Method == http.MethodPost && patternOf(rt.Pattern).MatchString(path) {
			return &rt
		}
	}
	return nil
}

func patternOf(pattern string) *regexp.Regexp {
	return regexp.MustCompile("^" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(pattern), "[^/]+") + "$")
}
