package web

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"propusk/internal/authority"
)

// Normalise gives the one spelling of a request's path that routing, claims and
// handlers see: decoded once, without a trailing slash. A path that another
// program could read differently is refused: Malformed for encodings that hide
// a separator or are not text, NotFound for dot segments, empty segments and
// path parameters. RFC 9110 §4.2.3, RFC 3986 §6.2.2, rule 12.
func Normalise(u *url.URL) (string, error) {
	if at := keyStart(u.RawPath); at < len(u.RawPath) {
		return normaliseKeyed(u.RawPath, at)
	}
	if err := checkEncoding(u.RawPath); err != nil {
		return "", err
	}
	return normalisePlain(u.Path)
}

func normalisePlain(path string) (string, error) {
	if path == "" || path[0] != '/' {
		return "", authority.E(authority.Malformed, "the request target must be a path that begins with a slash")
	}
	if err := checkText(path); err != nil {
		return "", err
	}
	if len(path) > 1 && path[len(path)-1] == '/' {
		path = path[:len(path)-1]
	}
	if err := checkSegments(path); err != nil {
		return "", err
	}
	return path, nil
}

// checkEncoding looks at the spelling that was sent where it differs from the
// default one: only there can an encoded separator hide.
func checkEncoding(raw string) error {
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '#', '\\':
			return authority.E(authority.Malformed, "the path holds a character that must be percent-encoded")
		case '%':
			if i+2 < len(raw) && isSeparator(raw[i+1:i+3]) {
				return errSeparator()
			}
		}
	}
	return nil
}

func errSeparator() error {
	return authority.E(authority.Malformed, "the path holds an encoded slash or backslash")
}

// isSeparator reports whether two hex digits spell a slash or a backslash.
func isSeparator(hex string) bool {
	return strings.EqualFold(hex, "2f") || strings.EqualFold(hex, "5c")
}

func checkText(path string) error {
	if !utf8.ValidString(path) {
		return authority.E(authority.Malformed, "the path is not valid UTF-8")
	}
	for i := 0; i < len(path); i++ {
		if path[i] < ' ' || path[i] == 0x7f || path[i] == '\\' {
			return authority.E(authority.Malformed, "the path holds a control character or a backslash")
		}
	}
	return nil
}

func checkSegments(path string) error {
	if path == "/" {
		return nil
	}
	if strings.IndexByte(path, ';') >= 0 {
		return errNoPath()
	}
	for seg := range strings.SplitSeq(path[1:], "/") {
		if seg == "" || seg == "." || seg == ".." {
			return errNoPath()
		}
	}
	return nil
}

// errNoPath is the answer to every path that leads nowhere.
func errNoPath() *authority.Error {
	return authority.E(authority.NotFound, "there is nothing at this path")
}

// openKey gives the key in the parentheses of the last segment, as OData spells
// it, a segment of its own: /Users('5') is /Users/'5'. ok is false for a path
// without one.
func openKey(path string) (opened string, ok bool) {
	if !strings.HasSuffix(path, ")") {
		return path, false
	}
	last := strings.LastIndexByte(path, '/') + 1
	name, key, ok := strings.Cut(path[last:len(path)-1], "(")
	if !ok || name == "" || key == "" {
		return path, false
	}
	return path[:last] + name + "/" + key, true
}
