package oauth

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

// shown is client authentication as a request has it.
type shown struct {
	id     string
	secret authority.Secret
}

func (s shown) complete() bool { return s.id != "" && !s.secret.Empty() }

// readClient reads client_secret_basic or client_secret_post (RFC 6749
// §2.3.1). Both at once must say the same. What cannot be read is refused like
// what is wrong.
func readClient(r *http.Request, f web.Form) (shown, error) {
	head, err := basicClient(r)
	if err != nil {
		return shown{}, err
	}
	form := shown{f["client_id"], f.Secret("client_secret")}
	if head == (shown{}) {
		head = form
	}
	if contradicts(form.id, head.id) || contradicts(form.secret.Reveal(), head.secret.Reveal()) {
		return shown{}, authority.E(authority.InvalidRequest,
			"client authentication in the Authorization header and in the form differ; send one of them")
	}
	if !head.complete() {
		return shown{}, authority.E(authority.InvalidClient,
			"client authentication is missing; send client id and client secret by HTTP Basic or in the form")
	}
	return head, nil
}

// contradicts reports whether a form parameter, which may be left out, says
// something else than the header.
func contradicts(form, head string) bool { return form != "" && form != head }

// basicClient reads the Authorization field; nothing when there is no Basic in
// it. RFC 7617 §2, RFC 6749 §2.3.1.
func basicClient(r *http.Request) (shown, error) {
	a, err := web.ReadAuthorization(r)
	if err != nil {
		return shown{}, badClient()
	}
	if a.Scheme != "basic" {
		return shown{}, nil
	}
	pair, err := base64.StdEncoding.Strict().DecodeString(a.Rest)
	id, secret, colon := strings.Cut(string(pair), ":")
	if err != nil || !colon {
		return shown{}, badClient()
	}
	id, ok := formDecode(id)
	text, fine := formDecode(secret)
	if !ok || !fine || id == "" {
		return shown{}, badClient()
	}
	return shown{id, authority.NewSecret(text)}, nil
}

// formDecode undoes the form encoding that RFC 6749 asks for inside of Basic.
// Many clients leave it out: a text that cannot have been encoded is taken as
// it stands. Secrets that are made here read the same both ways.
func formDecode(s string) (string, bool) {
	if decoded, err := url.QueryUnescape(s); err == nil {
		s = decoded
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", false
	}
	return norm.NFC.String(s), true // as forms are read, rule 19
}

// badClient has the words of the core: what cannot be read and what is wrong
// are not told apart.
func badClient() error {
	return authority.E(authority.InvalidClient, "client authentication failed")
}
