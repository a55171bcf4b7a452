package oauth_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/dialect/oauth"
	"propusk/internal/keys"
	"propusk/internal/store"
	core "propusk/internal/store/authority"
	"propusk/internal/store/storetest"
	"propusk/internal/testenv/coretest"
	"propusk/internal/testenv/fake"
	"propusk/internal/web"
	"propusk/internal/web/limit"
)

// world is the standard door on a real pipeline, core and database, with a toy
// dialect of another kind of token beside it. Its clock stands still until a
// test moves it.
type world struct {
	t      *testing.T
	db     *store.DB
	ring   *keys.Ring
	auth   *authority.Authority
	clock  *fake.Clock
	log    *bytes.Buffer
	urls   map[authority.Stand]string
	routes []web.Route
	close  []func() // lets the last answer's log line be written

	lookups atomic.Int64 // of client ids

	home, foreign authority.Account
	clients       map[string]client
}

// client is somebody with a secret.
type client struct {
	id, secret string
	principal  authority.ID
	credential authority.ID
}

func (c client) basic() string {
	pair := url.QueryEscape(c.id) + ":" + url.QueryEscape(c.secret)
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// counted is the core, with its look-ups of client ids counted.
type counted struct {
	*authority.Authority

	lookups *atomic.Int64
}

func (c counted) Registered(ctx context.Context, stand authority.Stand, id string) (authority.Registration, error) {
	c.lookups.Add(1)
	return c.Authority.Registered(ctx, stand, id)
}

// toy is a dialect with one method and symmetric tokens.
type toy struct{}

func (toy) Name() string { return "toy" }

func (toy) Mount(mux *web.Mux) {
	mux.Handle(web.Route{
		Method: http.MethodGet, Pattern: "/toy", Dialect: "toy", Permission: "TasksList",
		Serve: func(w http.ResponseWriter, _ *http.Request, _ authority.Caller) error {
			w.WriteHeader(http.StatusNoContent)
			return nil
		},
	})
}

func (toy) Credential(r *http.Request) (authority.Presented, error) { return dialect.Bearer(r) }

func (toy) WriteError(w http.ResponseWriter, r *http.Request, err error) { web.WriteProblem(w, r, err) }

func toyProfile() authority.Profile {
	return authority.Profile{
		Dialect: "toy", Credentials: []authority.CredentialKind{authority.ServiceToken},
		Access:       authority.TokenSpec{Form: authority.JWT, Algorithm: keys.HS256, Typ: "JWT", Lifetime: 24 * time.Hour},
		Refresh:      authority.TokenSpec{Form: authority.Sealed, Lifetime: 30 * 24 * time.Hour},
		ReplayWindow: 30 * time.Second, Family: 180 * 24 * time.Hour,
	}
}

// newWorld makes both stands. profiles are those beside the toy's; none means
// the door's own with its defaults.
func newWorld(t *testing.T, profiles ...authority.Profile) *world {
	t.Helper()
	if len(profiles) == 0 {
		profiles = []authority.Profile{oauth.Profile(keys.EdDSA, time.Hour)}
	}
	profiles = append(profiles, toyProfile())
	w := &world{
		t: t, db: storetest.Open(t, store.SQLite), clock: fake.NewClock(time.Now().Truncate(time.Second)),
		log: &bytes.Buffer{}, urls: map[authority.Stand]string{}, clients: map[string]client{},
	}
	w.ring = coretest.Ring(t, w.db, authority.Uses(profiles), w.clock.Now)
	w.openCore(profiles)
	w.populate()
	for _, stand := range authority.Stands() {
		w.serve(stand, profiles)
	}
	return w
}

func (w *world) openCore(profiles []authority.Profile) {
	w.t.Helper()
	_, err := w.db.Stands(w.t.Context(), func() string { return "issuer" })
	w.must(err)
	feed := authority.NewFeed(0)
	rows := core.New(w.db, feed.Apply)
	w.auth, err = authority.New(authority.Config{
		Profiles: profiles, Ring: w.ring, Feed: feed,
		Ports:     authority.Ports{Credentials: rows, Grants: rows, Revocations: rows, Callers: rows, Auditor: rows, Codes: rows},
		Attempts:  limit.NewAttempts(limit.AttemptsConfig{Now: w.clock.Now}),
		Passwords: coretest.Passwords(),
		Epochs:    map[authority.Stand]uint64{authority.Production: 1, authority.Test: 1},
		Issuer: func(stand authority.Stand, dialect string) string {
			if dialect == oauth.Name {
				return w.urls[stand]
			}
			return string(stand) + "/" + dialect
		},
		Now: w.clock.Now,
	})
	w.must(err)
}

// serve opens a stand as the server does.
func (w *world) serve(stand authority.Stand, profiles []authority.Profile) {
	w.t.Helper()
	var signers []string
	for _, p := range profiles {
		signers = append(signers, p.Dialect)
	}
	door := oauth.New(oauth.Config{
		Core: counted{w.auth, &w.lookups}, Tokens: w.auth, Keys: w.ring, Signers: signers, Now: w.clock.Now,
		Issuer: func(s authority.Stand) string { return w.urls[s] },
		Scopes: []authority.Permission{"TasksList", authority.TokensIntrospect, authority.TokensRevoke},
	})
	logger := slog.New(slog.NewTextHandler(w.log, nil))
	router, routes, err := dialect.Mount(dialect.Config{
		Stand: stand, Dialects: []dialect.Dialect{door, toy{}}, Authority: w.auth, Logger: logger,
		Codes: w.auth, Issuer: func(s authority.Stand) string { return w.urls[s] },
		Console: func(authority.Stand) string { return "https://console.example" },
	})
	w.must(err)
	w.routes = routes
	server := httptest.NewServer(&web.Edge{Router: router, Logger: logger, Now: w.clock.Now})
	w.t.Cleanup(server.Close)
	w.close = append(w.close, server.Close)
	w.urls[stand] = server.URL
}

// populate makes two accounts of production and whom the tests need in them.
func (w *world) populate() {
	w.home, w.foreign = w.account("Ромашка", 1), w.account("Лютик", 2)
	rights := `["TasksList","TokensIntrospect","TokensRevoke"]`
	w.add("main", w.home, authority.ApplicationSecret, oauth.Name, rights)
	w.add("plain", w.home, authority.ApplicationSecret, oauth.Name, `["TasksList"]`)
	w.add("ringer", w.home, authority.ApplicationSecret, "ringme", rights)
	w.add("key", w.home, authority.AccessKey, "", `["TasksList"]`)
	w.add("service", w.home, authority.ServiceToken, "", `["TasksList"]`)
	w.add("stranger", w.foreign, authority.ApplicationSecret, oauth.Name, rights)
}

func (w *world) account(name string, number int64) authority.Account {
	a := authority.Account{ID: authority.NewID(), Stand: authority.Production, Name: name}
	w.exec(`INSERT INTO accounts (id, stand, name, contract, number, disabled, settings, mark, created_ms)
		VALUES ($1, 'production', $2, $2, $3, 0, '{"accept_tokens_from":{"toy":["oauth"]}}', 0, 1)`, a.ID, name, number)
	return a
}

// add makes a principal with one role and one secret.
func (w *world) add(name string, a authority.Account, kind authority.CredentialKind, made, rights string) client {
	w.t.Helper()
	c := client{principal: authority.NewID(), credential: authority.NewID()}
	role := authority.NewID()
	secret := authority.NewSecretText(kind, c.credential)
	switch kind {
	case authority.ApplicationSecret:
		c.id = name + "-" + authority.NewSecretText(kind, c.principal).Reveal()[7:16]
	case authority.AccessKey:
		c.id = base64.URLEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 0xef, 0xbe, 1}, 8))
		secret = authority.NewSecret(base64.URLEncoding.EncodeToString(bytes.Repeat([]byte{0xff, 0xef, 0xfe, 2}, 8)))
	default:
	}
	c.secret = secret.Reveal()
	w.exec(`INSERT INTO roles (id, account, name, permissions) VALUES ($1, $2, $3, $4)`, role, a.ID, name, rights)
	w.exec(`INSERT INTO principals (id, account, stand, kind, name, login, login_key, group_name, disabled, all_areas, mark, created_ms)
		VALUES ($1, $2, 'production', 'application', $3, '', NULL, '', 0, 1, 0, 1)`, c.principal, a.ID, name)
	w.exec(`INSERT INTO principal_roles (principal, role) VALUES ($1, $2)`, c.principal, role)
	w.insertSecret(a, c, kind, made)
	w.clients[name] = c
	return c
}

