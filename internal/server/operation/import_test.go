package operation_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/server/operation"
)

// columns lists the members of a row.
func columns(of reflect.Type) (out []string) {
	for i := range of.NumField() {
		switch f := of.Field(i); {
		case f.Anonymous:
			out = append(out, columns(f.Type)...)
		default:
			out = append(out, f.Tag.Get("json"))
		}
	}
	return out
}

// Exporters write null for what is empty.
func TestNullIsNothing(t *testing.T) {
	for kind, read := range operation.Rows() {
		empty, err := read(`{}`)
		if err != nil {
			t.Fatal(err)
		}
		all := columns(reflect.TypeOf(empty))
		if len(all) < 9 {
			t.Errorf("%s: %q", kind, all)
		}
		for _, column := range all {
			name, _, _ := strings.Cut(column, ",")
			if got, err := read(`{"` + name + `":null}`); err != nil || !reflect.DeepEqual(got, empty) {
				t.Errorf("%s: %s null is %+v, %v", kind, name, got, err)
			}
		}
	}
}

// A row that cannot be read is told of by its column, in words that fit it.
func TestWrongCells(t *testing.T) {
	const past, ahead = "a time is written like 2024-05-20, or 2024-05-20T12:00:00Z", "a time is written like 2027-01-31, 2027-01-31T12:00:00Z, or 90d from now"
	for _, test := range []struct{ kind, row, want string }{
		{"tasks", `{"deadline":"soon","created":"2024-05-20"}`, "deadline: " + ahead},
		{"tasks", `{"deadline":"90d","created":"soon"}`, "created: " + past},
		{"tasks", `{"created":"90d"}`, "created: " + past},
		{"tasks", `{"modified":7}`, "modified: " + past},
		{"tasks", `{"title":7}`, "title has a value of another type than it should have"},
		{"products", `{"price":"1.5","quantity":"many"}`, "quantity: a number is written like 149.90"},
		{"credentials", `{"expires":"never"}`, "expires: " + ahead},
		{"credentials", `{"allow":[null]}`, "allow holds what is no address or network, such as 192.0.2.7 or 192.0.2.0/24"},
		{"credentials", `{"hunter2":"never"}`, "has a member that is not known"},
	} {
		if _, err := operation.Rows()[test.kind](test.row); err == nil || err.Error() != test.want && !strings.HasSuffix(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", test.row, err, test.want)
		}
	}
}

// another is a store into which somebody else brings the first calls of a batch
// after they were asked for.
type another struct {
	calls.Store

	first int
}

func (another) KnownCalls(context.Context, authority.ID, []calls.SourceKey) (map[calls.SourceKey]bool, error) {
	return map[calls.SourceKey]bool{}, nil
}

func (a another) AddCalls(_ context.Context, add calls.Addition) (map[calls.SourceKey]bool, error) {
	known := map[calls.SourceKey]bool{}
	for _, c := range add.Calls[:a.first] {
		known[c.Key()] = true
	}
	return known, nil
}

// What another import of the same calls brings meanwhile is not counted as added.
func TestTwoImportsOfOneFile(t *testing.T) {
	begun := time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC)
	var rows []operation.CallRow
	for i := range 10 {
		rows = append(rows, operation.NewCallRow(calls.Call{
			Source: "x", SourceID: fmt.Sprint(i % 8), Begun: begun, Direction: calls.Incoming, Disposition: calls.NoAnswer,
		}))
	}
	c := authority.System(authority.Test, authority.Account{ID: 1, Stand: authority.Test}, "", "test")
	for first := range 9 {
		service := calls.New(another{first: first}, nil, time.Now)
		added, same, err := operation.ImportCalls(t.Context(), service, c, rows)
		if err != nil || added != 8-first || same != 2+first {
			t.Errorf("of 8 calls another brings %d: %d added, %d there, %v", first, added, same, err)
		}
	}
}
