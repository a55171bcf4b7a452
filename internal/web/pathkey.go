package web

import (
	"net/url"
	"strings"
)

// hideSeparators lets separators inside a quoted key travel as control characters,
// which no path holds, so that nothing takes them for the ends of segments.
func hideSeparators(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "/", "\x01"), "\\", "\x02")
}

func showSeparators(segment string) string {
	return strings.ReplaceAll(strings.ReplaceAll(segment, "\x01", "/"), "\x02", "\\")
}

// keyStart finds the quoted key with an encoded separator that ends a path as it
// was sent, Docs/In('%D0%9D%2F12'); the path's length where there is none.
func keyStart(raw string) int {
	path := strings.TrimSuffix(raw, "/")
	last := strings.LastIndexByte(path, '/') + 1
	at := strings.Index(path[last:], "('")
	if at < 1 || !strings.HasSuffix(path, "')") {
		return len(raw)
	}
	if at += last; checkEncoding(path[at:]) == nil {
		return len(raw)
	}
	return at
}

// normaliseKeyed is Normalise for a path with such a key. A program in front that
// decodes it early sees a longer path below the same set, never another: what
// would be an empty or a dot segment then is refused.
func normaliseKeyed(raw string, at int) (string, error) {
	if err := checkEncoding(raw[:at]); err != nil {
		return "", err
	}
	stem, err := url.PathUnescape(raw[:at])
	if err != nil {
		return "", errNoPath()
	}
	key, err := url.PathUnescape(strings.TrimSuffix(raw[at:], "/"))
	if err != nil {
		return "", errNoPath()
	}
	if _, err := normalisePlain(stem + strings.ReplaceAll(key, "\\", "/")); err != nil {
		return "", err
	}
	return stem + hideSeparators(key), nil
}

// hidesSeparator reports whether path has a key with a separator in it.
func hidesSeparator(path string) bool { return strings.ContainsAny(path, "\x01\x02") }
