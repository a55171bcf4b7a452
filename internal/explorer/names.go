package explorer

import (
	"strings"
	"unicode"

	"propusk/internal/web"
)

// waysGroup is the group of what gives tokens.
const waysGroup = "authentication"

// name makes the operationId of a method: its verb and the words of its path.
// Wildcards are named where they end the path, so "GET /a/{id}/b" is getAB and
// "GET /a/{id}" getAById. It stays as long as the path does.
func (b *Book) name(verb, path string) string {
	rest := strings.TrimPrefix(path, b.Manual.Base)
	var out strings.Builder
	out.WriteString(strings.ToLower(verb))
	segments := strings.Split(strings.Trim(rest, "/"), "/")
	for i, segment := range segments {
		literal, wild, _ := strings.Cut(segment, "{")
		out.WriteString(camel(literal))
		if wild != "" && i == len(segments)-1 {
			out.WriteString("By" + camel(wild))
		}
	}
	return out.String()
}

// camel joins the words of text, each with a capital letter.
func camel(text string) string {
	var out strings.Builder
	up := true
	for _, r := range text {
		if r != unicode.ReplacementChar && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		up = false
		out.WriteRune(r)
	}
	return out.String()
}

// group is the part of the API that a method belongs to: the first word of its
// path, or the second where the first only says whose the rest is, as in
// /client/{client}/record.
func (b *Book) group(rt *web.Route, path string) string {
	if rt.Door != "" {
		return waysGroup
	}
	rest := strings.Trim(strings.TrimPrefix(path, b.Manual.Base), "/")
	segments := strings.Split(rest, "/")
	if len(segments) > 2 && strings.HasPrefix(segments[1], "{") && !strings.HasPrefix(segments[2], "{") {
		segments = segments[2:]
	}
	first, _, _ := strings.Cut(segments[0], "(")
	if first == "" {
		return "root"
	}
	return strings.TrimPrefix(first, "$")
}
