package intake

import (
	"encoding/json"

	"propusk/internal/spelling"
)

// Credentials are the columns of secrets that another system gave out.
func Credentials() []Column {
	return []Column{
		{"account", Text},
		{"kind", Text},
		{"name", Text},
		{"login", Text},
		{"group", Text},
		{"roles", List},
		{"areas", List},
		{"all_areas", Flag},
		{"password_hash", Text},
		{"client_id", Text},
		{"secret", Text},
		{"dialect", Text},
		{"type", Text},
		{"access", Text},
		{"redirect_uris", List},
		{"owner", Text},
		{"expires", Text},
		{"allow", List},
		{"description", Text},
	}
}

// Tasks are the columns of work orders.
func Tasks() []Column {
	return []Column{
		{"id", Text},
		{"title", Text},
		{"description", Text},
		{"stage", Text},
		{"area", Text},
		{"assignee", Text},
		{"company", Text},
		{"deadline", Text},
		{"created", Text},
		{"modified", Text},
	}
}

// Products lists the columns of products.
func Products() []Column {
	return []Column{
		{"id", Text},
		{"name", Text},
		{"marking", Text},
		{"barcode", Text},
		{"unit", Text},
		{"price", Text},
		{"quantity", Text},
		{"warehouse", Text},
		{"with_series", Flag},
		{"with_serial_numbers", Flag},
		{"with_attributes", Flag},
	}
}

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
