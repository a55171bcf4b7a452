package testenv

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode"

	"propusk/internal/authority"
)

// goes checks that the good call is good: without it the rest proves nothing.
func (x *exam) goes(t *testing.T) {
	a := x.ask(t, x.authorized())
	if !x.fine(a) {
		t.Fatalf("%s %s: %d %s", x.good.Method, x.good.Path, a.Status, a.Body)
	}
	want := "json"
	if i := slices.Index(x.good.Header, "Accept"); i >= 0 {
		want = x.good.Header[i+1]
	}
	if kind := a.Header.Get("Content-Type"); a.Body != "" && !strings.Contains(kind, want) {
		t.Errorf("Content-Type %q", kind)
	}
	if a := x.Do(t, x.authorized()); len(a.Header.Get("X-Request-ID")) < 16 {
		t.Errorf("rule 11: no X-Request-ID of our own")
	}
}

// fine reports whether a good call got what it asked for: where people are sent,
// to be sent on.
func (x *exam) fine(a Answer) bool {
	if x.rt.Browsers {
		return (a.Status == http.StatusFound || a.Status == http.StatusSeeOther) && !strings.Contains(a.Header.Get("Location"), "error=")
	}
	return a.Status >= 200 && a.Status <= 299
}

// refusals presents everything that is not the route's own bearer (rules 2–4,
// 10; B8, B9, B18).
func (x *exam) refusals(t *testing.T) {
	none := x.ask(t, x.good)
	if challenge := none.Header.Get("WWW-Authenticate"); none.Status != 401 ||
		!strings.HasPrefix(challenge, `Bearer realm="`) || strings.Contains(challenge, "error=") {
		t.Errorf("without a credential: %d %s", none.Status, challenge)
	}
	access := x.secrets[x.sub.Access]
	for name, call := range map[string]Call{
		"query":  x.query("access_token=" + access + "&token=" + access),
		"cookie": x.good.With("Cookie", "access_token="+access+"; Authorization=Bearer "+access),
	} {
		if a := x.ask(t, call); a.Status != none.Status || a.Body != none.Body {
			t.Errorf("rule 3: in %s: %d %s", name, a.Status, a.Body)
		}
	}
	wrongPair := x.ask(t, x.good.With(Basic("bearer", "junk")...)) // told apart from nothing where Basic is taken
	if a := x.ask(t, x.good.With(Basic("bearer", access)...)); a.Status != none.Status || a.Body != wrongPair.Body {
		t.Errorf("rule 3: in Basic: %d %s, junk gets %s", a.Status, a.Body, wrongPair.Body)
	}
	if a := x.ask(t, x.good.With(Bearer(access)...).With(Bearer(access)...)); a.Status != http.StatusBadRequest {
		t.Errorf("rule 3: two Authorization fields: %d", a.Status)
	}
	junk := x.ask(t, x.good.With(Bearer("junk")...))
	if challenge := junk.Header.Get("WWW-Authenticate"); junk.Status != 401 ||
		!strings.HasPrefix(challenge, `Bearer realm="`) || !strings.Contains(challenge, `error="invalid_token"`) {
		t.Errorf("rule 4: junk: %d %s", junk.Status, challenge)
	}
	for name, token := range x.wrong() {
		a := x.ask(t, x.good.With(Bearer(token)...))
		if a.Status != junk.Status || a.Body != junk.Body || a.Header.Get("WWW-Authenticate") != junk.Header.Get("WWW-Authenticate") {
			t.Errorf("%s: %d %s, junk gets %d %s", name, a.Status, a.Body, junk.Status, junk.Body)
		}
	}
	call := x.fresh(t)
	call.Header[len(call.Header)-1] = "bEaReR   " + x.secrets[x.sub.Access]
	if a := x.ask(t, call); a.Status > 299 {
		t.Errorf("rule 3: scheme in another case: %d", a.Status)
	}
}

func (x *exam) query(more string) Call {
	c := x.good
	if strings.Contains(c.Path, "?") {
		c.Path += "&" + more
	} else {
		c.Path += "?" + more
	}
	return c
}

// wrong gives what the route must refuse as it refuses junk.
func (x *exam) wrong() map[string]string {
	wrong := maps.Clone(x.secrets)
	delete(wrong, x.sub.Access)
	for _, kind := range x.sub.Also {
		delete(wrong, kind)
	}
	for kind, secret := range x.other {
		wrong["the other stand's "+kind] = secret
	}
	// What is not a token68 at all cannot be told from junk either.
	wrong["a sentence"] = "Not implemented"
	wrong["nothing"] = ""
	wrong["long"] = strings.Repeat("a", 9000)
	for i, text := range misspell(x.secrets[x.sub.Access]) {
		if !strings.ContainsAny(text, "\r\n") { // no header can carry them
			wrong["spelling "+string(rune('a'+i))] = text
		}
	}
	return wrong
}

// permission asks without the right.
func (x *exam) permission(t *testing.T) {
	if x.sub.Weak == nil {
		t.Fatalf("the route asks for %s, but the subject has no weak bearer", x.rt.Permission)
	}
	weak := x.sub.Weak(t, x.Client, x.home, x.rt.Permission)
	if a := x.ask(t, x.good.With(Bearer(weak)...)); a.Status != http.StatusForbidden {
		t.Errorf("without %s: %d %s", x.rt.Permission, a.Status, a.Body)
	}
}

// missing are ids that nobody has.
const missing = "4503599627370497"

