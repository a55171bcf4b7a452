package operation

import "encoding/json"

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
