package testenv

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/dialect"
	"propusk/internal/web"
)

// suite is one run of Exercise.
type suite struct {
	*Env

	subjects   map[string]Subject
	home, away demo.Account      // of the production stand
	secrets    map[string]string // of home, by kind
	other      map[string]string // of home's twin on the test stand
	theirs     map[string]string // of away
	documents  *Documents
	asked      map[string]bool // reads whose parameters were tried, by dialect and summary
}

// Exercise asks every route of every dialect of e what the wire contract says of
// it, dialect by dialect in the order of subjects. A dialect or a route that they
// do not know fails, so that none is left out.
func Exercise(t *testing.T, e *Env, subjects ...Subject) {
	t.Helper()
	s := &suite{
		Env: e, subjects: map[string]Subject{}, secrets: map[string]string{}, other: map[string]string{}, theirs: map[string]string{},
		asked: map[string]bool{},
		home:  e.Fixture.Accounts[0], away: e.Fixture.Accounts[1],
	}
	for _, sub := range subjects {
		s.subjects[sub.Dialect] = sub
		gather(s.secrets, sub.Secrets(t, e.Client, s.home))
		gather(s.other, sub.Secrets(t, e.Client, e.Fixture.Test.Accounts[0]))
		gather(s.theirs, sub.Secrets(t, e.Client, s.away))
	}
	if err := errors.Join(Covered(e, subjects...), Declared(e, slices.Collect(maps.Keys(s.secrets)), subjects...)); err != nil {
		t.Error(err)
	}
	var err error
	if s.documents, err = NewDocuments(e); err != nil {
		t.Fatal(err)
	}
	for _, d := range e.Server.Dialects() {
		if _, ok := s.subjects[d.Name()]; ok {
			t.Run(d.Name()+"/errors", func(t *testing.T) { s.errorTable(t, d) })
		}
	}
	for _, sub := range subjects {
		s.routes(t, sub)
		t.Run(sub.Dialect+"/doors", func(t *testing.T) { s.doors(t, sub) })
		gather(s.secrets, sub.Secrets(t, e.Client, s.home)) // the right ones are used up
	}
}

// routes asks the routes of one dialect.
func (s *suite) routes(t *testing.T, sub Subject) {
	for _, rt := range s.Server.Routes(authority.Production) {
		if _, ok := sub.Good[key(rt)]; !ok || rt.Dialect != sub.Dialect {
			continue
		}
		t.Run(rt.Dialect+"/"+key(rt), func(t *testing.T) {
			if len(rt.Stands) > 0 && !slices.Contains(rt.Stands, authority.Production) {
				s.absent(t, sub, rt)
				return
			}
			s.route(t, sub, rt)
		})
	}
}

