package operation

import (
	"context"
	"encoding/json"

	"propusk/internal/authority"
	"propusk/internal/calls"
)

// ImportCalls imports rows of calls, and gives how many were added and how many
// there already.
func ImportCalls(ctx context.Context, s *calls.Service, c authority.Caller, rows []CallRow) (added, same int, err error) {
	out, err := importCalls(ctx, NewTable(Parts{Calls: s}), batch[CallRow]{caller: c, rows: rows})
	for _, l := range out {
		if l.added {
			added++
		} else if l.err == nil {
			same++
		}
	}
	return added, same, err
}

// Row reads a row of an import into what it is made of.
type Row func(text string) (any, error)

// Rows gives the kinds of rows, and an empty one of each.
func Rows() map[string]Row {
	return map[string]Row{"tasks": row[taskRow], "products": row[productRow], "calls": row[CallRow], "credentials": row[credentialRow]}
}

func row[R any](text string) (any, error) {
	var r R
	err := decodeRow(json.RawMessage(text), &r)
	return r, err
}
