package element

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// keyPair is an access key as a request has it.
type keyPair struct {
	id     string
	secret authority.Secret
}

func (k keyPair) complete() bool { return k.id != "" && !k.secret.Empty() }

// readKey reads the access key from HTTP Basic, or from the form when there is
// none. Both at once must say the same. What cannot be read is refused like what
// is wrong.
func readKey(r *http.Request, f web.Form) (keyPair, error) {
	head, err := basicKey(r)
	if err != nil {
		return keyPair{}, err
	}
	form := keyPair{f["client_id"], f.Secret("client_secret")}
	if head == (keyPair{}) {
		head = form
	}
	if contradicts(form.id, head.id) || contradicts(form.secret.Reveal(), head.secret.Reveal()) {
		return keyPair{}, authority.E(authority.InvalidRequest,
			"the access keys in the Authorization header and in the form differ; send one of them")
	}
	if !head.complete() {
		return keyPair{}, authority.E(authority.InvalidClient,
			"the access key is missing; send Client-Id and Client-Secret by HTTP Basic")
	}
	return head, nil
}

// contradicts reports whether a form parameter, which may be left out, says
// something else than the header.
func contradicts(form, head string) bool { return form != "" && form != head }

// basicKey reads the Authorization field; nothing when there is no Basic in it.
// RFC 7617 §2.
func basicKey(r *http.Request) (keyPair, error) {
	a, err := web.ReadAuthorization(r)
	if err != nil {
		return keyPair{}, wrongKey()
	}
	if a.Scheme != "basic" {
		return keyPair{}, nil
	}
	pair, err := base64.StdEncoding.Strict().DecodeString(a.Rest)
	id, secret, colon := strings.Cut(string(pair), ":")
	if err != nil || !colon {
		return keyPair{}, wrongKey()
	}
	id, ok := formDecode(id)
	text, fine := formDecode(secret)
	if !ok || !fine || id == "" {
		return keyPair{}, wrongKey()
	}
	return keyPair{id, authority.NewSecret(text)}, nil
}

// formDecode undoes the form encoding that RFC 6749 §2.3.1 asks for inside of
// Basic and that many clients leave out. Keys that are made here read the same
// both ways.
func formDecode(s string) (string, bool) {
	if decoded, err := url.QueryUnescape(s); err == nil {
		s = decoded
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", false
	}
	return norm.NFC.String(s), true // as forms are read, rule 19
}

// wrongKey has the words of the core: what cannot be read and what is wrong are
// not told apart.
func wrongKey() error {
	return authority.E(authority.InvalidClient, "client authentication failed")
}
