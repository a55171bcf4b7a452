package bench_test

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store/storetest"
	"propusk/internal/testenv"
)

const (
	mostPage = 20 * time.Millisecond // at the 95th percentile
	looks    = 60                    // at each page
	crowd    = 100_000               // rows of each kind
)

// BenchmarkPages opens every screen of the console that there is a way to, one
// after the other, on as much data as the demo has by default. The time is that of
// the whole request on a kept connection.
func BenchmarkPages(b *testing.B) {
	e := testenv.Start(b, testenv.Options{Tasks: 2000, Calls: 5000})
	measurePages(b, e, looks)
}

// BenchmarkCrowdedPages is BenchmarkPages in an account with a hundred thousand
// users, service users, applications, tokens, work orders, calls and audit entries,
// on each engine.
func BenchmarkCrowdedPages(b *testing.B) {
	for _, driver := range storetest.Drivers() {
		b.Run(driver, func(b *testing.B) {
			e := testenv.Start(b, testenv.Options{Driver: driver})
			a := e.Fixture.Accounts[0]
			e.HubEx(b, a.Stand, a.HubEx.ServiceToken)
			owner := e.SignIn(b, a.Stand, e.Fixture.Owner.Person)
			enlarge(b, e, owner)
			measurePages(b, e, looks/3)
		})
	}
}

// enlarge fills the first account of production.
func enlarge(b *testing.B, e *testenv.Env, owner *testenv.Pages) {
	b.Helper()
	a := e.Fixture.Accounts[0]
	account, err := e.Server.Data().Admin.AccountByContract(b.Context(), authority.System(a.Stand, authority.Account{}, "", "bench"), a.Contract)
	must(b, err)
	var orders, calls bytes.Buffer
	orders.WriteString("id,title,created\n")
	begun := time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)
	for i := range crowd {
		at := begun.Add(time.Duration(i) * time.Minute)
		fmt.Fprintf(&orders, "C-%d,Radiator %d is cold,%s\n", i, i, at.Format(time.RFC3339))
		text := at.Format(time.DateTime)
		fmt.Fprintf(&calls, `"","7916%07d","101","from-trunk","","PJSIP/t-1","PJSIP/101-1","Dial","PJSIP/101","%s","%s","%s",65,60,"ANSWERED","DOCUMENTATION","%d.1",""`+"\n",
			i, text, text, at.Add(time.Minute).Format(time.DateTime), at.Unix())
	}
	bring(b, owner, "tasks", orders.Bytes())
	bring(b, owner, "calls", calls.Bytes())
	storetest.Crowd(b, e.Server.Data().DB, account.ID, crowd)
}

// bring imports a file as people do.
func bring(b *testing.B, p *testenv.Pages, kind string, file []byte) {
	b.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	must(b, form.WriteField("mode", "real"))
	part, err := form.CreateFormFile("file", "file.csv")
	must(b, err)
	_, err = part.Write(file)
	must(b, errors.Join(err, form.Close()))
	got := p.Upload(b, "/import/"+kind, form.FormDataContentType(), &body)
	if got.Status != http.StatusSeeOther {
		b.Fatalf("%s: %d %s", kind, got.Status, got.Body)
	}
	for range time.Tick(100 * time.Millisecond) {
		if !strings.Contains(p.Get(b, got.To).Body, `data-hx-trigger="every 1s"`) {
			return
		}
	}
}

// measurePages prints how long each screen takes, and fails for screens without a
// way to them.
func measurePages(b *testing.B, e *testenv.Env, times int) {
	b.Helper()
	owner := e.SignIn(b, authority.Production, e.Fixture.Owner.Person)
	role := owner.Post(b, "/roles", "name", "Bench", "permission", "TasksList").To
	account := accountOf(owner.Post(b, "/accounts", "name", "Bench"))
	owner.Post(b, account+"/disable")
	found := wayTo(b, e, owner, role, account)
	b.ReportMetric(0, "ns/op")
	for _, pattern := range screenTable(e) {
		path, ok := found[pattern]
		if !ok {
			fmt.Fprintf(os.Stdout, "%-44s no link leads to it in this data\n", pattern)
			continue
		}
		measurePage(b, owner, pattern, path, times)
	}
	for _, far := range []string{"/users?q=nobody", "/users?q=crowd+99", "/tokens?who=Crowd+99", "/audit?verb=token.", "/tasks?text=radiator+99", "/calls?number=79160000"} {
		measurePage(b, owner, far, far, times)
	}
}

