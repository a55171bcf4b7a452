package hubex_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"propusk/internal/authority"
)

// listed is what a list of tasks says, in the terms of tests.
type listed struct {
	Data []struct {
		ID        string `json:"id"`
		CreatedAt string `json:"createdAt"`
	} `json:"data"`
	Total int `json:"total"`
}

func (w *world) list(token, query string, headers ...string) listed {
	w.t.Helper()
	a := w.as(token, "GET", "/fsm/WORK/Tasks?"+query, "", headers...)
	if a.Status >= 300 {
		w.t.Fatalf("%s: %d %s", query, a.Status, a.Body)
	}
	var l listed
	w.must(json.Unmarshal([]byte(a.Body), &l))
	return l
}

// walk reads a list by the links of its pages.
func (w *world) walk(token, path string) (all listed) {
	w.t.Helper()
	for pages := 0; path != "" && pages < 10; pages++ {
		a := w.as(token, "GET", path, "")
		var l listed
		w.must(json.Unmarshal([]byte(a.Body), &l))
		all.Data = append(all.Data, l.Data...)
		path = strings.TrimSuffix(strings.TrimPrefix(a.Header.Get("Link"), "<"), `>; rel="next"`)
	}
	return all
}

// numbers names the tasks of an account by their order of creation.
func (l listed) numbers(a account) string {
	var out []string
	for _, row := range l.Data {
		n, _ := strconv.ParseInt(row.ID, 10, 64)
		out = append(out, strconv.Itoa(slices.Index(a.list, authority.ID(n))+1))
	}
	return strings.Join(out, " ")
}

func TestFilters(t *testing.T) {
	w := newWorld(t)
	tests := []struct{ query, want string }{
		{"", "7 6 4 3 2 1"},
		{"isClosed=false", "7 6 3 2 1"},
		{"isClosed=true", "4"},
		{"isClosed=TRUE", "4"},
		{"isDeleted=false", "7 6 4 3 2 1"},
		{"isDeleted=true", "5"},
		{"taskStageID=<stage_done>", "4"},
		{"taskStageID=<stage_new>", "7 6 3 2 1"},
		{"areaID=<north>", "7 4 1"},
		{"areaID=<south>&isClosed=false", "6 2"},
		{"assignedTo=<ivan>", "6 1"},
		{"assignedTo=<ivan>&areaID=<north>", "1"},
		{"searchText=картридж", "2"},
		{"searchText=ЗАМЕН", "4 2"},
		{"searchText=елка", "7"},
		{"searchText=кабинет+12", "2"},
		{"searchText=000003", "3"},
		{"searchText=лютик", "1"},
		{"searchText=нет+такого", ""},
		{"creationFrom=2024-05-20T10:03:00Z", "7 6 4"},
		{"creationTill=2024-05-20T10:03:00Z", "4 3 2 1"},
		{"creationFrom=2024-05-20T10:01:00Z&creationTill=2024-05-20T10:03:00Z", "4 3 2"},
		{"creationFrom=2024-05-20T13:03:00%2B03:00", "7 6 4"},
		{"creationFrom=2024-05-20T13:03:00+03:00", "7 6 4"}, // a plus that the client did not escape
		{"creationFrom=2024-05-20", "7 6 4 3 2 1"},
		{"creationFrom=2024-05-21", ""},
		{"creationFrom=2024-05-20&creationTill=2024-05-20", "7 6 4 3 2 1"}, // a date alone is the whole day
		{"creationTill=2024-05-19", ""},
		{"lastModifiedTill=2024-05-20", "7 6 4 3 2 1"},
		{"deadlineTill=2024-05-22", "4"},
		{"creationFrom=2024-05-20T10:03:00", "7 6 4"},
		{"deadlineFrom=2024-05-22T10:00:00Z", "6 4"},
		{"deadlineTill=2024-05-22T10:00:00Z", "4"},
		{"deadlineFrom=2024-05-22T10:00:01Z&deadlineTill=2024-05-30", "6"},
		{"lastModifiedFrom=2024-05-20T10:30:00Z", "7"},
		{"lastModifiedTill=2024-05-20T10:02:00Z", "3 2 1"},
		{"orderBy=created&sortDirection=1", "1 2 3 4 6 7"},
		{"orderBy=number", "7 6 4 3 2 1"},
		{"orderBy=number&sortDirection=1", "1 2 3 4 6 7"},
		{"orderBy=lastModified&sortDirection=2&fetch=2", "7 4"},
		{"orderBy=LASTMODIFIED&sortDirection=1&fetch=2", "1 2"},
		{"orderBy=deadline&fetch=2", "6 4"},
		{"orderBy=deadline&sortDirection=1&fetch=2", "4 6"},
		{"fetch=1", "7"},
		{"fetch=1000&offset=4", "2 1"},
		{"FETCH=1&Offset=1", "6"},
	}
	token := w.token(w.ours, "full")
	for _, test := range tests {
		query := w.fill(test.query)
		l := w.list(token, query)
		if got := l.numbers(w.ours); got != test.want {
			t.Errorf("%s: %s, want %s", test.query, got, test.want)
		}
		head := w.as(token, "HEAD", "/fsm/WORK/Tasks?"+query, "")
		if want := "items 0-0/" + strconv.Itoa(l.Total); head.Header.Get("Content-Range") != want || head.Body != "" {
			t.Errorf("HEAD %s: %q, want %q", test.query, head.Header.Get("Content-Range"), want)
		}
		paged := strings.Contains(strings.ToLower(query), "fetch=")
		if !paged && l.Total != len(l.Data) {
			t.Errorf("%s: total %d of %d", test.query, l.Total, len(l.Data))
		}
	}
}

