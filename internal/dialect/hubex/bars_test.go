package hubex_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// target is a route's path with an id in it.
func target(rt web.Route, id string) string { return strings.ReplaceAll(rt.Pattern, "{id}", id) }

// sample is a body that a route takes, about tasks and stages of one's own.
func (w *world) sample(rt web.Route) string {
	switch {
	case rt.Method == http.MethodGet || rt.Method == http.MethodDelete:
		return ""
	case strings.HasSuffix(rt.Pattern, "TaskStagingHistory"):
		return w.fill(`{"taskID":"<t1>","taskStageID":<stage_work>}`)
	case strings.HasSuffix(rt.Pattern, "conversation"):
		return `{"text":"Привет"}`
	}
	return `{"title":"Заявка"}`
}

// Every route of the table, without a credential and without the permission.
func TestEveryRouteAsksWhoCalls(t *testing.T) {
	w := newWorld(t)
	w.user(&w.ours, "nobody", nil)
	nobody := w.token(w.ours, "nobody")
	for _, rt := range w.routes {
		if rt.Public {
			continue
		}
		path, body := target(rt, w.names["t1"]), w.sample(rt)
		if a := w.do(rt.Method, path, body); a.Status != 401 {
			t.Errorf("%s %s without a credential: %d", rt.Method, path, a.Status)
		}
		if a := w.as(nobody, rt.Method, path, body); rt.Permission != "" && a.Status != 403 {
			t.Errorf("%s %s without a permission: %d", rt.Method, path, a.Status)
		}
	}
}

// Rule 12: any case, a slash at the end, HEAD beside GET, 405 with Allow.
func TestEveryRouteInAnySpelling(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.ours, "full")
	for _, rt := range w.routes {
		path := target(rt, w.names["t1"])
		for _, spelling := range []string{strings.ToUpper(path), strings.ToLower(path), path + "/"} {
			if a := w.as(token, http.MethodOptions, spelling, ""); !strings.Contains(a.Header.Get("Allow"), rt.Method) {
				t.Errorf("%s is not %s: Allow %q", spelling, path, a.Header.Get("Allow"))
			}
		}
		if a := w.as(token, "PUT", path, "{}"); a.Status != 405 || !strings.Contains(a.Header.Get("Allow"), rt.Method) {
			t.Errorf("PUT %s: %d, Allow %q", path, a.Status, a.Header.Get("Allow"))
		}
		if rt.Method != http.MethodGet {
			continue
		}
		get, head := w.as(token, "GET", path, ""), w.as(token, "HEAD", path, "")
		if get.Status != 200 || head.Status != 200 || head.Body != "" ||
			head.Header.Get("Content-Type") != get.Header.Get("Content-Type") {
			t.Errorf("%s: GET %d, HEAD %d %q", path, get.Status, head.Status, head.Body)
		}
	}
	for _, path := range []string{"/fsm", "/fsm/", "/FSM/AUTHZ", "/fsm/WORK/Tasks/1/2/3", "/fsm//WORK/Tasks", "/fsm/%2e%2e/x"} {
		if a := w.as(token, "GET", path, ""); a.Status != 404 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := w.do("GET", "/WORK/Tasks", ""); a.Status != 404 || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
		t.Errorf("without /fsm it is nobody's: %d %s", a.Status, a.Body)
	}
}

// snapshot tells whether an account's tasks changed.
func (w *world) snapshot(a account) string {
	w.t.Helper()
	rows := ""
	for _, id := range a.list {
		task, err := w.tasks.Task(w.t.Context(), w.system(a), id, true)
		w.must(err)
		rows += fmt.Sprintf("%+v\n", task)
	}
	return rows
}

