package element_test

import (
	"bufio"
	"net/http"
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
