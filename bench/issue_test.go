package bench_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
)

// BenchmarkIssue asks for tokens over HTTP and holds the rate against a bare
// handler that commits the same rows, or the signature alone.
func BenchmarkIssue(b *testing.B) {
	w := newWorld(b)
	doors := w.open(b)
	hubex := w.requests(w.addr, "/fsm/AUTHZ/AccessTokens", "serviceToken")
	rows := func(addr string, requests [][]byte, commit func(*http.Request) error) func(testing.TB, int) []act {
		l := bare(b, handler(b, samplePost(b, addr, requests[0]), commit))
		return func(tb testing.TB, n int) []act { return workers(tb, l, n, requests) }
	}
	product := func(addr string, requests [][]byte) func(testing.TB, int) []act {
		return func(tb testing.TB, n int) []act { return workers(tb, addr, n, requests) }
	}
	contest{"hubex HS256", .60, product(w.addr, hubex), rows(w.addr, hubex, w.ledger().issueGrant)}.run(b)
	contest{"hubex HS256, three writes", 0, product(w.addr, hubex), rows(w.addr, hubex, w.ledger().issue)}.run(b)
	for _, name := range []string{sealed, short} {
		requests := w.requests(doors, "/"+name+"/token", "service_token")
		contest{"opaque, " + name, .60, product(doors, requests), rows(doors, requests, w.ledger().issueGrant)}.run(b)
	}
	contest{"oauth RS256", .80, product(w.addr, w.clientRequests()), signing(crypto.SHA256)}.run(b)
	contest{"RS512", .80, product(doors, w.requests(doors, "/"+rs512+"/token", "service_token")), signing(crypto.SHA512)}.run(b)
}

// requests exchange each of our service tokens.
func (w *world) requests(addr, path, member string) [][]byte {
	out := make([][]byte, len(w.ours))
	for i, h := range w.ours {
		out[i] = request(addr, path, "application/json", fmt.Sprintf(`{%q:%q}`, member, h.token.Reveal()))
	}
	return out
}

// clientRequests are client_credentials of each application.
func (w *world) clientRequests() [][]byte {
	out := make([][]byte, len(w.clients))
	for i, c := range w.clients {
		basic := base64.StdEncoding.EncodeToString([]byte(c.Secret.Credential.ClientID + ":" + c.Secret.Secret.Reveal()))
		out[i] = request(w.addr, "/oauth/token", "application/x-www-form-urlencoded",
			"grant_type=client_credentials", "Authorization: Basic "+basic+"\r\n")
	}
	return out
}

// signing is crypto/rsa alone, n goroutines on all cores.
func signing(hash crypto.Hash) func(testing.TB, int) []act {
	return func(tb testing.TB, n int) []act {
		tb.Helper()
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		must(tb, err)
		text := bytes.Repeat([]byte("x"), 700)
		acts := make([]act, n)
		for i := range acts {
			acts[i] = func() error {
				h := hash.New()
				h.Write(text)
				_, err := rsa.SignPKCS1v15(nil, key, hash, h.Sum(nil))
				return err
			}
		}
		return acts
	}
}

var _ = sha256.New // links the hash behind crypto.SHA256

// BenchmarkRefresh rotates families, one a connection.
func BenchmarkRefresh(b *testing.B) {
	w := newWorld(b)
	l := w.ledger()
	first := w.requests(w.addr, "/fsm/AUTHZ/AccessTokens", "serviceToken")
	a := samplePost(b, w.addr, first[0])
	shown := [][]byte{refreshRequest(w.addr, refreshIn(a.body))}
	l.families(b)
	product := func(tb testing.TB, n int) []act { return w.chains(tb, n, first) }
	against := func(commit func(*http.Request) error) func(testing.TB, int) []act {
		limit := bare(b, handler(b, a, commit))
		return func(tb testing.TB, n int) []act { return workers(tb, limit, n, shown) }
	}
	contest{"hubex refresh", .60, product, against(l.rotateGrant)}.run(b)
	contest{"hubex refresh, two writes", 0, product, against(l.rotate)}.run(b)
}

func refreshRequest(addr string, token []byte) []byte {
	return request(addr, "/fsm/AUTHZ/AccessTokens", "application/json", fmt.Sprintf(`{"refreshJwt":%q}`, token))
}

// refreshIn finds the refresh token of an answer.
func refreshIn(body []byte) []byte {
	_, rest, _ := bytes.Cut(body, []byte(`"refresh_token":"`))
	token, _, _ := bytes.Cut(rest, []byte(`"`))
	return token
}

// chains gives n workers, each with a family whose newest token it shows.
func (w *world) chains(tb testing.TB, n int, first [][]byte) []act {
	tb.Helper()
	acts := make([]act, n)
	for i := range acts {
		c := dial(tb, w.addr)
		body, err := c.do(first[i%len(first)])
		must(tb, err)
		next := refreshRequest(w.addr, refreshIn(body))
		acts[i] = func() error {
			body, err := c.do(next)
			if err == nil {
				copy(next[bytes.LastIndex(next, []byte(`:"`))+2:], refreshIn(body)) // always as long
			}
			return err
		}
	}
	return acts
}

// BenchmarkBearer lets verified bearers in, to a route that does nothing.
func BenchmarkBearer(b *testing.B) {
	w := newWorld(b)
	doors := w.open(b)
	for _, name := range []string{hs256, rs256, rs512, sealed, short} {
		requests := w.pings(b, doors, name)
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+doors+"/"+name+"/ping", http.NoBody)
		must(b, err)
		r.Header.Set("Authorization", "Bearer "+w.bearer(b, doors, name, w.ours[0]))
		limit := bare(b, handler(b, sample(b, r), nil))
		contest{
			"bearer " + name, .60,
			func(tb testing.TB, n int) []act { return workers(tb, doors, n, requests) },
			func(tb testing.TB, n int) []act { return workers(tb, limit, n, requests) },
		}.run(b)
	}
}

func (w *world) pings(tb testing.TB, addr, name string) [][]byte {
	tb.Helper()
	var out [][]byte
	for _, h := range w.ours[:16] {
		out = append(out, fmt.Appendf(nil, "GET /%s/ping HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\nAuthorization: Bearer %s\r\n\r\n",
			name, addr, w.bearer(tb, addr, name, h)))
	}
	return out
}

func (w *world) bearer(tb testing.TB, addr, name string, h holder) string {
	tb.Helper()
	a := samplePost(tb, addr, request(addr, "/"+name+"/token", "application/json", fmt.Sprintf(`{"service_token":%q}`, h.token.Reveal())))
	_, rest, _ := bytes.Cut(a.body, []byte(`"access_token":"`))
	token, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(token)
}
