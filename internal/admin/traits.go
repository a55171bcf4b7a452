package admin

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/spelling"
)

// maxRedirects is how many addresses one application may register.
const maxRedirects = 20

// TraitsEdit changes what only applications have. A nil field stays as it is.
// How it comes in is chosen when it is made, with its secret, and stays.
type TraitsEdit struct {
	DisplayName  *string
	Description  *string
	Access       *string
	RedirectURIs *[]string
}

func (e TraitsEdit) apply(t authority.Traits) authority.Traits {
	for _, field := range []struct {
		from *string
		to   *string
	}{{e.DisplayName, &t.DisplayName}, {e.Description, &t.Description}, {e.Access, &t.Access}} {
		if field.from != nil {
			*field.to = *field.from
		}
	}
	if e.RedirectURIs != nil {
		t.RedirectURIs = *e.RedirectURIs
	}
	return t
}

// check brings the texts into the form that is stored.
func (e TraitsEdit) check() (TraitsEdit, error) {
	checked, err := traits(e.apply(authority.Traits{}))
	if err != nil {
		return e, err
	}
	if e.DisplayName != nil {
		e.DisplayName = &checked.DisplayName
	}
	if e.Description != nil {
		e.Description = &checked.Description
	}
	if e.Access != nil {
		e.Access = &checked.Access
	}
	if e.RedirectURIs != nil {
		e.RedirectURIs = &checked.RedirectURIs
	}
	return e, nil
}

// traits checks what a new application says of itself.
func traits(t authority.Traits) (authority.Traits, error) {
	for _, field := range []struct {
		name    string
		value   *string
		longest int
	}{
		{"display-name", &t.DisplayName, maxName},
		{"description", &t.Description, maxDescription},
		{"type", &t.Type, maxWord},
		{"access", &t.Access, maxWord},
	} {
		value, err := line(field.name, *field.value, field.longest)
		if err != nil {
			return t, err
		}
		*field.value = value
	}
	if len(t.RedirectURIs) > maxRedirects {
		return t, invalid("redirect-uris", "may name at most 20")
	}
	t.RedirectURIs = slices.Clone(t.RedirectURIs)
	for i, uri := range t.RedirectURIs {
		uri, err := redirect(uri)
		if err != nil {
			return t, err
		}
		if slices.Contains(t.RedirectURIs[:i], uri) {
			return t, invalid("redirect-uris", "names an address twice")
		}
		t.RedirectURIs[i] = uri
	}
	return t, nil
}

// Asks is the type of applications that ask users for their consent and so need an
// address to send them back to. docs/dialects/ringme.md
const Asks = "public"

// returns refuses an application that could never get the consent it is for.
func returns(t authority.Traits) error {
	if (t.Type == Asks || t.NoSecret) && len(t.RedirectURIs) == 0 {
		return invalid("redirect-uris", "must name where users come back to: a public application asks them first")
	}
	return nil
}

// redirect checks an address that browsers are sent to with a code, and gives it as
// it is stored: every client library sends it so.
func redirect(uri string) (string, error) {
	uri = spelling.ASCIIAddress(uri)
	if err := checkRedirect(uri); err != nil {
		return "", err
	}
	if !spelling.IsASCII(uri) {
		return "", invalid("redirect-uris", "has letters beyond ASCII outside its host: percent-encode them, as in %D0%BF") // RFC 3986 §2.5
	}
	return uri, nil
}

// checkRedirect wants an address whole, without a fragment, over TLS but for this
// machine, or of a scheme that a program has for itself. RFC 6749 §3.1.2, RFC 8252 §7, RFC 9700 §2.1.
func checkRedirect(uri string) error {
	const field = "redirect-uris"
	u, err := url.Parse(uri)
	plain, broken := url.PathUnescape(uri)
	switch {
	case err != nil || broken != nil || strings.ContainsFunc(plain, unseen) || len(uri) > 2000 || strings.ContainsFunc(uri, unseen) || strings.ContainsAny(uri, " \"<>\\^`{|}"):
		return invalid(field, "holds what is no address")
	case strings.Contains(uri, "#"):
		return invalid(field, "must not have a fragment")
	case strings.Contains(uri, "*"):
		return invalid(field, "must be written in full, without an asterisk")
	case !portable(u.Port()):
		return invalid(field, "must have a port from 1 to 65535 or none")
	case u.User != nil:
		return invalid(field, "must not name a user")
	case ownScheme(u.Scheme):
		return nil
	case u.Host == "" || u.Opaque != "":
		return invalid(field, "must be absolute, with a host")
	case u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())):
		return invalid(field, "must begin with https://, with http:// on this machine, or with a program's own scheme such as com.example.app:")
	}
	return nil
}

// ownScheme reports whether a scheme is a domain name turned around, as programs
// have for themselves: RFC 8252 §7.1.
func ownScheme(scheme string) bool {
	return strings.Contains(strings.Trim(scheme, "."), ".")
}

// portable reports whether an address can have the port; "" = none is named.
func portable(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
