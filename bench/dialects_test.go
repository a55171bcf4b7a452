package bench_test

import (
	"bytes"
	"crypto"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// BenchmarkDialectIssue asks for tokens at the doors of smarts, element, operator
// and ringme.
func BenchmarkDialectIssue(b *testing.B) {
	w := newWorld(b)
	all, l := w.crowd(b), w.ledger()
	product := func(requests [][]byte) func(testing.TB, int) []act {
		return func(tb testing.TB, n int) []act { return workers(tb, w.addr, n, requests) }
	}
	rows := func(requests [][]byte, commit func(*http.Request) error) func(testing.TB, int) []act {
		limit := bare(b, handler(b, samplePost(b, w.addr, requests[0]), commit))
		return func(tb testing.TB, n int) []act { return workers(tb, limit, n, requests) }
	}
	ringme := each(all, func(m member) []byte { return m.ringme(w.addr) })
	contest{"ringme, trusted", .60, product(ringme), rows(ringme, l.issueGrant)}.run(b)

	element := each(all, func(m member) []byte { return m.element(w.addr) })
	contest{"element RS512", .80, product(element), signing(crypto.SHA512)}.run(b)
	contest{"element, its rows", 0, product(element), rows(element, l.issueGrant)}.run(b)

	operator := each(all, func(m member) []byte { return m.create(w.addr) })
	contest{"operator RS256, twice", .80, product(operator), twice(signing(crypto.SHA256))}.run(b)

	smarts := each(all, func(m member) []byte { return m.signIn(w.addr) })
	hashed := func(r *http.Request) error {
		if _, err := w.data.Passwords.Hash(r.Context(), all[0].password); err != nil {
			return err
		}
		return l.issueGrant(r)
	}
	for _, n := range []int{1, 2} { // more wait for their turn to hash
		c := contest{"smarts, password and argon2id", .60, product(smarts), rows(smarts, hashed)}
		b.Run(fmt.Sprintf("%s/c=%d", c.name, n), func(b *testing.B) { c.at(b, n) })
	}
}

// twice does each act two times: a pair of the operator holds two signatures.
func twice(single func(testing.TB, int) []act) func(testing.TB, int) []act {
	return func(tb testing.TB, n int) []act {
		tb.Helper()
		acts := single(tb, n)
		for i, do := range acts {
			acts[i] = func() error {
				if err := do(); err != nil {
					return err
				}
				return do()
			}
		}
		return acts
	}
}

// BenchmarkDialectRefresh rotates families of smarts, one a connection.
func BenchmarkDialectRefresh(b *testing.B) {
	w := newWorld(b)
	all, l := w.crowd(b), w.ledger()
	l.families(b)
	next := func(body []byte) []byte {
		_, rest, _ := bytes.Cut(body, []byte(`"Refresh_token":"`))
		token, _, _ := bytes.Cut(rest, []byte(`"`))
		return request(w.addr, "/api/session", formType, "grant_type=refresh_token&refresh_token="+string(token))
	}
	shown := next(samplePost(b, w.addr, all[0].signIn(w.addr)).body)
	product := func(tb testing.TB, n int) []act {
		tb.Helper()
		acts := make([]act, n)
		for i := range acts {
			c := dial(tb, w.addr)
			body, err := c.do(all[i].signIn(w.addr))
			must(tb, err)
			mine := next(body)
			acts[i] = func() error {
				body, err := c.do(mine)
				if err == nil {
					mine = next(body)
				}
				return err
			}
		}
		return acts
	}
	limit := bare(b, handler(b, samplePost(b, w.addr, shown), l.rotateGrant))
	contest{"smarts refresh", .60, product, func(tb testing.TB, n int) []act { return workers(tb, limit, n, [][]byte{shown}) }}.run(b)
}

// BenchmarkDialectCall lets callers in to the cheapest method of each dialect:
// verified bearers, and smarts' remembered pairs.
func BenchmarkDialectCall(b *testing.B) {
	w := newWorld(b)
	all := w.crowd(b)
	const groups = "/api/v1/UserGroups('mobile_user')"
	text := func(m member, exchange []byte, member string) string {
		_, rest, _ := bytes.Cut(samplePost(b, w.addr, exchange).body, []byte(`"`+member+`":"`))
		token, _, _ := bytes.Cut(rest, []byte(`"`))
		return "Bearer " + string(token)
	}
	for _, c := range []struct {
		name, path string
		credential func(member) string
	}{
		{"smarts, remembered Basic", groups, func(m member) string { return "Basic " + pairText(m.login, m.password) }},
		{"smarts bearer", groups, func(m member) string { return text(m, m.signIn(w.addr), "Access_token") }},
		{"ringme bearer", "/api/ver1.0/user", func(m member) string { return text(m, m.ringme(w.addr), "access_token") }},
		{"element id token", "/console/api/v2/permissions", func(m member) string { return text(m, m.element(w.addr), "id_token") }},
		{"element access token", "/console/api/v2/permissions", func(m member) string { return text(m, m.element(w.addr), "access_token") }},
	} {
		requests := each(all, func(m member) []byte { return get(w.addr, c.path, c.credential(m)) })
		first := dial(b, w.addr)
		for _, request := range requests { // each pair and token is verified once
			_, err := first.do(request)
			must(b, err)
		}
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+w.addr+c.path, http.NoBody)
		must(b, err)
		r.Header.Set("Authorization", credentialIn(requests[0]))
		limit := bare(b, handler(b, sample(b, r), nil))
		contest{
			c.name, .60,
			func(tb testing.TB, n int) []act { return workers(tb, w.addr, n, requests) },
			func(tb testing.TB, n int) []act { return workers(tb, limit, n, requests) },
		}.run(b)
	}
}

func get(addr, path, credential string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: bench\r\nAccept: */*\r\nAuthorization: %s\r\n\r\n", path, addr, credential)
}

func credentialIn(request []byte) string {
	_, rest, _ := strings.Cut(string(request), "Authorization: ")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}
