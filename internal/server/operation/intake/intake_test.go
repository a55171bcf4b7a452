package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/server/operation"
	"propusk/internal/server/operation/intake"
)

func columns() []intake.Column {
	return []intake.Column{{Name: "name", Type: intake.Text}, {Name: "tags", Type: intake.List}, {Name: "on", Type: intake.Flag}, {Name: "n", Type: intake.Number}}
}

// all reads a file to its end: a line of text for each row.
func all(t *testing.T, text string) []string {
	t.Helper()
	rows, err := intake.Open(strings.NewReader(text), columns())
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		said := string(row.Object)
		if row.Err != nil {
			said = row.Err.Error()
		}
		out = append(out, string(rune('0'+row.Line))+" "+said)
	}
}

func TestRows(t *testing.T) {
	const head = "name,tags,on,n\n"
	long := strings.Repeat("x", 300<<10)
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"types":         {head + "a,x| y ,yes,7\n", []string{`2 {"n":7,"name":"a","on":true,"tags":["x","y"]}`}},
		"mark, CRLF":    {"\uFEFFname,n\r\na,1\r\n\r\nb,2", []string{`2 {"n":1,"name":"a"}`, `4 {"n":2,"name":"b"}`}},
		"wrong types":   {head + "a,,maybe,\na,,,1.5\n", []string{"2 on must be yes or no", "3 n must be a whole number"}},
		"fields":        {head + "a,b\n", []string{"2 there are 2 fields under 4 columns"}},
		"quotes":        {"name,n\n\"a,\"\"b\"\"\",1\n", []string{`2 {"n":1,"name":"a,\"b\""}`}},
		"bare quote":    {"name,n\n\"a \"b\" c\",1\nd\"e,2\n", []string{`2 {"n":1,"name":"a \"b\" c"}`, `3 {"n":2,"name":"d\"e"}`}},
		"spans":         {"name,n\n\"a\nb\",1\nc,2\n", []string{`2 {"n":1,"name":"a\nb"}`, `4 {"n":2,"name":"c"}`}},
		"broken quote":  {"name,n\n\"a,1\nb,2\nc,3\n", []string{"2 a quote is opened and never closed", `3 {"n":2,"name":"b"}`, `4 {"n":3,"name":"c"}`}},
		"broken, later": {"name,n\n\"a,1\n\"b \"\"x\"\"\",2\n", []string{"2 a quote is opened and never closed", `3 {"n":2,"name":"b \"x\""}`}},
		"semicolons":    {"name;n\na,b;1\n", []string{`2 {"n":1,"name":"a,b"}`}},
		"long":          {"name,n\n" + long + ",1\nb,2\n", []string{"2 the line is longer than 256 KiB", `3 {"n":2,"name":"b"}`}},
		"not UTF-8":     {"name,n\n\xff,1\nb,2\n", []string{"2 the text is not valid UTF-8", `3 {"n":2,"name":"b"}`}},
		"json":          {"{\"name\":\"a\"}\n\n {\"name\":\n[1]\n" + long + "\n{\"n\":\"\xff\"}\n", []string{`1 {"name":"a"}`, "3 the line is no JSON object", "4 the line is no JSON object", "5 the line is longer than 256 KiB", "6 the text is not valid UTF-8"}},
		"empty":         {"", []string{"the file is empty"}},
		"no header":     {"hunter2,1\n", []string{"the first line must name the columns; its column 1 is none, or there twice; they are name, tags, on, n"}},
		"twice":         {"name,name\n", []string{"the first line must name the columns; its column 2 is none, or there twice; they are name, tags, on, n"}},
	} {
		if diff := cmp.Diff(test.want, all(t, test.text)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

// Every line of a file is answered for: by a row that holds it, or by an error.
func FuzzRows(f *testing.F) {
	f.Add([]byte("name,n\n\"a\nb\",1\n\"c,2\n"))
	f.Add([]byte("{\"name\":\"a\"}\nx\n"))
	f.Add([]byte("name;n\n\"\"\"\";1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		rows, err := intake.Open(bytes.NewReader(text), columns())
		if err != nil {
			return
		}
		last := 0
		for {
			row, err := rows.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil || row.Line <= last || (row.Err == nil) != json.Valid(row.Object) {
				t.Fatalf("line %d after %d: %v, %q", row.Line, last, err, row.Object)
			}
			last = row.Line
		}
	})
}

// echo takes rows with a name, knows "old" and fails at "stop".
type echo struct{ calls int }

func (e *echo) Run(_ context.Context, c operation.Call) (json.RawMessage, error) {
	e.calls++
	var in operation.ImportInput
	if err := json.Unmarshal(c.Input, &in); err != nil {
		return nil, err
	}
	var out operation.ImportResult
	for _, r := range in.Rows {
		var row struct{ Name string }
		if err := json.Unmarshal(r.Row, &row); err != nil {
			return nil, err
		}
		state := operation.Added
		switch row.Name {
		case "old":
			state = operation.Same
		case "bad":
			state = operation.Bad
		case "stop":
			return nil, authority.E(authority.Unavailable, "storage is not available")
		}
		out.Rows = append(out.Rows, operation.ImportedRow{Line: r.Line, State: state, Message: "why"})
	}
	return json.Marshal(out)
}

func load(t *testing.T, text string) (intake.Total, string, int, error) {
	t.Helper()
	rows, err := intake.Open(strings.NewReader(text), columns())
	if err != nil {
		t.Fatal(err)
	}
	run, said := &echo{}, &bytes.Buffer{}
	m := &intake.Meter{Out: said, Name: "f"}
	job := intake.Import{Run: run, Operation: "x", Stand: authority.Production, Bad: m.Bad, Progress: m.Show}
	total, err := job.Load(t.Context(), rows)
	return total, said.String(), run.calls, err
}

func TestLoadTravelsInSmallCalls(t *testing.T) {
	total, said, calls, err := load(t, "name,n\n"+strings.Repeat("new,1\n", 1100)+"bad,1\nold,1\n\"x,1\n")
	want := intake.Total{Line: 1104, Read: 1103, Added: 1100, Same: 1, Bad: 2}
	if err != nil || total != want || calls != 3 {
		t.Errorf("%+v in %d calls, %v", total, calls, err)
	}
	if want := "f:1102: why\nf:1104: a quote is opened and never closed\n"; said != want {
		t.Errorf("said %q", said)
	}
}

func TestLoadSaysWhereItStopped(t *testing.T) {
	total, _, _, err := load(t, "name,n\n"+strings.Repeat("new,1\n", 500)+"stop,1\n")
	if total.Added != 500 || err == nil || err.Error() != "stopped after line 501: storage is not available; run it again, what is there is not added twice" {
		t.Errorf("%+v, %v", total, err)
	}
}

func TestMeter(t *testing.T) {
	var out bytes.Buffer
	m := &intake.Meter{Out: &out, Name: "f", Terminal: true, Size: 10}
	if _, err := io.ReadFull(m.Reader(strings.NewReader("12345")), make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	m.Show(intake.Total{Read: 3, Added: 2, Bad: 1})
	m.Bad(intake.Row{Line: 7}, "why")
	m.Clear()
	if want := "\r\x1b[K[###############...............]  50%  3 rows: 2 added, 0 there already, 1 bad\r\x1b[Kf:7: why\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
	out.Reset()
	m = &intake.Meter{Out: &out, Name: "f"}
	m.Show(intake.Total{Read: 9999})
	m.Show(intake.Total{Read: 10_001, Added: 10_001})
	if want := "f: 10001 rows: 10001 added, 0 there already, 0 bad\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
}

// What is wrong with a file is its sender's to mend; what is wrong with the disk
// that it lies on is not.
func TestFaultsOfFileAndDisk(t *testing.T) {
	disk := errors.New("read /var/lib/propusk/incoming/import-1: input/output error")
	for name, c := range map[string]struct {
		file  io.Reader
		fault bool
	}{
		"nothing in it":           {strings.NewReader(""), true},
		"another table":           {strings.NewReader("colour,size\n"), true},
		"a header without an end": {strings.NewReader(strings.Repeat("x", 300<<10)), true},
		"a disk that fails":       {iotest.ErrReader(disk), false},
		"a disk that fails later": {io.MultiReader(strings.NewReader("na"), iotest.ErrReader(disk)), false},
	} {
		_, err := intake.Open(c.file, columns())
		var fault intake.FileError
		if errors.As(err, &fault) != c.fault || errors.Is(err, disk) == c.fault {
			t.Errorf("%s: %v", name, err)
		}
	}
}