// walls names things of another account: the answer is that for what is not
// there, and they stay as they are (rule 9, B44).
func (x *exam) walls(t *testing.T) {
	pattern := x.sub.Good[key(x.rt)]
	bearer := x.secrets[x.sub.Access]
	if x.sub.Walled != nil {
		bearer = cmp.Or(x.sub.Walled(t, x.Client, x.home, x.rt), bearer)
	}
	for _, name := range slices.Sorted(maps.Keys(x.ids)) {
		if !pattern.uses(name) {
			continue
		}
		away := x.make(t, x.away)
		before := x.shown(t, away)
		ids := maps.Clone(x.ids)
		ask := func(id string) Answer {
			ids[name] = id
			call := pattern.fill(ids, x.secrets).With(Bearer(bearer)...)
			call.Method = x.rt.Method
			a := x.ask(t, call)
			a.Body = strings.ReplaceAll(a.Body, id, "ID")
			return a
		}
		theirs, nobodys := ask(away[name]), ask(cmp.Or(x.sub.Missing, missing))
		if theirs.Status != nobodys.Status || theirs.Body != nobodys.Body {
			t.Errorf("rule 9: {%s} of another account: %d %s, of nobody: %d %s", name, theirs.Status, theirs.Body, nobodys.Status, nobodys.Body)
		}
		if a, b := telling(theirs.Header), telling(nobodys.Header); !maps.EqualFunc(a, b, slices.Equal) {
			t.Errorf("rule 9: {%s} of another account: %v, of nobody: %v", name, a, b)
		}
		if after := x.shown(t, away); after != before {
			t.Errorf("rule 9: {%s}: the other account's changed from %s to %s", name, before, after)
		}
	}
}

// telling gives the header fields that may tell something of what was asked for:
// not the time, what is left of a limit, and how long the id is.
func telling(h http.Header) http.Header {
	h = h.Clone()
	for name := range h {
		if name == "Date" || name == "Content-Length" || strings.Contains(name, "Ratelimit") {
			delete(h, name)
		}
	}
	return h
}

func (x *exam) shown(t *testing.T, ids map[string]string) string {
	t.Helper()
	if x.sub.Show == nil {
		return ""
	}
	return x.Do(t, x.sub.Show(ids).With(Bearer(x.access(t, x.away))...)).Body
}

// methods asks by every other method (rule 12).
func (x *exam) methods(t *testing.T) {
	var takes []string
	for _, rt := range x.Server.Routes(authority.Production) {
		if rt.Pattern != x.rt.Pattern {
			continue
		}
		takes = append(takes, rt.Method)
		if rt.Method == http.MethodGet && !rt.NoHead {
			takes = append(takes, http.MethodHead)
		}
	}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		if slices.Contains(takes, method) {
			continue
		}
		call := x.authorized()
		call.Method, call.Body = method, ""
		a := x.ask(t, call)
		if a.Status != http.StatusMethodNotAllowed {
			t.Errorf("rule 12: %s %s: %d", method, call.Path, a.Status)
		}
		for _, allowed := range takes {
			if !strings.Contains(a.Header.Get("Allow"), allowed) {
				t.Errorf("rule 12: %s: Allow %q lacks %s", method, a.Header.Get("Allow"), allowed)
			}
		}
	}
	if x.rt.Method == http.MethodGet {
		call := x.authorized()
		call.Method = http.MethodHead
		a := x.ask(t, call)
		if (a.Status == http.StatusMethodNotAllowed) != x.rt.NoHead || a.Body != "" {
			t.Errorf("rule 12: HEAD: %d %q", a.Status, a.Body)
		}
	}
	for _, method := range []string{"TRACE", "CONNECT", "BREW"} {
		call := x.good
		call.Method, call.Body = method, ""
		if a := x.Do(t, call); a.Status < 400 || a.Status > 499 {
			t.Errorf("rule 16: %s: %d", method, a.Status)
		}
	}
	x.preflight(t)
}

// preflight asks as a browser of another origin does.
func (x *exam) preflight(t *testing.T) {
	t.Helper()
	call := Call{Method: http.MethodOptions, Path: x.good.Path}
	a := x.Do(t, call.With("Origin", "https://app.example", "Access-Control-Request-Method", x.rt.Method,
		"Access-Control-Request-Headers", "authorization, content-type"))
	if x.rt.Browsers {
		if a.Status > 299 || a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("RFC 9700 2.6: preflight: %d %v", a.Status, a.Header)
		}
		return
	}
	if a.Status > 299 || a.Header.Get("Access-Control-Allow-Origin") != "*" ||
		!strings.Contains(a.Header.Get("Access-Control-Allow-Methods"), x.rt.Method) {
		t.Errorf("rule 12: preflight: %d %v", a.Status, a.Header)
	}
}

// spelling asks for the same path with a slash at its end, and in another case
// where the dialect folds it (rule 12).
func (x *exam) spelling(t *testing.T) {
	changes := map[string]func(string) string{"slash": func(path string) string { return path + "/" }}
	if x.rt.Fold {
		changes["case"] = func(path string) string { return strings.Map(swapCase, path) }
	}
	for name, change := range changes {
		call := x.fresh(t)
		path, query, asked := strings.Cut(call.Path, "?")
		if call.Path = change(path); asked {
			call.Path += "?" + query
		}
		if a := x.ask(t, call); !x.fine(a) {
			t.Errorf("rule 12: %s: %s: %d %s", name, call.Path, a.Status, a.Body)
		}
	}
}

// fresh is authorized on things that nobody has touched.
func (x *exam) fresh(t *testing.T) Call {
	t.Helper()
	gather(x.secrets, x.sub.once(t, x.Client, x.home))
	call := x.sub.Good[key(x.rt)].fill(x.make(t, x.home), x.secrets)
	call.Method = x.rt.Method
	if x.rt.Public {
		return call
	}
	return call.With(Bearer(x.secrets[x.sub.Access])...)
}

func swapCase(r rune) rune {
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return unicode.ToUpper(r)
}
