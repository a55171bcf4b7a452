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
		if found, ok := strings.CutPrefix(part, "{"); ok && i > 0 {
			kind, name = kindOf(parts[i-1]), strings.TrimSuffix(found, "}")
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

// kindOf is what a list in an address holds, in the audit's word; "" for what has no
// numbers, such as dialects.
func kindOf(list string) string {
	return map[string]string{
		"users": "user", "service-users": "service_user", "applications": "application", "accounts": "account",
		"roles": "role", "areas": "area", "secrets": "credential", "consents": "user", "passkeys": "passkey",
		"tasks": "task", "calls": "call",
	}[list]
}