// Covered says which dialects and routes of e no subject knows; nil = all are
// known.
func Covered(e *Env, subjects ...Subject) error {
	var errs []error
	routes := e.Server.Routes(authority.Production)
	for _, name := range named(e, routes) {
		i := slices.IndexFunc(subjects, func(s Subject) bool { return s.Dialect == name })
		if i < 0 {
			errs = append(errs, fmt.Errorf("dialect %s is registered, but no subject of the suite knows it", name))
			continue
		}
		if err := subjects[i].check(routes); err != nil {
			errs = append(errs, fmt.Errorf("dialect %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// named are the names of dialects, and of what is mounted like one.
func named(e *Env, routes []web.Route) []string {
	var out []string
	for _, d := range e.Server.Dialects() {
		out = append(out, d.Name())
	}
	for _, rt := range routes {
		if !slices.Contains(out, rt.Dialect) {
			out = append(out, rt.Dialect)
		}
	}
	return out
}

func gather(to, from map[string]string) {
	for kind, secret := range from {
		to[kind] = secret
	}
}

// absent asks for a route that only the test stand has (rule 10).
func (s *suite) absent(t *testing.T, sub Subject, rt web.Route) {
	t.Helper()
	x := &exam{suite: s, sub: sub, rt: rt, good: sub.Good[key(rt)]}
	x.good.Method = rt.Method
	if a := x.ask(t, x.authorized()); a.Status != http.StatusNotFound {
		t.Errorf("rule 10: on production: %d %s", a.Status, a.Body)
	}
}

func (s *suite) route(t *testing.T, sub Subject, rt web.Route) {
	x := &exam{suite: s, sub: sub, rt: rt}
	gather(s.secrets, sub.once(t, s.Client, s.home)) // first: a new pair may end the former bearer
	x.ids = x.make(t, s.home)
	x.good = sub.Good[key(rt)].fill(x.ids, s.secrets)
	x.good.Method = rt.Method
	t.Run("good", x.goes)
	if !rt.Public {
		t.Run("refusals", x.refusals)
	}
	if rt.Permission != "" {
		t.Run("permission", x.permission)
	}
	if !sub.Common {
		t.Run("walls", x.walls)
	}
	t.Run("methods", x.methods)
	t.Run("spelling", x.spelling)
	if dialect.Repeatable(&rt) {
		t.Run("repeats", x.repeats)
	}
	t.Run("junk", x.junk)
	if reads(rt) && !rt.Browsers && !s.asked[rt.Dialect+rt.Summary] { // once for all prefixes of a path
		s.asked[rt.Dialect+rt.Summary] = true
		t.Run("filters", x.filters)
	}
}

// exam is the suite at one route.
type exam struct {
	*suite

	sub  Subject
	rt   web.Route
	ids  map[string]string
	good Call
}

func (x *exam) make(tb testing.TB, a demo.Account) map[string]string {
	tb.Helper()
	if x.sub.IDs == nil {
		return nil
	}
	return x.sub.IDs(tb, x.Client, a, x.access(tb, a))
}

// access gives a bearer of the exam's dialect for account a.
func (x *exam) access(tb testing.TB, a demo.Account) string {
	tb.Helper()
	if x.sub.Access == "" {
		return ""
	}
	if a.Stand == x.home.Stand && a.Contract == x.home.Contract {
		return x.secrets[x.sub.Access]
	}
	return x.sub.Secrets(tb, x.Client, a)[x.sub.Access]
}

// authorized gives the good call with a bearer, where the route asks for one.
func (x *exam) authorized() Call {
	if x.rt.Public {
		return x.good
	}
	return x.good.With(Bearer(x.secrets[x.sub.Access])...)
}

const requestID = "exercise-1"

// leaks are what no refusal of ours may show (rule 5, rule 6).
var leaks = regexp.MustCompile(`(?i)goroutine \d|\.go:\d|\bsqlite|\bpgx?\b|SELECT .* FROM|INSERT INTO|runtime error|/internal/|/tmp/`)

// ask sends a call and checks what holds for every answer there is.
func (x *exam) ask(t *testing.T, call Call) Answer {
	t.Helper()
	a := x.Do(t, call.With("X-Request-ID", requestID))
	where := fmt.Sprintf("%s %.80q %.80q: %d %.200q", call.Method, call.Path, call.Body, a.Status, a.Body)
	if a.Status >= 500 && a.Status != http.StatusServiceUnavailable {
		t.Errorf("rule 5: %s", where)
	}
	if got := a.Header.Get("X-Request-ID"); got != requestID {
		t.Errorf("rule 11: X-Request-ID %q: %s", got, where)
	}
	if x.rt.Secret && (a.Status < 300 || a.Status == 401) && a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("rule 6: Cache-Control %q: %s", a.Header.Get("Cache-Control"), where)
	}
	for _, name := range []string{"Server", "X-Powered-By", "Set-Cookie", "Access-Control-Allow-Credentials"} {
		if a.Header.Get(name) != "" {
			t.Errorf("header %s: %s", name, where)
		}
	}
	if leak := leaks.FindString(a.Body); leak != "" && a.Status >= 400 { // tokens may spell anything
		t.Errorf("the answer shows %q: %s", leak, where)
	}
	if a.Status >= 400 && call.Method != http.MethodHead {
		x.shaped(t, a, where)
	}
	x.documented(t, call, a)
	return a
}

// documented holds an answer against the documents of its dialect. What asks by
// another method than the route's is no call of it.
func (x *exam) documented(t *testing.T, call Call, a Answer) {
	t.Helper()
	rt := x.rt
	if call.Method == "" && call.Body != "" {
		call.Method = http.MethodPost
	}
	method := cmp.Or(call.Method, http.MethodGet)
	if rt.Pattern == "" { // a door
		rt.Method = method
		rt.Pattern, _, _ = strings.Cut(call.Path, "?")
	}
	if method == http.MethodHead && !rt.NoHead {
		method = http.MethodGet
	}
	if method != rt.Method {
		return
	}
	if err := x.documents.Check(rt, call, a); err != nil {
		t.Errorf("%s %.80q %.80q: %d %.300q: %v", call.Method, call.Path, call.Body, a.Status, a.Body, err)
	}
}

// shaped checks a refusal's form, and that it repeats no secret.
func (x *exam) shaped(t *testing.T, a Answer, where string) {
	t.Helper()
	if err := x.sub.Shape(a); err != nil {
		t.Errorf("shape: %v: %s", err, where)
	}
	for kind, secret := range x.secrets {
		if strings.Contains(a.Body, secret) {
			t.Errorf("rule 6: the refusal repeats %s: %s", kind, where)
		}
	}
	if a.Status == http.StatusUnauthorized && a.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("rule 4: no WWW-Authenticate: %s", where)
	}
}

// errorTable asks a dialect to write every code there is.
func (s *suite) errorTable(t *testing.T, d dialect.Dialect) {
	for _, code := range authority.Codes() {
		for path := range s.pathsOf(d.Name()) {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, path, nil)
			d.WriteError(w, r, authority.Wrap(code, "a message", errors.New("hidden cause")))
			defect := code == authority.Internal || code == authority.Unavailable
			if w.Code < 400 || (w.Code >= 500) != defect {
				t.Errorf("%s: code %s becomes %d", path, code, w.Code)
			}
			if strings.Contains(w.Body.String(), "hidden") {
				t.Errorf("%s: code %s shows its cause: %s", path, code, w.Body)
			}
			if err := s.subjects[d.Name()].Shape(Answer{Status: w.Code, Header: w.Header(), Body: w.Body.String()}); err != nil {
				t.Errorf("%s: code %s: %v", path, code, err)
			}
		}
	}
}

// pathsOf gives the patterns of a dialect's routes.
func (s *suite) pathsOf(name string) map[string]bool {
	paths := map[string]bool{}
	for _, rt := range s.Server.Routes(authority.Production) {
		if rt.Dialect == name {
			paths[strings.NewReplacer("{", "", "}", "").Replace(rt.Pattern)] = true
		}
	}
	return paths
}

// doors presents every kind of secret at every door, and misspelt ones (B9, B14).
func (s *suite) doors(t *testing.T, sub Subject) {
	for _, door := range sub.Doors {
		x := &exam{suite: s, sub: sub, rt: web.Route{Secret: !door.Opens}}
		t.Run(door.Name, func(t *testing.T) {
			show := func(secret string) Answer { return x.ask(t, door.Call(s.Client, s.home, secret)) }
			right := cmp.Or(sub.once(t, s.Client, s.home)[door.Takes], s.secrets[door.Takes])
			refused := show("nothing-like-a-secret")
			if refused.Status != http.StatusBadRequest && refused.Status != http.StatusUnauthorized {
				t.Fatalf("junk: %d %s", refused.Status, refused.Body)
			}
			wrong := map[string]string{}
			for kind, secret := range s.secrets {
				wrong[kind] = secret
			}
			delete(wrong, door.Takes)
			for kind, secret := range s.other {
				wrong["the other stand's "+kind] = secret
			}
			for kind, secret := range s.theirs {
				if door.Bound || kind != door.Takes {
					wrong["the other account's "+kind] = secret
				}
			}
			for i, secret := range misspell(right) {
				wrong[fmt.Sprintf("%s, spelling %d", door.Takes, i)] = secret
			}
			for kind, secret := range wrong {
				if a := show(secret); a.Status != refused.Status || a.Body != refused.Body {
					t.Errorf("%s: %d %s, junk gets %d %s", kind, a.Status, a.Body, refused.Status, refused.Body)
				}
			}
			if a := show(right); a.Status != http.StatusOK {
				t.Errorf("%s: %d %s", door.Takes, a.Status, a.Body)
			}
		})
	}
}

// misspell gives texts that are almost s: another last character with the same
// bits where that can be, another case, more, less.
func misspell(s string) []string {
	last := s[len(s)-1]
	out := []string{
		s[:len(s)-1], s + "A", s + "=", s + ".", s + "\n", " " + s, s[1:],
		strings.ToUpper(s), strings.ToLower(s), s[:len(s)/2] + "\r\n" + s[len(s)/2:], s + s,
	}
	for _, c := range []byte(base64.URLEncoding.EncodeToString([]byte{last, last + 1, last + 2})) {
		out = append(out, s[:len(s)-1]+string(c))
	}
	for i := 0; i < len(s)-1; i += max(1, len(s)/24) {
		out = append(out, s[:i]+string(rune(s[i]^1))+s[i+1:])
	}
	return slices.DeleteFunc(out, func(v string) bool { return v == s || strings.TrimSpace(v) == s })
}