func (w *world) insertSecret(a authority.Account, c client, kind authority.CredentialKind, made string) {
	w.t.Helper()
	digest, pepper, err := w.auth.Digest(authority.Production, kind, authority.NewSecret(c.secret))
	w.must(err)
	w.exec(`INSERT INTO credentials (id, account, principal, stand, kind, client_id, dialect, description, digest,
		pepper, hash, revision, expires_ms, allow_list, revoked, mark, live_grants, created_ms, last_used_ms, last_address, uses)
		VALUES ($1, $2, $3, 'production', $4, $5, $6, '', $7, $8, '', 1, 0, '[]', 0, 0, 0, 1, 0, '', 0)`,
		c.credential, a.ID, c.principal, kind, c.id, made, digest, pepper)
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	w.must(w.db.Write(w.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

func (w *world) count(query string, args ...any) (n int) {
	w.t.Helper()
	w.must(w.auth.Flush(w.t.Context()))
	w.must(w.db.ReadOne(w.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends one request to a stand's path.
func (w *world) send(stand authority.Stand, method, path, body string, header http.Header) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.urls[stand]+path, strings.NewReader(body))
	w.must(err)
	req.Header = header
	if req.Header == nil {
		req.Header = http.Header{}
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	w.must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	w.must(err)
	return answer{resp.StatusCode, resp.Header, string(text)}
}

// post sends a form to production; authorization may be empty.
func (w *world) post(path, authorization string, form url.Values) answer {
	w.t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if authorization != "" {
		header.Set("Authorization", authorization)
	}
	return w.send(authority.Production, http.MethodPost, path, form.Encode(), header)
}

// toyTokens are the access and refresh token of the service, made by the toy.
func (w *world) toyTokens() (access, refresh string) {
	w.t.Helper()
	out, err := w.auth.Issue(context.WithoutCancel(w.t.Context()), authority.IssueRequest{
		Origin: authority.Origin{Stand: authority.Production, Dialect: "toy", Address: netip.MustParseAddr("127.0.0.1")},
		Kind:   authority.ServiceToken, Secret: authority.NewSecret(w.clients["service"].secret),
	})
	w.must(err)
	return out.Access.Reveal(), out.Refresh.Reveal()
}

// form is a form of pairs: name, value, name, value.
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

// token is an access token of the named client, made at this door.
func (w *world) token(name string) string {
	w.t.Helper()
	a := w.post("/oauth/token", w.clients[name].basic(), form("grant_type", "client_credentials"))
	var got oauth.TokenAnswer
	w.read(a, &got)
	return got.AccessToken
}

// read decodes a 200.
func (w *world) read(a answer, into any) {
	w.t.Helper()
	if a.status != http.StatusOK {
		w.t.Fatalf("status %d: %s", a.status, a.body)
	}
	w.must(json.Unmarshal([]byte(a.body), into))
}

// get reads a document of production.
func (w *world) get(path string) answer {
	w.t.Helper()
	return w.send(authority.Production, http.MethodGet, path, "", nil)
}

// refused checks an error of the endpoints.
func (w *world) refused(what string, a answer, status int, word string) {
	w.t.Helper()
	var e oauth.ErrorAnswer
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status != status || e.Error != word {
		w.t.Errorf("%s: %d %s, want %d %s", what, a.status, a.body, status, word)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Type") != "application/json; charset=utf-8" {
		w.t.Errorf("%s: header %v", what, a.header)
	}
}

// enters reports whether the toy's method takes the token.
func (w *world) enters(token string) bool {
	w.t.Helper()
	a := w.send(authority.Production, http.MethodGet, "/toy", "", http.Header{"Authorization": {"Bearer " + token}})
	if a.status != http.StatusNoContent && a.status != http.StatusUnauthorized {
		w.t.Fatalf("/toy: %d %s", a.status, a.body)
	}
	return a.status == http.StatusNoContent
}
