package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies says which peers are believed when they name the client they forward
// for, and in which field. The zero value believes nobody. One field is read
// and no other: a proxy that sets one would pass the others through from the
// client unchanged.
type Proxies struct {
	Trusted []netip.Prefix
	Header  string // "X-Forwarded-For" ("" means it too), "Forwarded" or "X-Real-IP"
}

// Client gives the address of the client behind trusted proxies; invalid when
// the peer has none (a socket).
func (p Proxies) Client(r *http.Request) netip.Addr {
	peer := peerOf(r.RemoteAddr)
	if len(p.Trusted) == 0 || !p.trusts(peer) {
		return peer
	}
	hops := p.hops(r.Header)
	for _, hop := range slices.Backward(hops) {
		if !hop.IsValid() {
			return peer // what lies left of junk is a guess
		}
		if peer = hop; !p.trusts(hop) {
			return hop
		}
	}
	return peer
}

func (p Proxies) trusts(a netip.Addr) bool {
	for _, prefix := range p.Trusted {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// hops lists the addresses of the believed field, nearest last; junk is the
// invalid address.
func (p Proxies) hops(h http.Header) []netip.Addr {
	name := p.Header
	if name == "" {
		name = "X-Forwarded-For"
	}
	var out []netip.Addr
	for part := range strings.SplitSeq(strings.Join(h.Values(name), ","), ",") {
		if part = strings.Trim(part, " \t"); part == "" {
			continue
		}
		if strings.EqualFold(name, "Forwarded") {
			part = forwardedFor(part)
		}
		out = append(out, hopAddr(part))
	}
	return out
}

// forwardedFor gives the for= parameter of one element (RFC 7239 §4).
func forwardedFor(element string) string {
	for pair := range strings.SplitSeq(element, ";") {
		name, value, _ := strings.Cut(strings.Trim(pair, " \t"), "=")
		if strings.EqualFold(name, "for") {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// hopAddr reads an address with or without port and brackets.
func hopAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func peerOf(remote string) netip.Addr {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}
