package guard

import "bytes"

// The one request that smarts prints with a path in its Host field.
const (
	printedLine = "POST /oauth/token HTTP/1.1\r\n"
	printedPath = "/api/session"
)

// amendHostPath takes the path out of the Host line of the printed request:
// "Host: NAME/api/session" of POST /oauth/token becomes "Host: NAME", and the
// connection its last. Any other head comes back as it is, to be judged as ever:
// another path, a name that is none, two Host lines, a Transfer-Encoding (rule
// 16, docs/dialects/smarts.md §1).
func amendHostPath(raw []byte) (amended []byte, last bool) {
	if !bytes.HasPrefix(raw, []byte(printedLine)) {
		return raw, false
	}
	at, hosts := 0, 0 // where the path begins
	for pos := len(printedLine); ; {
		line, rest := cutLine(raw[pos:])
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			return raw, false
		case bytes.EqualFold(name, []byte("Host")):
			hosts++
			if host, ok := printedHost(value); ok {
				at = pos + len(name) + 1 + bytes.Index(value, host) + len(host)
			}
		}
		pos = len(raw) - len(rest)
	}
	if at == 0 || hosts != 1 {
		return raw, false
	}
	amended = make([]byte, 0, len(raw))
	amended = append(amended, raw[:at]...)
	return append(amended, raw[at+len(printedPath):]...), true
}

// printedHost gives the name before the path.
func printedHost(value []byte) (host []byte, ok bool) {
	host, ok = bytes.CutSuffix(bytes.Trim(value, " \t"), []byte(printedPath))
	return host, ok && len(host) > 0 && isHost(string(host))
}
