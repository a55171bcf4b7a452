package ringme_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/dialect/ringme"
	"propusk/internal/testenv"
)

const client = "/api/ver1.0/client/@me"

// sound is a recording of size bytes.
func sound(media calls.Media, size int) calls.File {
	return calls.File{Media: media, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(bytes.Repeat([]byte("0123456789"), size/10))), nil
	}}
}

// ring adds n calls of which every third has a recording, a minute apart; the
// last begins at the clock's time.
func (w *world) ring(t *testing.T, c authority.Caller, n int) {
	t.Helper()
	c = authority.System(c.Stand(), c.Account(), "call.add", "test")
	var drafts []calls.Draft
	for i := range n {
		d := calls.Draft{Call: calls.Call{
			Source: "test", SourceID: strconv.Itoa(i), Direction: calls.Directions()[i%3], Disposition: calls.Dispositions()[i%6],
			From: calls.Party{Number: fmt.Sprint("+7495000", i)}, To: calls.Party{Number: "101"},
			Begun: w.clock.Now().Add(-time.Duration(i) * time.Minute), Duration: 65900 * time.Millisecond,
		}}
		if i%3 == 0 {
			d.Files = []calls.File{sound([]calls.Media{calls.MP3, calls.WAV}[i%2], 1000)}
		}
		drafts = append(drafts, d)
	}
	added, err := w.Server.Data().Calls.Add(t.Context(), c, drafts)
	if err != nil || added.New != n {
		t.Fatal(added, err)
	}
}

func (w *world) get(t *testing.T, token, path string, header ...string) testenv.Answer {
	t.Helper()
	return w.ask(t, "GET", token, path, "", header...)
}

func (w *world) ask(t *testing.T, method, token, path, body string, header ...string) testenv.Answer {
	t.Helper()
	return w.Do(t, testenv.Call{Method: method, Path: path, Body: body}.With(testenv.Bearer(token)...).With(header...))
}

const (
	uuid     = `[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`
	notFound = `\{"message":"Not found"\}`
)

func TestHistory(t *testing.T) {
	w := newWorld(t)
	w.makeApp(t, "calls", authority.Traits{Type: ringme.Trusted, Access: ringme.CallAPI, Owner: w.user.ID})
	w.ring(t, w.caller, 7)
	token := w.access(t, "calls")
	first := `\{"call_uuid":"` + uuid + `","flow":"out","result":"answered","duration":65,"init_time_gmt":"2024-05-20 10:00:00",` +
		`"from_username":"\+74950000","to_username":"101","cdr":\[\{"record_uuid":"` + uuid + `"\}\]\}`
	second := `\{"call_uuid":"` + uuid + `","flow":"in","result":"not answered",.*"init_time_gmt":"2024-05-20 09:59:00",.*"cdr":\[\]\}`
	expect(t, "page", w.get(t, token, client+"/call_history/?per_page=2"), 200,
		`\{"page":1,"per_page":2,"order":"desc","call_history":\[`+first+`,`+second+`\]\}`)
	number := strconv.FormatInt(w.account.Number, 10)
	for name, test := range map[string]struct {
		query string
		begun []string // minutes of the calls, as they come
	}{
		"all":                {"", []string{"10:00", "09:59", "09:58", "09:57", "09:56", "09:55", "09:54"}},
		"oldest first":       {"?order=ASC&per_page=2", []string{"09:54", "09:55"}},
		"second page":        {"?per_page=3&page=2", []string{"09:57", "09:56", "09:55"}},
		"behind the end":     {"?per_page=3&page=9", nil},
		"from":               {"?start_datetime=2024-05-20+09:59:00", []string{"10:00", "09:59"}},
		"till, in it":        {"?end_datetime=2024-05-20%2009:55:00", []string{"09:55", "09:54"}},
		"both, RFC 3339":     {"?start_datetime=2024-05-20T12:56:00%2B03:00&end_datetime=2024-05-20T09:57:00Z", []string{"09:57", "09:56"}},
		"a day":              {"?start_datetime=2024-05-20&end_datetime=2024-05-20&per_page=1", []string{"10:00"}},
		"another day":        {"?end_datetime=2024-05-19", nil},
		"minutes":            {"?start_datetime=2024-05-20+09:58&end_datetime=2024-05-20+09:58", []string{"09:58"}},
		"in":                 {"?flow=in", []string{"09:59", "09:56"}},
		"out":                {"?flow=OUT", []string{"10:00", "09:57", "09:54"}},
		"nobody's extension": {"?extension_id=4503599627370497", nil},
		"unknown parameters": {"?colour=red&per_page=1", []string{"10:00"}},
	} {
		for _, who := range []string{"@me", number} {
			a := w.get(t, token, "/api/ver1.0/client/"+who+"/call_history/"+test.query)
			var got []string
			for _, m := range regexp.MustCompile(`2024-05-20 (\d\d:\d\d):00`).FindAllStringSubmatch(a.Body, -1) {
				got = append(got, m[1])
			}
			if a.Status != 200 || strings.Join(got, " ") != strings.Join(test.begun, " ") || a.Header.Get("X-RateLimit-Limit") == "" {
				t.Errorf("%s: %d %v, want %v", name, a.Status, got, test.begun)
			}
		}
	}
	form := w.Do(t, testenv.Call{Method: "GET", Path: client + "/call_history/", Type: testenv.Form, Body: "per_page=1&order=asc"}.With(testenv.Bearer(token)...))
	expect(t, "by form", form, 200, `\{"page":1,"per_page":1,"order":"asc",.*09:54:00.*\}`)
	for _, list := range []string{"/call_history/", "/record/"} {
		want := w.walk(t, token, client+list+"?per_page=1000")
		for _, size := range []string{"1", "2", "3"} {
			if got := w.walk(t, token, client+list+"?per_page="+size); got != want || want == 0 {
				t.Errorf("%s by %s: %d ids by its links, want %d", list, size, got, want)
			}
		}
	}
	if a := form.Header.Get("Link"); a != "" {
		t.Errorf("parameters of a body are linked to: %s", a)
	}
	w.badHistory(t, token)
}

