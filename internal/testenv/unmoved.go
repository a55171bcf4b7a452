package testenv

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/web"
)

// Unmoved asks as one account every read of the route table, lets another account
// make every change there is, and asks again: status, header, body and counts are
// what they were, or go on moving as they did when nobody else did anything (rule
// 9, B46). The clock of e should stand.
func Unmoved(t *testing.T, e *Env, subjects ...Subject) {
	t.Helper()
	home := e.Fixture.Accounts[0]
	questions := e.questions(t, home, subjects)
	ask := func() []Look {
		var out []Look
		for _, q := range questions {
			a := e.Do(t, q.With("X-Request-ID", requestID))
			out = append(out, Look{Name: q.Method + " " + q.Path, Status: a.Status, Header: a.Header, Body: a.Body})
		}
		return out
	}
	e.Still(t, ask, func() { Everything(t, e, subjects...) })
}

// Look is what a question was answered.
type Look struct {
	Name   string
	Status int
	Header http.Header
	Body   string
}

// Still fails where what ask sees after event differs from what it saw before, by
// more than it differs by itself.
func (e *Env) Still(t *testing.T, ask func() []Look, event func()) {
	t.Helper()
	ask()
	e.Settle(t) // marks of last use are set
	first := ask()
	e.Settle(t)
	second := ask()
	event()
	e.Settle(t)
	third := ask()
	if len(first) < 10 || len(first) != len(second) || len(second) != len(third) {
		t.Fatalf("%d, %d and %d answers", len(first), len(second), len(third))
	}
	for i := range third {
		first[i].still(t, second[i], third[i])
	}
}

// still compares three answers to one question.
func (l Look) still(t *testing.T, second, third Look) {
	t.Helper()
	if l.Status >= 400 {
		t.Errorf("%s is no question: %d %.200s", l.Name, l.Status, l.Body)
	}
	if l.Status != second.Status || second.Status != third.Status {
		t.Errorf("B46: %s: %d, %d, then %d", l.Name, l.Status, second.Status, third.Status)
	}
	for _, name := range slices.Sorted(maps.Keys(third.Header)) {
		if name == "Date" { // of the real clock
			continue
		}
		a, b, c := l.Header.Get(name), second.Header.Get(name), third.Header.Get(name)
		if b != c && !steps(a, b, c) {
			t.Errorf("B46: %s: %s: %q, %q, then %q", l.Name, name, a, b, c)
		}
	}
	if at, was, is := differs(l.Body, second.Body, third.Body); at >= 0 {
		t.Errorf("B46: %s: at %d: %.120q became %.120q", l.Name, at, was, is)
	}
}

// steps reports whether the numbers of a text went on as they did, as what is left
// of a limit does.
func steps(a, b, c string) bool {
	if numbers.ReplaceAllString(a, "") != numbers.ReplaceAllString(c, "") || numbers.ReplaceAllString(b, "") != numbers.ReplaceAllString(c, "") {
		return false
	}
	first, second, third := numbers.FindAllString(a, -1), numbers.FindAllString(b, -1), numbers.FindAllString(c, -1)
	for i := range min(len(first), len(second), len(third)) {
		x, err := strconv.Atoi(first[i])
		y, err2 := strconv.Atoi(second[i])
		z, err3 := strconv.Atoi(third[i])
		if err != nil || err2 != nil || err3 != nil || z-y != y-x {
			return false
		}
	}
	return a != b
}

var numbers = regexp.MustCompile(`[0-9]+`)

var words = regexp.MustCompile(`[0-9A-Za-z_+/=%-]+`)

// differs says where the third text differs from the second, words aside that
// moved between the first and the second; -1 = nowhere.
func differs(first, second, third string) (at int, was, is string) {
	a, b, c := words.FindAllStringIndex(first, -1), words.FindAllStringIndex(second, -1), words.FindAllStringIndex(third, -1)
	if second == third {
		return -1, "", ""
	}
	for i := 0; i < len(b) && i < len(c); i++ {
		was, is = second[b[i][0]:b[i][1]], third[c[i][0]:c[i][1]]
		moves := len(a) == len(b) && first[a[i][0]:a[i][1]] != was
		if was != is && !moves {
			return b[i][0], second[b[i][0]:], third[c[i][0]:]
		}
	}
	if len(b) != len(c) || words.ReplaceAllString(second, "") != words.ReplaceAllString(third, "") {
		return min(len(second), len(third)), second, third
	}
	return -1, "", ""
}

// questions gives every read of the route table as account a asks it.
func (e *Env) questions(t *testing.T, a demo.Account, subjects []Subject) []Call {
	t.Helper()
	var out []Call
	secrets := map[string]string{}
	for _, sub := range subjects {
		gather(secrets, sub.Secrets(t, e.Client, a))
		gather(secrets, sub.once(t, e.Client, a))
		if sub.Access == "" {
			continue
		}
		ids := sub.IDs(t, e.Client, a, secrets[sub.Access])
		for _, rt := range e.mine(sub) {
			if !reads(rt) || rt.Public || strings.HasSuffix(rt.Pattern, "/signing-keys") { // the stand's, made by the clock
				continue
			}
			bearer := secrets[sub.Access]
			if sub.Walled != nil {
				bearer = sub.Walled(t, e.Client, a, rt)
			}
			call := sub.Good[key(rt)].fill(ids, secrets).With(Bearer(bearer)...)
			call.Method = rt.Method
			out = append(out, call)
			if rt.Method == http.MethodGet && !rt.NoHead {
				call.Method = http.MethodHead
				out = append(out, call)
			}
		}
	}
	return out
}

// reads reports whether a route changes nothing: it is asked by GET, or as the
// methods that take their filters in a body.
func reads(rt web.Route) bool {
	return rt.Audit == "" && rt.Door == "" && !rt.NoHead && (rt.Method == http.MethodGet || !rt.Secret)
}

// mine gives the routes of a dialect that an account's own people may use on
// production.
func (e *Env) mine(sub Subject) []web.Route {
	return slices.DeleteFunc(slices.Clone(e.Server.Routes(authority.Production)), func(rt web.Route) bool {
		_, known := sub.Good[key(rt)]
		elsewhere := len(rt.Stands) > 0 && !slices.Contains(rt.Stands, authority.Production)
		return !known || rt.Dialect != sub.Dialect || elsewhere || rt.Browsers || rt.Permission == admin.AccountsManage
	})
}

// Everything makes every change and every token that the second account can.
func Everything(t *testing.T, e *Env, subjects ...Subject) {
	t.Helper()
	away := e.Fixture.Accounts[1]
	secrets := map[string]string{}
	for _, sub := range subjects {
		gather(secrets, sub.Secrets(t, e.Client, away))
	}
	for _, sub := range subjects {
		for _, rt := range e.mine(sub) {
			if reads(rt) {
				continue
			}
			gather(secrets, sub.once(t, e.Client, away))
			x := &exam{suite: &suite{Env: e, secrets: secrets, home: away}, sub: sub, rt: rt}
			x.good = sub.Good[key(rt)].fill(x.make(t, away), secrets)
			x.good.Method = rt.Method
			if a := e.Do(t, x.authorized()); a.Status > 299 {
				t.Errorf("the other account cannot: %s: %d %s", key(rt), a.Status, a.Body)
			}
		}
	}
}

// Settle stores what the server has gathered in memory.
func (e *Env) Settle(t *testing.T) {
	t.Helper()
	if err := e.Server.Data().Authority.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}
