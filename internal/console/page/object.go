package page

import (
	"net/http"
	"strings"
)

// objectOf names what the addresses of a pattern are about, as the audit does; nil
// for those that are about a whole list: /users/{id}/edit is about user/123.
func objectOf(pattern string) func(*http.Request) string {
	kind, name := "", ""
	parts := strings.Split(pattern, "/")
	for i, part := range parts {
		found, ok := strings.CutPrefix(strings.TrimSuffix(part, "}"), "{")
		if !ok || i == 0 {
			continue
		}
		of := found
		if found == "id" {
			of = parts[i-1]
		}
		if known := kindOf(of); known != "" {
			kind, name = known, found
		}
	}
	if kind == "" {
		return nil
	}
	return func(r *http.Request) string {
		if _, err := parseID(r.PathValue(name)); err != nil {
			return ""
		}
		return kind + "/" + r.PathValue(name)
	}
}

// kindOf is what a number in an address stands for, in the audit's word: by its own
// name, or by the list that it is an id of. "" for what is told by what it belongs
// to, and for what has no numbers, such as dialects.
func kindOf(of string) string {
	return map[string]string{
		"users": "user", "service-users": "service_user", "applications": "application", "accounts": "account",
		"roles": "role", "areas": "area", "passkeys": "passkey", "tasks": "task", "calls": "call",
		"user": "user", "application": "application", "secret": "credential",
	}[of]
}
