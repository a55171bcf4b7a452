package spelling

import (
	"strings"

	"golang.org/x/net/idna"
)

// HostForm reads host names as browsers do (RFC 5895, UTS 46), but for the
// underscores that names inside a company have.
func HostForm() *idna.Profile {
	return idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false), idna.VerifyDNSLength(true))
}

// ASCIIAddress writes the host of a URL that has letters beyond ASCII as DNS has it:
// programs send it so. RFC 3986 §3.2.2, RFC 5891 §4. Whatever has another host, or one
// that is no name, comes back as it is.
func ASCIIAddress(uri string) string {
	scheme, rest, ok := strings.Cut(uri, "://")
	if !ok || !IsASCII(scheme) {
		return uri
	}
	host, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	name, _, _ := strings.Cut(host, ":")
	if IsASCII(name) || strings.ContainsAny(name, "@[]%") {
		return uri
	}
	written, err := HostForm().ToASCII(name)
	if err != nil {
		return uri
	}
	return scheme + "://" + written + strings.TrimPrefix(host, name) + path
}
