package operation

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"propusk/internal/authority"
)

// MaxImport is the most rows that one call of an import takes.
const MaxImport = 500

// ImportInput is the input of every import: some rows of a file, so that files
// of any size travel in calls of a bounded one.
type ImportInput struct {
	Try  bool        `json:"try,omitempty"` // change nothing, only say what would be done
	Rows []ImportRow `json:"rows"`
}

// ImportRow is one row of a file: a JSON object.
type ImportRow struct {
	Line int             `json:"line"`
	Row  json.RawMessage `json:"row"`
}

// ImportResult says what became of each row, in the order of the input.
type ImportResult struct {
	Rows []ImportedRow `json:"rows"`
}

// ImportedRow is what became of a row.
type ImportedRow struct {
	Line    int         `json:"line"`
	State   ImportState `json:"state"`
	Message string      `json:"message,omitempty"` // what to mend in a bad one; of another, what of it was not taken
}

// ImportState is what became of a row.
type ImportState string

// What becomes of a row.
const (
	Added   ImportState = "added"
	Changed ImportState = "changed" // it was there, and was otherwise
	Same    ImportState = "same"    // it is there already
	Bad     ImportState = "bad"     // nothing was done with it
)

func importOperations() []operation {
	return []operation{importer("import.credentials", importCredentials), importer("import.cdr", importCalls), importer("import.tasks", importTasks)}
}

// importer makes the operation that imports rows of one kind. load answers for
// each row whether it was added, or why it cannot be.
func importer[R any](name string, load func(ctx context.Context, t *Table, b batch[R]) ([]loaded, error)) operation {
	return op(name, maybe, func(ctx context.Context, t *Table, c authority.Caller, in ImportInput) (ImportResult, error) {
		if len(in.Rows) > MaxImport {
			return ImportResult{}, authority.E(authority.InvalidValue, "one call takes at most "+strconv.Itoa(MaxImport)+" rows")
		}
		out := ImportResult{Rows: make([]ImportedRow, len(in.Rows))}
		b := batch[R]{caller: c, try: in.Try}
		var at []int
		for i, r := range in.Rows {
			out.Rows[i].Line = r.Line
			var row R
			if err := decodeRow(r.Row, &row); err != nil {
				out.Rows[i].judge(loaded{err: err})
				continue
			}
			b.rows, at = append(b.rows, row), append(at, i)
		}
		results, err := load(ctx, t, b)
		if err != nil {
			return ImportResult{}, err
		}
		for k, l := range results {
			if err := fatal(l.err); err != nil {
				return ImportResult{}, err
			}
			out.Rows[at[k]].judge(l)
		}
		return out, nil
	})
}

// batch is the rows of one call that could be read.
type batch[R any] struct {
	caller authority.Caller
	try    bool
	rows   []R
}

// loaded is what became of one of them.
type loaded struct {
	added   bool
	changed bool
	note    string // what of it was not taken
	err     error
}

func (r *ImportedRow) judge(l loaded) {
	r.Message = l.note
	switch {
	case l.err != nil:
		r.State, r.Message = Bad, l.err.Error()
		var e *authority.Error
		if errors.As(l.err, &e) {
			r.Message = e.Message
		}
	case l.added:
		r.State = Added
	case l.changed:
		r.State = Changed
	default:
		r.State = Same
	}
}

// fatal gives the error that is not the row's own fault.
func fatal(err error) error {
	whole := []authority.Code{authority.Unavailable, authority.Internal, authority.Forbidden, authority.LimitExceeded}
	if err != nil && slices.Contains(whole, authority.CodeOf(err)) {
		return err
	}
	return nil
}

// columnOf gives the member of a row that cannot be read for the reason why. Such
// a one is a member of into.
func columnOf(raw json.RawMessage, into any, why error) string {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(raw, &members) // it was read once
	for _, name := range slices.Sorted(maps.Keys(members)) {
		one, err := json.Marshal(map[string]json.RawMessage{name: members[name]})
		if err == nil && errors.Is(strict(one, reflect.New(reflect.TypeOf(into).Elem()).Interface()), why) {
			return name
		}
	}
	return "a column"
}

// plainName is a member's own name, without those of the types that hold it.
func plainName(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// decodeRow reads one row strictly. Its errors hold nothing of the row: any
// member could be a secret that slipped into the wrong place.
func decodeRow(raw json.RawMessage, into any) error {
	err := strict(raw, into)
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errMore):
		return authority.E(authority.InvalidValue, "has something after its JSON object")
	case errors.As(err, &kind) && kind.Field != "":
		return authority.E(authority.InvalidValue, plainName(kind.Field)+" has a value of another type than it should have")
	case errors.Is(err, errMoment), errors.Is(err, errPast), errors.Is(err, errFigure):
		return authority.E(authority.InvalidValue, columnOf(raw, into, err)+": "+err.Error())
	case errors.Is(err, errPrefix), errors.Is(err, errYes):
		return authority.E(authority.InvalidValue, err.Error())
	case strings.HasPrefix(err.Error(), "json: unknown field"):
		return authority.E(authority.InvalidValue, "has a member that is not known")
	}
	return authority.E(authority.InvalidValue, "is no JSON object that can be read")
}