// fill puts values for names.
func (w *world) fill(text string) string {
	for name, value := range w.names {
		text = strings.ReplaceAll(text, "<"+name+">", value)
	}
	return text
}

func TestFiltersOfTheWrongKind(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.ours, "full")
	for _, query := range []string{
		"fetch=0", "fetch=1001", "fetch=ten", "fetch=", "fetch=-1", "fetch=1.5", "fetch=99999999999999999999",
		"offset=-1", "offset=x", "offset=99999999999999999999", "isClosed=yes", "isClosed=", "isDeleted=2",
		"taskStageID=x", "taskStageID=0", "areaID=-1", "areaID=a", "assignedTo=me", "orderBy=title", "orderBy=",
		"sortDirection=0", "sortDirection=3", "sortDirection=asc", "creationFrom=yesterday", "creationTill=1716199200",
		"deadlineFrom=20.05.2024", "deadlineTill=2024-13-01", "lastModifiedFrom=2024-05-20T25:00:00Z", "lastModifiedTill=x",
		"shape=tree",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			a := w.as(token, method, "/fsm/WORK/Tasks?"+query, "")
			if a.Status != 409 || (method == "GET" && a.code(t) != "InvalidData") {
				t.Errorf("%s %s: %d %s", method, query, a.Status, a.Body)
			}
		}
	}
	a := w.as(token, "GET", "/fsm/WORK/Tasks?creationFrom=2026-01-01%2000:00:00", "")
	if want := "creationFrom must be a date-time such as 2024-05-20T10:00:00Z, or a date"; !strings.Contains(a.Body, want) {
		t.Errorf("%s, want %q", a.Body, want)
	}
	for _, query := range []string{"fetch=1&fetch=2", "fetch=1&Fetch=1", "searchText=%FF", "searchText=%00", "a=%zz", "a=b;c"} {
		if a := w.as(token, "GET", "/fsm/WORK/Tasks?"+query, ""); a.Status != 400 {
			t.Errorf("%s: %d %s", query, a.Status, a.Body)
		}
	}
}

// What an answer shows as a row's time finds that row.
func TestShownTimesFindTheirRows(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.ours, "full")
	w.clock.Advance(789e6)
	made := w.as(token, "POST", "/fsm/WORK/Tasks", `{"title":"Между секундами"}`)
	if made.Status != 201 {
		t.Fatal(made.Body)
	}
	for _, row := range w.list(token, "").Data {
		at := url.QueryEscape(row.CreatedAt)
		l := w.list(token, "creationFrom="+at+"&creationTill="+at)
		if len(l.Data) != 1 || l.Data[0].ID != row.ID {
			t.Errorf("%s finds %+v, want %s", row.CreatedAt, l.Data, row.ID)
		}
	}
}

func TestPagesGiveEachRowOnce(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.ours, "full")
	for _, order := range []string{"created", "lastModified", "deadline", "number"} {
		for fetch := 1; fetch <= 4; fetch++ {
			whole := w.list(token, "orderBy="+order).numbers(w.ours)
			var byOffset, byRange []string
			for at := 0; at < 6; at += fetch {
				query := fmt.Sprintf("orderBy=%s&fetch=%d&offset=%d", order, fetch, at)
				byOffset = append(byOffset, w.list(token, query).numbers(w.ours))
				part := fmt.Sprintf("Range: items=%d-%d", at+1, at+fetch)
				byRange = append(byRange, w.list(token, "orderBy="+order, part).numbers(w.ours))
			}
			if got := w.walk(token, fmt.Sprintf("/fsm/WORK/Tasks?orderBy=%s&Fetch=%d&Offset=0", order, fetch)).numbers(w.ours); got != whole {
				t.Errorf("%s by the links of %d: %s, want %s", order, fetch, got, whole)
			}
			if got := strings.Join(byOffset, " "); got != whole {
				t.Errorf("%s by %d: %s, want %s", order, fetch, got, whole)
			}
			if got := strings.Join(byRange, " "); got != whole {
				t.Errorf("%s by ranges of %d: %s, want %s", order, fetch, got, whole)
			}
		}
	}
}

// B45: what looks like SQL is text.
func TestSQLIsText(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.ours, "full")
	for _, text := range []string{
		"' OR '1'='1", `" OR ""="`, "'; DROP TABLE task;--", "1) UNION SELECT 1--", "%", "_", `\`, "$1", "?1", "%' OR 1=1 --",
	} {
		body, err := json.Marshal(map[string]string{"title": "Заявка " + text, "company": text})
		w.must(err)
		made := w.as(token, "POST", "/fsm/WORK/Tasks", string(body))
		if made.Status != 201 {
			t.Fatalf("%q: %d %s", text, made.Status, made.Body)
		}
		l := w.list(token, "searchText="+url.QueryEscape("заявка "+text))
		if l.Total != 1 {
			t.Errorf("searching %q finds %d", text, l.Total)
		}
		for _, name := range []string{"orderBy", "areaID", "taskStageID", "assignedTo", "sortDirection", "isClosed", "creationFrom"} {
			if a := w.as(token, "GET", "/fsm/WORK/Tasks?"+name+"="+url.QueryEscape(text), ""); a.Status != 409 {
				t.Errorf("%s=%q: %d", name, text, a.Status)
			}
		}
	}
}