// walk counts the ids in the pages of a list that its links lead through.
func (w *world) walk(t *testing.T, token, path string) (n int) {
	t.Helper()
	for pages := 0; path != "" && pages < 20; pages++ {
		a := w.get(t, token, path)
		if a.Status != 200 {
			t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
		n += strings.Count(a.Body, `"call_uuid"`) + strings.Count(a.Body, `"record_uuid"`)
		path = strings.TrimSuffix(strings.TrimPrefix(a.Header.Get("Link"), "<"), `>; rel="next"`)
	}
	return n
}

func (w *world) badHistory(t *testing.T, token string) {
	for _, query := range []string{
		"per_page=0", "per_page=1001", "per_page=x", "page=0", "page=-1", "page=99999999999999999999", "order=up", "flow=sideways",
		"start_datetime=yesterday", "end_datetime=2024-13-01+00:00:00", "start_datetime=", "extension_id=x", "page=1&page=2",
		"per_page=1000&page=1002", "start_datetime=2024-05-20+25:00:00",
	} {
		expect(t, query, w.get(t, token, client+"/call_history/?"+query), 400, `\{"message":".+","status":"bad_request"\}`)
	}
	list := w.get(t, token, client+"/call_history/?per_page=1").Body
	id := regexp.MustCompile(uuid).FindString(list)
	expect(t, "one", w.get(t, token, client+"/call_history/"+id), 200, `\{"call_uuid":"`+id+`",.*\}`)
	expect(t, "upper case", w.get(t, token, client+"/call_history/"+strings.ToUpper(id)+"/"), 200, `\{"call_uuid":"`+id+`",.*\}`)
	foreign := w.Fixture.Accounts[1]
	for name, path := range map[string]string{
		"no id": client + "/call_history/x", "of no call": client + "/call_history/00000000-0000-4000-8000-000000000000",
		"another account": fmt.Sprintf("/api/ver1.0/client/%d/call_history", foreign.Number), "nobody's account": "/api/ver1.0/client/1/call_history",
		"other spelling": fmt.Sprintf("/api/ver1.0/client/0%d/call_history", w.account.Number), "@you": "/api/ver1.0/client/@you/call_history",
		"a call in another account": fmt.Sprintf("/api/ver1.0/client/%d/call_history/%s", foreign.Number, id),
	} {
		expect(t, name, w.get(t, token, path), 404, notFound)
	}
}

// Pages far from the beginning begin behind the page that was read before them:
// of the same list, size and account. Without it rows are counted off, up to a
// bound.
func TestDeepPages(t *testing.T) {
	m := ringme.NewMarks()
	ours := authority.System(authority.Test, authority.Account{ID: 1}, "", "test")
	theirs := authority.System(authority.Test, authority.Account{ID: 2}, "", "test")
	mark := calls.Mark{Begun: time.Unix(1, 0), ID: 7}
	for page := 1; page < 20; page++ {
		m.Keep(ours, page, 1000, mark)
	}
	for _, test := range []struct {
		name       string
		c          authority.Caller
		page, size int
		after      calls.Mark
		offset     int
		code       authority.Code
	}{
		{"close", ours, 11, 1000, calls.Mark{}, 10_000, ""},
		{"deep", ours, 12, 1000, mark, 0, ""},
		{"not read before", ours, 30, 1000, calls.Mark{}, 29_000, ""},
		{"another size", ours, 13, 999, calls.Mark{}, 11_988, ""},
		{"another account", theirs, 12, 1000, calls.Mark{}, 11_000, ""},
		{"the bound", ours, 1001, 1000, calls.Mark{}, 1_000_000, ""},
		{"past it", ours, 1002, 1000, calls.Mark{}, 0, authority.InvalidValue},
	} {
		after, offset, err := m.Find(test.c, test.page, test.size)
		if after != test.after || offset != test.offset || (err != nil) != (test.code != "") {
			t.Errorf("%s: %v %d %v", test.name, after, offset, err)
		}
	}
}

func (w *world) oneRecord(t *testing.T, token string) (id, call string) {
	t.Helper()
	a := w.get(t, token, client+"/record/?per_page=1")
	m := regexp.MustCompile(`^\[\{"record_uuid":"(` + uuid + `)","call_uuid":"(` + uuid + `)","init_time_gmt":"2024-05-20 10:00:00",` +
		`"file_size":1000,"content_type":"audio/mpeg"\}\]$`).FindStringSubmatch(a.Body)
	if m == nil {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	return m[1], m[2]
}

func TestRecordings(t *testing.T) {
	w := newWorld(t)
	w.ring(t, w.caller, 7)
	token := w.access(t, "trusted")
	id, _ := w.oneRecord(t, token)
	path := client + "/record/" + id
	whole := w.get(t, token, path)
	if whole.Status != 200 || len(whole.Body) != 1000 {
		t.Fatalf("%d %s", whole.Status, whole.Body)
	}
	for name, want := range map[string]string{
		"Content-Type": "audio/mpeg", "Content-Length": "1000", "Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "sandbox; default-src 'none'", "Etag": `"` + id + `"`, "Cache-Control": "private, no-cache",
		"Content-Disposition": `attachment; filename="2024-05-20_10-00-00_` + id + `.mp3"`,
	} {
		if got := whole.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if whole.Header.Get("X-RateLimit-Remaining") == "" {
		t.Error("no X-RateLimit")
	}
	part := w.get(t, token, path, "Range", "bytes=5-9")
	if part.Status != 206 || part.Body != "56789" || part.Header.Get("Content-Range") != "bytes 5-9/1000" {
		t.Errorf("%d %v %s", part.Status, part.Header, part.Body)
	}
	if a := w.get(t, token, path, "Range", "bytes=5-9", "If-Range", `"other"`); a.Status != 200 || len(a.Body) != 1000 {
		t.Errorf("If-Range: %d", a.Status)
	}
	if a := w.get(t, token, path, "If-None-Match", `"`+id+`"`); a.Status != 304 {
		t.Errorf("If-None-Match: %d", a.Status)
	}
	none := w.get(t, token, path, "Range", "bytes=1000-")
	expect(t, "416", none, 416, `\{"message":"the ranges cannot be given","status":"range_not_satisfiable"\}`)
	if none.Header.Get("Content-Range") != "bytes */1000" {
		t.Error(none.Header)
	}
	if head := w.ask(t, http.MethodHead, token, path, ""); head.Status != 200 || head.Header.Get("Content-Length") != "1000" {
		t.Errorf("HEAD: %d %v", head.Status, head.Header)
	}
	if wav := regexp.MustCompile(`"record_uuid":"(` + uuid + `)"[^}]*"audio/wav"`).FindStringSubmatch(w.get(t, token, client+"/record").Body); wav == nil {
		t.Error("no wav")
	} else if a := w.get(t, token, client+"/record/"+wav[1]); a.Header.Get("Content-Type") != "audio/wav" {
		t.Errorf("wav: %v", a.Header)
	}
	w.deleted(t, token, path)
}

func (w *world) deleted(t *testing.T, token, path string) {
	w.readsOnly(t, path)
	other := w.Fixture.Accounts[1].Ringme.Trusted
	theirs := w.token(t, "grant_type", "client_credentials", "client_id", other.ApplicationID, "client_secret", other.ApplicationSecret).Field(t, "access_token")
	for _, method := range []string{"GET", "DELETE"} {
		expect(t, method+" by another account", w.ask(t, method, theirs, path, ""), 404, notFound)
	}
	expect(t, "deleted", w.ask(t, "DELETE", token, path, ""), 204, "")
	for _, method := range []string{"GET", "DELETE"} {
		expect(t, method+" again", w.ask(t, method, token, path, ""), 404, notFound)
	}
}

// readsOnly looks at a recording as one who may only read.
func (w *world) readsOnly(t *testing.T, path string) {
	t.Helper()
	reader := w.access(t, "reader")
	expect(t, "reads", w.get(t, reader, path, "Range", "bytes=0-0"), 206, "0")
	expect(t, "may not delete", w.ask(t, "DELETE", reader, path, ""), 403, `\{"message":"the user may only read","status":"user_access_type_deny"\}`)
}

// A link opens without a token, for a while, what its maker may read, and dies
// with whatever made it possible. B53.
func TestStorageURL(t *testing.T) {
	w := newWorld(t)
	w.ring(t, w.caller, 7)
	token := w.access(t, "trusted")
	id, call := w.oneRecord(t, token)
	link := func(token string) string {
		t.Helper()
		a := w.get(t, token, client+"/record/"+id+"/storage_url/")
		url := a.Field(t, "record_url")
		path, ok := strings.CutPrefix(url, w.Fixture.URL(authority.Production))
		if !ok || a.Header.Get("Cache-Control") != "no-store" || strings.Contains(url, id) {
			t.Fatalf("%d %s %v", a.Status, a.Body, a.Header)
		}
		return path
	}
	open := func(path string, header ...string) testenv.Answer {
		t.Helper()
		return w.Do(t, testenv.Call{Path: path}.With(header...))
	}
	first := link(token)
	good := open(first, "Range", "bytes=5-9")
	if good.Status != 206 || good.Body != "56789" || good.Header.Get("Content-Type") != "audio/mpeg" ||
		good.Header.Get("Cache-Control") != "no-store" || good.Header.Get("X-RateLimit-Remaining") == "" {
		t.Errorf("%d %v %s", good.Status, good.Header, good.Body)
	}
	last := len(first) - 1
	for name, path := range map[string]string{
		"altered": first[:last] + string(rune(first[last]^1)), "cut": first[:last], "longer": first + "A", "junk": "/api/ver1.0/storage/x",
		"no link at all": "/api/ver1.0/storage/" + id, "a token": "/api/ver1.0/storage/" + token,
	} {
		expect(t, name, open(path), 404, notFound)
	}
	expect(t, "the other stand", w.Do(t, testenv.Call{Stand: authority.Test, Path: first}), 404, notFound)
	expect(t, "a call is no recording", w.get(t, token, client+"/record/"+call+"/storage_url"), 404, notFound)
	w.clock.Advance(10 * time.Minute)
	expect(t, "too late", open(first), 404, notFound)
	w.linkEnds(t, link, open)
}

func (w *world) linkEnds(t *testing.T, link func(string) string, open func(string, ...string) testenv.Answer) {
	token := w.access(t, "trusted")
	ended := link(token)
	must(t, w.Server.Data().Authority.RevokeToken(t.Context(), w.caller, authority.NewSecret(token)))
	expect(t, "without its token", open(ended), 404, notFound)

	old := w.access(t, "trusted")
	w.clock.Advance(55 * time.Minute)
	ended = link(old)
	w.clock.Advance(5 * time.Minute)
	expect(t, "longer than its token", open(ended), 404, notFound)

	ended = link(w.access(t, "trusted"))
	w.grant(t, calls.CallsList)
	expect(t, "without the right", open(ended), 404, notFound)
	w.grant(t, calls.Permissions()...)
	expect(t, "with it again", open(ended), 200, "")

	token = w.access(t, "trusted")
	ended = link(token)
	must(t, setBlocked(t, w, true))
	expect(t, "of a blocked user", open(ended), 404, notFound)
	must(t, setBlocked(t, w, false))

	token = w.access(t, "trusted")
	ended = link(token)
	id, _ := w.oneRecord(t, token)
	expect(t, "deleted", w.ask(t, "DELETE", token, client+"/record/"+id, ""), 204, "")
	expect(t, "of what is deleted", open(ended), 404, notFound)
}

// grant lets the users have these permissions alone.
func (w *world) grant(t *testing.T, permissions ...authority.Permission) {
	t.Helper()
	_, err := w.Server.Data().Admin.ChangeRole(t.Context(), w.caller, admin.RoleEdit{ID: w.role, Permissions: &permissions})
	must(t, err)
}
