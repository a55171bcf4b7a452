package authority

import (
	"encoding/json"
	"fmt"

	"propusk/internal/authority"
	"propusk/internal/store"
)

// earlierText writes the generations that a row keeps beside the current and the
// former one: [[number, issued, access expires, key version], …] with times in
// milliseconds; "" for none, as in the rows of most dialects.
func earlierText(gens []authority.Generation) (string, error) {
	if len(gens) == 0 {
		return "", nil
	}
	rows := make([][4]int64, len(gens))
	for i, gen := range gens {
		rows[i] = [4]int64{int64(gen.Number), store.Millis(gen.Issued), store.Millis(gen.AccessExpires), int64(gen.KeyVersion)}
	}
	text, err := json.Marshal(rows)
	return string(text), err
}

// readEarlier reads what earlierText wrote.
func readEarlier(text string) ([]authority.Generation, error) {
	if text == "" {
		return nil, nil
	}
	var rows [][4]int64
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		return nil, fmt.Errorf("earlier generations of a grant: %w", err)
	}
	gens := make([]authority.Generation, len(rows))
	for i, row := range rows {
		gens[i] = authority.Generation{
			Number: uint32(row[0]), Issued: store.FromMillis(row[1]), AccessExpires: store.FromMillis(row[2]), KeyVersion: int(row[3]),
		}
	}
	return gens, nil
}
