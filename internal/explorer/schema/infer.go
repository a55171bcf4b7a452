package schema

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Infer describes values of decoded JSON by what they have in common: it fits each
// of them, and a member that all of them have is required.
func Infer(values ...any) *Schema {
	s := &Schema{}
	var members []map[string]any
	var elements []any
	for _, v := range values {
		kind := kindOf(v)
		if kind == "" {
			return &Schema{} // null, or what nobody knows: it may be anything
		}
		if !slices.Contains(s.Type, kind) {
			s.Type = append(s.Type, kind)
		}
		switch v := v.(type) {
		case []any:
			elements = append(elements, v...)
		case map[string]any:
			members = append(members, v)
		}
	}
	s.Format = commonFormat(values)
	if slices.Contains(s.Type, "array") {
		s.Items = Infer(elements...)
	}
	s.inferMembers(members)
	return s
}

func kindOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64, json.Number:
		return "number"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return ""
}

// inferMembers describes what objects hold.
func (s *Schema) inferMembers(objects []map[string]any) {
	found := map[string]any{}
	for _, o := range objects {
		for name := range o {
			found[name] = nil
		}
	}
	for _, name := range sortedKeys(found) {
		var values []any
		for _, o := range objects {
			if v, ok := o[name]; ok {
				values = append(values, v)
			}
		}
		s.Properties = append(s.Properties, Property{name, Infer(values...)})
		if len(values) == len(objects) {
			s.Required = append(s.Required, name)
		}
	}
}

// commonFormat is the format that all values have; "" = they have none.
func commonFormat(values []any) string {
	common := ""
	for i, v := range values {
		text, ok := v.(string)
		format := formatOf(text)
		if !ok || format == "" || i > 0 && format != common {
			return ""
		}
		common = format
	}
	return common
}

// formatOf recognises what texts of ours look like.
func formatOf(text string) string {
	if len(text) == 36 && strings.Count(text, "-") == 4 {
		return "uuid"
	}
	if _, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return "date-time"
	}
	return ""
}
