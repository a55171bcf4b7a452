package guard

import (
	"bytes"
	"net/url"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// head is what the guard needs to know of a request head.
type head struct {
	length  int64 // of the body; 0 = none
	chunked bool
	http10  bool
	host    string
	hosts   int
	lengths int
	codings int
}

func malformed(what string) *authority.Error { return authority.E(authority.Malformed, what) }

// readHead judges a whole head, empty line included, whose lines all end with
// CRLF. RFC 9112 §2–6; what that leaves to the recipient's mercy is refused.
func readHead(raw []byte) (head, *authority.Error) {
	var h head
	line, rest := cutLine(raw)
	target, err := h.requestLine(line)
	if err != nil {
		return h, err
	}
	for {
		line, rest = cutLine(rest)
		if len(line) == 0 {
			break
		}
		if err := h.field(line); err != nil {
			return h, err
		}
	}
	return h, h.check(target)
}

func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte("\r\n"))
	return line, rest
}

// requestLine reads "method SP target SP version" (RFC 9112 §3).
func (h *head) requestLine(line []byte) (target string, err *authority.Error) {
	method, rest, _ := strings.Cut(string(line), " ")
	target, version, ok := strings.Cut(rest, " ")
	if !ok || !IsToken(method) {
		return "", malformed("the request line is not method, target and version")
	}
	switch version {
	case "HTTP/1.1":
	case "HTTP/1.0":
		h.http10 = true
	default:
		return "", malformed("the version is not HTTP/1.0 or HTTP/1.1")
	}
	switch method {
	case "CONNECT", "TRACE", "TRACK":
		return "", authority.E(authority.MethodNotAllowed, "") // the router knows what the path takes
	}
	return target, checkTarget(target)
}

// checkTarget takes origin-form and absolute-form; "*" is left to the router.
func checkTarget(target string) *authority.Error {
	for i := 0; i < len(target); i++ {
		if target[i] <= ' ' || target[i] == 0x7f {
			return malformed("the request target holds a control character")
		}
	}
	path, _, _ := strings.Cut(target, "?")
	if path != "*" && path != "" && path[0] != '/' && absoluteHost(target) == "" {
		return malformed("the request target is neither a path nor an http address")
	}
	for i := 0; i < len(path); i++ {
		if path[i] == '%' && !isHexPair(path[i+1:]) {
			return malformed("the path is not percent-encoded as it should be")
		}
	}
	if path == "" {
		return malformed("the request target is empty")
	}
	if path[0] == '/' {
		return nil // net/url refuses no such path
	}
	if _, err := url.ParseRequestURI(target); err != nil {
		return malformed("the request target cannot be read")
	}
	return nil
}

func isHexPair(s string) bool {
	if len(s) < 2 {
		return false
	}
	return strings.Trim(s[:2], "0123456789abcdefABCDEF") == ""
}

// absoluteHost gives the authority of an absolute-form target; "" for none.
func absoluteHost(target string) string {
	scheme, rest, ok := strings.Cut(target, "://")
	if !ok || (spelling.LowerASCII(scheme) != "http" && spelling.LowerASCII(scheme) != "https") {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// field reads one field line. A line that begins with white space is a fold of
// the one before; white space before the colon hides a name from other readers.
func (h *head) field(line []byte) *authority.Error {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return malformed("a line of the head is no field")
	}
	for _, c := range line[:colon] {
		if !isTokenByte(c) {
			return malformed("the name of a field holds a character that it may not, or the line is folded")
		}
	}
	for _, c := range line[colon+1:] {
		if c < ' ' && c != '\t' || c == 0x7f {
			return malformed("the value of a field holds a control character")
		}
	}
	return h.framing(line[:colon], line[colon+1:])
}

// framing takes note of the fields that say where the request ends and whom it
// is for.
func (h *head) framing(name, value []byte) *authority.Error {
	is := func(known string) bool { return len(name) == len(known) && bytes.EqualFold(name, []byte(known)) }
	value = bytes.Trim(value, " \t")
	switch {
	case is("Host"):
		h.hosts++
		h.host = string(value)
	case is("Content-Length"):
		h.lengths++
		return h.setLength(string(value))
	case is("Transfer-Encoding"):
		h.codings++
		h.chunked = true
		if !bytes.EqualFold(value, []byte("chunked")) {
			return malformed("the Transfer-Encoding is not chunked")
		}
	case is("Expect") && !bytes.EqualFold(value, []byte("100-continue")):
		return malformed("the Expect field asks for something unknown")
	}
	return nil
}

// setLength takes decimal digits only.
func (h *head) setLength(text string) *authority.Error {
	if text == "" || len(text) > 18 || strings.Trim(text, "0123456789") != "" {
		return malformed("the Content-Length is not a number")
	}
	h.length = 0
	for _, c := range []byte(text) {
		h.length = h.length*10 + int64(c-'0')
	}
	return nil
}

// check looks at the head as a whole.
func (h *head) check(target string) *authority.Error {
	switch {
	case h.lengths > 1:
		return malformed("the Content-Length is sent more than once")
	case h.codings > 1:
		return malformed("the Transfer-Encoding is sent more than once")
	case h.codings > 0 && h.lengths > 0:
		return malformed("Content-Length and Transfer-Encoding exclude each other") // RFC 9112 §6.1
	case h.codings > 0 && h.http10:
		return malformed("HTTP/1.0 has no Transfer-Encoding")
	case h.hosts > 1 || h.hosts == 0 && !h.http10:
		return malformed("exactly one Host field is needed")
	case !isHost(h.host):
		return malformed("the Host field is not a host name")
	}
	if abs := absoluteHost(target); abs != "" && target[0] != '/' && !strings.EqualFold(abs, h.host) {
		return malformed("the request target and the Host field name different hosts")
	}
	return nil
}

// isHost takes a name, an IPv4 address or a bracketed IPv6 one, each with or
// without a port, and the empty host (RFC 9110 §7.2).
func isHost(s string) bool {
	name, port, _ := strings.Cut(s, ":")
	rest := "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_~"
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 || s[end+1:] != "" && s[end+1] != ':' {
			return false
		}
		name, port = s[1:end], strings.TrimPrefix(s[end+1:], ":")
		rest = "0123456789abcdefABCDEF:."
	}
	return len(s) <= 255 && strings.Trim(name, rest) == "" && strings.Trim(port, "0123456789") == ""
}

// IsToken reports whether s is a token of RFC 9110 §5.6.2.
func IsToken(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isTokenByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func isTokenByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// hint guesses method and path of a head that was refused, in harmless
// characters: they only choose the shape of the refusal.
func hint(raw []byte) (method, path string) {
	line, _, _ := bytes.Cut(raw[:min(len(raw), 512)], []byte("\n"))
	parts := strings.Split(string(line), " ")
	method, path = "GET", "/"
	if parts[0] == "HEAD" {
		method = "HEAD"
	}
	if len(parts) < 2 || !strings.HasPrefix(parts[1], "/") {
		return method, path
	}
	path, _, _ = strings.Cut(parts[1], "?")
	return method, strings.Map(harmless, path)
}

func harmless(r rune) rune {
	if r == '/' || r < 0x80 && isTokenByte(byte(r)) && r != '%' {
		return r
	}
	return '_'
}