// B44: what is another account's answers as what is not there, and stays as it
// was.
func TestWallsBetweenAccounts(t *testing.T) {
	w := newWorld(t)
	token, before := w.token(w.ours, "full"), w.snapshot(w.theirs)
	missing, trace := id(authority.NewID()), "X-Request-ID: trace-1"
	alike := func(what string, theirs, none answer) {
		t.Helper()
		theirs.Body = strings.NewReplacer(w.names["their_t1"], missing, w.names["their_north"], missing,
			w.names["their_ivan"], missing, w.names["their_stage_work"], missing).Replace(theirs.Body)
		if theirs.Status != none.Status || theirs.Body != none.Body || theirs.Header.Get("Content-Range") != none.Header.Get("Content-Range") {
			t.Errorf("%s: %d %s, a missing one %d %s", what, theirs.Status, theirs.Body, none.Status, none.Body)
		}
	}
	for _, rt := range w.routes {
		if strings.Contains(rt.Pattern, "{id}") {
			alike(rt.Method+" "+rt.Pattern,
				w.as(token, rt.Method, target(rt, w.names["their_t1"]), w.sample(rt), trace),
				w.as(token, rt.Method, target(rt, missing), w.sample(rt), trace))
		}
	}
	for _, body := range []string{
		`{"taskID":"<X>","taskStageID":<stage_work>}`, `{"taskID":<t1>,"taskStageID":"<Y>"}`,
	} {
		send := func(task, stage string) answer {
			text := strings.NewReplacer("<X>", task, "<Y>", stage).Replace(w.fill(body))
			return w.as(token, "POST", "/fsm/WORK/TaskStagingHistory", text, trace)
		}
		alike(body, send(w.names["their_t1"], w.names["their_stage_work"]), send(missing, missing))
	}
	for name, theirs := range map[string]string{"areaID": "their_north", "assignedTo": "their_ivan", "taskStageID": "their_stage_work"} {
		for _, method := range []string{"GET", "HEAD"} {
			alike(method+" "+name, w.as(token, method, "/fsm/WORK/Tasks?"+name+"="+w.names[theirs], "", trace),
				w.as(token, method, "/fsm/WORK/Tasks?"+name+"="+missing, "", trace))
		}
	}
	for name, theirs := range map[string]string{"areaID": "their_north", "assignedTo": "their_ivan"} {
		for _, route := range []string{"POST /fsm/WORK/Tasks", "PATCH /fsm/WORK/Tasks/" + w.names["t1"]} {
			method, path, _ := strings.Cut(route, " ")
			alike(route+" "+name, w.as(token, method, path, fmt.Sprintf(`{"title":"а",%q:%s}`, name, w.names[theirs]), trace),
				w.as(token, method, path, fmt.Sprintf(`{"title":"а",%q:%s}`, name, missing), trace))
		}
	}
	if after := w.snapshot(w.theirs); after != before {
		t.Errorf("their tasks changed:\n%s\nbefore:\n%s", after, before)
	}
}

// B46: nothing we see moves when their data does.
func TestCountsDoNotSeeOtherAccounts(t *testing.T) {
	w := newWorld(t)
	ours, theirs := w.token(w.ours, "full"), w.token(w.theirs, "full")
	look := func() (seen string) {
		for _, query := range []string{"", "isClosed=false", "searchText=принтер", "areaID=" + w.names["their_north"]} {
			get := w.as(ours, "GET", "/fsm/WORK/Tasks?"+query, "", "X-Request-ID: trace-1", "Range: items=1-3")
			head := w.as(ours, "HEAD", "/fsm/WORK/Tasks?"+query, "")
			seen += get.Body + get.Header.Get("Content-Range") + head.Header.Get("Content-Range")
		}
		return seen
	}
	before := look()
	w.as(theirs, "POST", "/fsm/WORK/Tasks", `{"title":"Принтер ещё один"}`)
	w.as(theirs, "DELETE", "/fsm/WORK/Tasks/"+w.names["their_t1"], "")
	if after := look(); after != before {
		t.Errorf("ours looks otherwise:\n%s\n%s", before, after)
	}
	made := w.as(ours, "POST", "/fsm/WORK/Tasks", `{"title":"Следующая"}`)
	if !strings.Contains(made.Body, `"number":"000008"`) {
		t.Errorf("numbers are shared: %s", made.Body)
	}
}

// An area's caller neither reads nor counts nor changes what lies outside.
func TestWallsBetweenAreas(t *testing.T) {
	w := newWorld(t)
	token, before := w.token(w.ours, "area"), w.snapshot(w.ours)
	if l := w.list(token, ""); l.Total != 2 || l.numbers(w.ours) != "6 2" {
		t.Errorf("sees %s of %d", l.numbers(w.ours), l.Total)
	}
	for _, name := range []string{"t1", "t3", "t4"} {
		for _, rt := range w.routes {
			if !strings.Contains(rt.Pattern, "{id}") {
				continue
			}
			if a := w.as(token, rt.Method, target(rt, w.names[name]), w.sample(rt)); a.Status != 404 {
				t.Errorf("%s %s of %s: %d %s", rt.Method, rt.Pattern, name, a.Status, a.Body)
			}
		}
	}
	if a := w.as(token, "PATCH", "/fsm/WORK/Tasks/"+w.names["t2"], `{"areaID":`+w.names["north"]+`}`); a.Status != 422 {
		t.Errorf("moving a task out of one's sight: %d", a.Status)
	}
	if after := w.snapshot(w.ours); after != before {
		t.Error("something changed")
	}
}

