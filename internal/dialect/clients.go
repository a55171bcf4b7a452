package dialect

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/maypok86/otter/v2"
	"golang.org/x/text/unicode/norm"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// Registrar tells what client ids are; *authority.Authority does.
type Registrar interface {
	// Registered gives NotFound for a client id that nobody has.
	Registered(ctx context.Context, stand authority.Stand, clientID string) (authority.Registration, error)
}

const (
	maxClientID = 256 // bytes; longer ones were never given out
	maxKnown    = 4096
	// What a client id is does not change while it exists; the minute is for
	// one that is removed and imported anew. One that is not there may be there
	// the next second.
	rememberKnown   = time.Minute
	rememberUnknown = time.Second
)

// Clients remembers what client ids are, so that the shared token path and the
// door behind it look a client up once. It lets nobody in: the secret is
// compared each time. Safe for concurrent use.
type Clients struct {
	core  Registrar
	now   func() time.Time
	known *otter.Cache[clientKey, Known]
}

type clientKey struct {
	stand authority.Stand
	id    string
}

// Known is what is remembered of one client id.
type Known struct {
	authority.Registration

	Found bool
	until time.Time
}

// NewClients makes an empty Clients over core; a nil now is time.Now.
func NewClients(core Registrar, now func() time.Time) *Clients {
	if now == nil {
		now = time.Now
	}
	return &Clients{core, now, otter.Must(&otter.Options[clientKey, Known]{MaximumSize: maxKnown})}
}

// Find tells what id is. One that nobody has is tried as an application's, so
// that it fails where and as a wrong secret does.
func (g *Clients) Find(ctx context.Context, stand authority.Stand, id string) (Known, error) {
	unknown := Known{Registration: authority.Registration{Kind: authority.ApplicationSecret}}
	if g == nil || g.core == nil || id == "" || len(id) > maxClientID {
		return unknown, nil
	}
	key, now := clientKey{stand, id}, g.now()
	if r, ok := g.known.GetIfPresent(key); ok && now.Before(r.until) {
		return r, nil
	}
	found, err := g.core.Registered(ctx, stand, id)
	r := Known{Registration: found, Found: true, until: now.Add(rememberKnown)}
	if authority.CodeOf(err) == authority.NotFound {
		r, err = unknown, nil
		r.until = now.Add(rememberUnknown)
	}
	if err == nil {
		g.known.Set(key, r)
	}
	return r, err
}

// Client is client authentication as a request shows it.
type Client struct {
	ID     string
	Secret authority.Secret
}

// ReadClient reads client_secret_basic or client_secret_post (RFC 6749
// §2.3.1). Both at once must say the same. What cannot be read, or is not
// whole, is refused like what is wrong.
func ReadClient(r *http.Request, f web.Form) (Client, error) {
	c, err := ReadPublicClient(r, f)
	if err == nil && c.Secret.Empty() {
		return Client{}, noClient()
	}
	return c, err
}

// ReadPublicClient is ReadClient for grants that a client without a secret may
// use too: it shows its id alone (RFC 6749 §3.2.1).
func ReadPublicClient(r *http.Request, f web.Form) (Client, error) {
	c, err := ShownClient(r, f)
	if err == nil && c.ID == "" {
		return Client{}, noClient()
	}
	return c, err
}

// ShownClient is ReadClient for who has words of his own for what is missing:
// what is not shown is empty.
func ShownClient(r *http.Request, f web.Form) (Client, error) {
	head, err := BasicClient(r)
	if err != nil {
		return Client{}, err
	}
	form := Client{f["client_id"], f.Secret("client_secret")}
	if head == (Client{}) {
		head = form
	}
	if contradicts(form.ID, head.ID) || contradicts(form.Secret.Reveal(), head.Secret.Reveal()) {
		return Client{}, authority.E(authority.InvalidRequest,
			"client authentication in the Authorization header and in the form differ; send one of them")
	}
	return head, nil
}

func noClient() error {
	return authority.E(authority.InvalidClient,
		"client authentication is missing; send client id and client secret by HTTP Basic or in the form")
}

// contradicts reports whether a form parameter, which may be left out, says
// something else than the header.
func contradicts(form, head string) bool { return form != "" && form != head }

// BasicClient reads the Authorization field; nothing when there is no Basic in
// it. RFC 7617 §2, RFC 6749 §2.3.1.
func BasicClient(r *http.Request) (Client, error) {
	a, err := web.ReadAuthorization(r)
	if err != nil {
		return Client{}, badClient()
	}
	if a.Scheme != "basic" {
		return Client{}, nil
	}
	pair, err := base64.StdEncoding.Strict().DecodeString(a.Rest)
	id, secret, colon := strings.Cut(string(pair), ":")
	if err != nil || !colon {
		return Client{}, badClient()
	}
	id, ok := formDecode(id)
	text, fine := formDecode(secret)
	if !ok || !fine || id == "" {
		return Client{}, badClient()
	}
	return Client{id, authority.NewSecret(text)}, nil
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