// measurePage also tells the processor time, which a busy machine does not lengthen;
// that of the client is in it.
func measurePage(b *testing.B, p *testenv.Pages, name, path string, times int) {
	b.Helper()
	var took, work []time.Duration
	var size int
	for range times {
		began, used := time.Now(), processorTime()
		got := p.Get(b, path)
		took, work = append(took, time.Since(began)), append(work, processorTime()-used)
		if got.Status != http.StatusOK && got.Status != http.StatusSeeOther {
			b.Fatalf("%s: %d", path, got.Status)
		}
		size = len(got.Body)
	}
	slices.Sort(took)
	slices.Sort(work)
	over := ""
	if took[times*95/100] > mostPage {
		over = " OVER"
	}
	fmt.Fprintf(os.Stdout, "%-44s median %7.2f ms, 95th percentile %7.2f ms, processor %6.2f ms, %7d bytes, bar %d ms%s\n", name,
		inMilliseconds(took[times/2]), inMilliseconds(took[times*95/100]), inMilliseconds(work[times/2]), size, mostPage.Milliseconds(), over)
}

// screenTable lists the screens that are opened.
func screenTable(e *testenv.Env) (out []string) {
	for _, rt := range e.Server.Screens() {
		if rt.Method == http.MethodGet && !rt.Public {
			out = append(out, rt.Pattern)
		}
	}
	return out
}

var link = regexp.MustCompile(`href="(/[^"#]*)`)

// wayTo follows links from the first screen and gives one address for each screen
// that they lead to.
func wayTo(b *testing.B, e *testenv.Env, p *testenv.Pages, seeds ...string) map[string]string {
	b.Helper()
	patterns := matchers(screenTable(e))
	found, queue := map[string]string{"/": "/"}, append(seeds, "/", "/users?q=developer")
	for len(queue) > 0 {
		page := p.Get(b, queue[0])
		queue = queue[1:]
		for _, m := range link.FindAllStringSubmatch(page.Body+`href="`+page.To+`"`, -1) {
			u, err := url.Parse(html.UnescapeString(m[1]))
			if err != nil || strings.HasPrefix(u.Path, "/test") || strings.HasPrefix(u.Path, "/in/") {
				continue
			}
			if pattern := patterns.of(u.Path); pattern != "" && found[pattern] == "" {
				found[pattern] = u.RequestURI()
				queue = append(queue, u.RequestURI())
			}
		}
	}
	return found
}

var accountLink = regexp.MustCompile(`href="(/accounts/\d+)"`)

// accountOf gives the address of the account that was made just now.
func accountOf(made testenv.Shown) string {
	if m := accountLink.FindStringSubmatch(made.Body); m != nil {
		return m[1]
	}
	return made.To
}

type matcher struct {
	pattern string
	path    *regexp.Regexp
}

type matcherList []matcher

var named = regexp.MustCompile(`\{[^}]+\}`)

func matchers(patterns []string) (out matcherList) {
	for _, p := range patterns {
		out = append(out, matcher{p, regexp.MustCompile("^" + named.ReplaceAllString(p, "[^/]+") + "$")})
	}
	slices.SortFunc(out, func(a, b matcher) int { return strings.Count(a.pattern, "{") - strings.Count(b.pattern, "{") })
	return out
}

// of gives the pattern of a path; "" for none.
func (l matcherList) of(path string) string {
	for _, m := range l {
		if m.path.MatchString(path) {
			return m.pattern
		}
	}
	return ""
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
