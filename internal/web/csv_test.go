package web_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"propusk/internal/web"
)

func TestCSV(t *testing.T) {
	var out strings.Builder
	w := web.NewCSV(&out)
	cells := []string{"plain", `a "quoted", one`, "=1+1", "+7 495", "-1", "@SUM(A1)", "\tx", "\rx", "", "two\nlines", "Ёлка", "＝1"}
	if err := w.Write(strings.Clone(cells[0]), cells[1]); err != nil {
		t.Fatal(err)
	}
	for _, cell := range cells {
		if err := w.Write(cell, "end"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if first, _, _ := strings.Cut(out.String(), "\r\n"); first != `plain,"a ""quoted"", one"` {
		t.Errorf("%q", first)
	}
	rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	if err != nil || len(rows) != len(cells)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, cell := range cells {
		want := cell
		if i >= 2 && i <= 7 || i == 11 {
			want = "'" + cell
		}
		// a reader gives \r\n inside quotes back as \n
		if got := rows[i+1][0]; got != want && got != strings.ReplaceAll(want, "\r", "") {
			t.Errorf("%q became %q", cell, got)
		}
	}
}
