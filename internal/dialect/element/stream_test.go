package element_test

import (
	"bufio"
	"encoding/csv"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/testenv"
)

// B32: what is revoked ends an export that is under way, with a line that says
// so.
func TestRevocationEndsAnExport(t *testing.T) {
	w := newWorld(t, testenv.Options{})
	entry := authority.Entry{Stand: w.ours.stand, Account: w.ours.account.ID, Verb: "flood", Object: strings.Repeat("x", 500), Outcome: authority.Done, Count: 1}
	batch := make([]authority.Entry, 1000)
	for i := range batch {
		batch[i] = entry
	}
	for range 60 { // more than the buffers of a connection hold
		w.must(w.Server.Data().Store.WriteAudit(t.Context(), batch))
	}
	token := w.token(w.ours, "developer")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.Fixture.URL(w.ours.stand)+base+"/audit/export?verb=flood", nil)
	w.must(err)
	req.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultTransport.RoundTrip(req)
	w.must(err)
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	if !lines.Scan() || !strings.Contains(lines.Text(), `"verb":"flood"`) {
		t.Fatal(lines.Text())
	}
	w.want("revoke", w.as(w.ours, "administrator", "DELETE", "/grants?principal="+id(w.ours.people["developer"].ID), ""), 204, 0)
	n, last := 1, ""
	for lines.Scan() {
		n, last = n+1, lines.Text()
	}
	w.must(lines.Err())
	if n >= 60_000 || !strings.HasPrefix(last, `{"code":16,"status":"UNAUTHENTICATED"`) {
		t.Errorf("%d lines, the last is %s", n, last)
	}
}

// The audit for spreadsheets: every row has the columns of the first, what could
// be run is not, and the same filters hold.
func TestAuditAsCSV(t *testing.T) {
	w := newWorld(t, testenv.Options{})
	evil := authority.Entry{
		Stand: w.ours.stand, Account: w.ours.account.ID, Verb: "evil", Object: `=cmd|"/c calc"!A1`, Outcome: authority.Done,
		Dialect: "hubex", Door: "back", Address: netip.MustParseAddr("203.0.113.7"), RequestID: "@once", Count: 2,
	}
	w.must(w.Server.Data().Store.WriteAudit(t.Context(), []authority.Entry{evil}))
	read := func(query string) [][]string {
		answer := w.as(w.ours, "administrator", "GET", "/audit/export?format=csv&"+query, "")
		w.want("export", answer, 200, 0)
		rows, err := csv.NewReader(strings.NewReader(answer.Body)).ReadAll()
		w.must(err)
		return rows
	}
	rows := read("verb=evil")
	if len(rows) != 2 || rows[0][0] != "id" || rows[1][3] != "'"+evil.Object || rows[1][12] != "'@once" || rows[1][13] != "2" {
		t.Errorf("%q", rows)
	}
	for query, want := range map[string]int{
		"door=back": 2, "door=front": 1, "verb=evil&dialect=hubex": 2, "verb=evil&dialect=smarts": 1, "address=203.0.113.7": 2, "address=203.0.113.8": 1, "request-id=%40once": 2,
		"verb=evi.": 1, "object=none/": 1, "grant=" + id(5): 1, "": len(read("")),
	} {
		if rows := read(query); len(rows) != want || want == 0 {
			t.Errorf("%s: %d rows, want %d", query, len(rows), want)
		}
	}
	w.want("another dialect", w.as(w.ours, "administrator", "GET", "/audit/export?dialect=toy", ""), 400, 3)
	w.want("another format", w.as(w.ours, "administrator", "GET", "/audit/export?format=xls", ""), 400, 3)
	w.want("no address", w.as(w.ours, "administrator", "GET", "/audit?address=here", ""), 400, 3)
}
