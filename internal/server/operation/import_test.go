package operation_test

import (
	"reflect"
	"strings"
	"testing"

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