// B38: text that is no JSON is 400 on every route that reads a body.
func TestBrokenBodies(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.ours, "full")
	bodies := []string{
		"", " ", "{", "[", `{"a"`, `{"a":}`, `{"a":1,}`, `[1,]`, `{a:1}`, `{'a':1}`, "nul", "NaN", "Infinity", "01", "1.", ".5", "-", "+1",
		`{"a":1}x`, `{"a":1}{"b":2}`, `"\x"`, `"\u12"`, `"\ud800"`, `"\udc00\ud800"`, `{"title":"a` + "\x00" + `"}`, `{"title":"\u0000"}`,
		"{\"title\":\"\xff\"}", "{\"title\":\"\t\"}", "{\"title\":\"a\n\"}", `{"title":1,"title":2}`, `{"title":"a","Title":"b"}`,
		strings.Repeat("[", 100_000), strings.Repeat(`{"a":`, 100_000), "\ufeff\ufeff{}", "tru", `{"title":tru}`, "//x\n{}", `{"a":0x1}`,
	}
	for _, rt := range w.routes {
		if rt.Method == http.MethodGet || rt.Method == http.MethodDelete || strings.HasSuffix(rt.Pattern, "RefreshTokens") {
			continue
		}
		for _, body := range bodies {
			if a := w.as(token, rt.Method, target(rt, w.names["t1"]), body); a.Status != 400 {
				t.Errorf("%s %s with %.40q: %d %s", rt.Method, rt.Pattern, body, a.Status, a.Body)
			}
		}
		for _, body := range []string{`null`, `1`, `"a"`, `[]`, `[[]]`, `{"title":{}}`, `{"taskID":[]}`, `[{"field":1,"value":2}]`, `[null]`, `{"": ""}`} {
			if a := w.as(token, rt.Method, target(rt, w.names["t1"]), body); a.Status >= 500 || a.Status == 201 {
				t.Errorf("%s %s with %s: %d", rt.Method, rt.Pattern, body, a.Status)
			}
		}
		huge := `{"title":"` + strings.Repeat("a", 1<<20) + `"}`
		if a := w.as(token, rt.Method, target(rt, w.names["t1"]), huge); a.Status != 413 {
			t.Errorf("%s %s with 1 MiB: %d", rt.Method, rt.Pattern, a.Status)
		}
	}
}

// The fields that the route table documents are the ones that are read.
func TestDocumentedFieldsAreRead(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.ours, "full")
	for _, rt := range w.routes {
		var names []string
		collect(reflect.TypeOf(rt.Request), &names)
		if rt.Public || len(names) == 0 {
			continue
		}
		for _, name := range names {
			body := fmt.Sprintf(`{"title":"а","taskID":%s,"taskStageID":%s,"text":"а"}`, w.names["t1"], w.names["stage_work"])
			var object map[string]any
			w.must(json.Unmarshal([]byte(body), &object))
			object[name] = []int{}
			text, err := json.Marshal(object)
			w.must(err)
			if a := w.as(token, rt.Method, target(rt, w.names["t1"]), string(text)); a.Status != 409 {
				t.Errorf("%s %s: a list as %s: %d %s", rt.Method, rt.Pattern, name, a.Status, a.Body)
			}
		}
	}
}

// collect lists the names of a request's JSON members.
func collect(t reflect.Type, names *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			collect(f.Type, names)
		} else if name := f.Tag.Get("json"); name != "" {
			*names = append(*names, name)
		}
	}
}

// B60: twenty at once have one effect.
func TestParallelRepeats(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.ours, "full")
	for _, header := range []string{"Idempotency-Key: order-1", "X-Concurrency-Stamp: 0f8fad5b-d9cb-469f-a165-70867728950e"} {
		answers := make([]answer, 20)
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() { answers[i] = w.as(token, "POST", "/fsm/WORK/Tasks", `{"title":"Раз"}`, header) })
		}
		all.Wait()
		created, replayed := map[string]int{}, 0
		for _, a := range answers {
			var one struct{ ID string }
			var refused []struct{ Arguments map[string]string }
			if a.Status == 201 {
				w.must(json.Unmarshal([]byte(a.Body), &one))
			} else {
				w.must(json.Unmarshal([]byte(a.Body), &refused))
				one.ID = refused[0].Arguments["id"]
			}
			created[one.ID]++
			if a.Status == 409 || a.Header.Get("Idempotent-Replayed") == "true" {
				replayed++
			}
		}
		if len(created) != 1 || replayed != 19 {
			t.Errorf("%s: tasks %v, %d replays", header, created, replayed)
		}
	}
	if l := w.list(token, "searchText=раз"); l.Total != 2 {
		t.Errorf("%d tasks were made", l.Total)
	}
}
