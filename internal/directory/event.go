package directory

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
)

// Event is the wish that an address hears of something that happens at an
// extension.
type Event struct {
	ID        authority.ID
	Extension authority.ID
	Kind      string // one of EventKinds
	Method    string // "GET" or "POST"
	URL       string
	Created   time.Time // UTC, in whole milliseconds
}

// EventKinds lists what can be heard of.
func EventKinds() []string { return []string{"dial-in", "dial-out", "answer", "hangup"} }

// maxURL is the longest address, in bytes.
const maxURL = 2048

func (e Event) checked(plain bool) (Event, error) {
	if e.Method = strings.ToUpper(e.Method); e.Method == "" {
		e.Method = "POST"
	}
	switch {
	case !slices.Contains(EventKinds(), e.Kind):
		return e, authority.Invalid("event_type", "the event type is dial-in, dial-out, answer or hangup")
	case !slices.Contains([]string{"GET", "POST"}, e.Method):
		return e, authority.Invalid("method", "the method is GET or POST")
	}
	return e, checkURL(e.URL, plain)
}

// checkURL refuses addresses that do not lie in the open Internet, as far as
// their text tells, and, unless plain, those that everybody on the way can read.
// Where a name leads to is judged when it is called.
func checkURL(text string, plain bool) error {
	no := func(why string) error { return authority.Invalid("url", "the url "+why) }
	u, err := url.Parse(text)
	switch {
	case len(text) > maxURL:
		return no("is longer than " + strconv.Itoa(maxURL) + " bytes")
	case err != nil || !u.IsAbs() || u.Opaque != "" || strings.ContainsFunc(text, unseemly):
		return no("cannot be read")
	case u.Scheme != "https" && u.Scheme != "http":
		return no("must begin with https://")
	case u.Scheme == "http" && !plain:
		return no("must begin with https://: what is told of calls would cross the network readable")
	case u.User != nil || u.Fragment != "" || strings.Contains(text, "#"):
		return no("must have neither a user nor a fragment")
	case u.Port() == "" && strings.HasSuffix(u.Host, ":"), !validPort(u.Port()):
		return no("has a port that no web server has: 80, 443 or one from 1024 is meant")
	case !public(u.Hostname()):
		return no("must lead to a public host: a name with a dot that is not kept for inner use, or an address of the open Internet")
	}
	return nil
}

// unseemly reports whether r is no part of any address: what is not visible
// ASCII, and what parsers read in different ways.
func unseemly(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }

// validPort refuses the ports of mail, shells and other services below 1024: a
// request must not be made to speak to them.
func validPort(text string) bool {
	if text == "" {
		return true
	}
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && (n == 80 || n == 443 || n >= 1024)
}

// kept lists the names that are for inner use alone: RFC 6761, RFC 6762 and
// habit.
func kept() []string {
	return []string{
		"localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa", "onion", "test",
		"invalid", "example", "workgroup",
	}
}

// public reports whether host can be called from the open Internet: a name with
// a dot that is not kept for inner use, or an address that is routed there.
func public(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		return routed(addr)
	}
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || slices.Contains(labels, "") || strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" {
		return false
	}
	// A name that ends in a number is read as an address by some.
	if last[0] >= '0' && last[0] <= '9' {
		return false
	}
	return !slices.Contains(kept(), last)
}

// routed reports whether addr is a unicast address of the open Internet.
func routed(addr netip.Addr) bool {
	if addr.Zone() != "" || addr.Is4In6() || !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(special(), func(p netip.Prefix) bool { return p.Contains(addr) })
}

// special lists blocks that are no public unicast, besides those that netip
// knows (RFC 6890 and the registries it began).
func special() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
		"2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}
