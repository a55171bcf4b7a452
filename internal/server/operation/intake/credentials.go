package intake

import (
	"encoding/json"

	"propusk/internal/spelling"
)

// Promises makes Prepare for trying credentials: a try takes each row back, so a
// row that belongs to a user of an earlier one has to say that he will be there.
func Promises() func(json.RawMessage) json.RawMessage {
	users := map[string]bool{}
	return func(raw json.RawMessage) json.RawMessage {
		var row struct{ Kind, Login, Owner string }
		var members map[string]any
		if json.Unmarshal(raw, &row) != nil || json.Unmarshal(raw, &members) != nil {
			return raw
		}
		if row.Kind == "user" {
			users[spelling.Fold(row.Login)] = true
			return raw
		}
		if !users[spelling.Fold(row.Login)] && !users[spelling.Fold(row.Owner)] {
			return raw
		}
		members["promised"] = true
		out, err := json.Marshal(members)
		if err != nil {
			return raw
		}
		return out
	}
}
