package demo_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash"
	"math/big"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/testenv"
)

// One core behind all dialects: what one issued, another knows and ends.
func TestRule01OneCore(t *testing.T) {
	p := shared(t)
	a := p.Fixture.Accounts[0]
	token := p.HubEx(t, authority.Production, a.HubEx.ServiceToken)
	asked := p.Ask(t, a, token.Access)
	var about struct {
		Active   bool
		Exp, Iat int64
		Propusk  struct{ Dialect, Kind string }
	}
	asked.JSON(t, &about)
	if !about.Active || about.Propusk.Dialect != "hubex" || about.Propusk.Kind != "access" || about.Exp-about.Iat != token.Expires {
		t.Errorf("introspection of a hubex token: %s", asked.Body)
	}
	if done := p.Revoke(t, a, token.Access); done.Status != 200 {
		t.Fatalf("revoke: %d %s", done.Status, done.Body)
	}
	p.dead(t, "the revoked token", token.Access)
	if again := p.Ask(t, a, token.Access); again.Body != `{"active":false}` {
		t.Errorf("introspection after it: %s", again.Body)
	}
}

// Tokens of one dialect do not open another, and no header member chooses key or
// algorithm (B1, B2, B8).
func TestRule02Separation(t *testing.T) {
	p := shared(t)
	a := p.Fixture.Accounts[0]
	good := p.HubEx(t, authority.Production, a.HubEx.ServiceToken).Access
	p.dead(t, "an oauth token at hubex", p.OAuth(t, a))
	sink := listen(t)
	junk := p.tasks(t, authority.Production, "junk")
	for name, token := range forgeries(t, p, good, sink.Addr().String()) {
		got := p.tasks(t, authority.Production, token)
		if got.Status != 401 || len(got.Body) != len(junk.Body) {
			t.Errorf("%s: %d %s", name, got.Status, got.Body)
		}
		if got.Took > time.Second {
			t.Errorf("%s took %v", name, got.Took)
		}
		if got := p.refresh(t, token); got.Status != 401 && got.Status != 400 {
			t.Errorf("%s as a refresh token: %d %s", name, got.Status, got.Body)
		}
		if got := p.Ask(t, a, token); got.Body != `{"active":false}` {
			t.Errorf("%s introspected: %s", name, got.Body)
		}
	}
	if sink.reached() {
		t.Error("a token made the server connect to an address of its own choice")
	}
	p.alive(t, "the token that they were made of", good)
}

// sink counts who connects.
type sink struct {
	net.Listener

	mu    sync.Mutex
	count int
}

func listen(t *testing.T) *sink {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{Listener: l}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
			s.mu.Lock()
			s.count++
			s.mu.Unlock()
		}
	}()
	return s
}

func (s *sink) reached() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count > 0
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func decode(t *testing.T, part string) string {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func mac(h func() hash.Hash, key []byte, text string) string {
	m := hmac.New(h, key)
	m.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// forgeries makes tokens of good that a careless verifier takes.
func forgeries(t *testing.T, p *process, good, url string) map[string]string {
	t.Helper()
	parts := strings.Split(good, ".")
	header, payload, signature := decode(t, parts[0]), decode(t, parts[1]), parts[2]
	out := map[string]string{
		"JSON serialisation": `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + signature + `"}`,
		"two parts":          parts[0] + "." + parts[1], "four parts": good + ".", "five parts": good + ".." + parts[1],
		"no signature": parts[0] + "." + parts[1] + ".", "nothing but dots": "..",
		"nested":         encode(`{"alg":"HS256","cty":"JWT"}`) + "." + encode(good) + "." + signature,
		"other payload":  parts[0] + "." + encode(strings.Replace(payload, `"sub":"`, `"sub":"1`, 1)) + "." + signature,
		"later expiry":   parts[0] + "." + encode(strings.Replace(payload, `"exp":1`, `"exp":9`, 1)) + "." + signature,
		"header with LF": encode(header+"\n") + "." + parts[1] + "." + signature,
	}
	for _, alg := range []string{"none", "None", "NONE", "nOnE", "", "HS256 ", "hs256", "HS1", "dir", "RS256", "EdDSA", "ES256"} {
		head := encode(`{"alg":"` + alg + `","typ":"JWT"}`)
		out["alg "+alg] = head + "." + parts[1] + "."
		out["alg "+alg+" signed"] = head + "." + parts[1] + "." + signature
	}
	var members map[string]any
	if err := json.Unmarshal([]byte(header), &members); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{
		"jku": "http://" + url + "/keys", "x5u": "http://" + url + "/cert", "x5c": []string{"AAAA"}, "crit": []string{"exp"},
		"b64": false, "zip": "DEF", "jwk": map[string]string{"kty": "oct", "k": encode("key")}, "kid": "../../../dev/null",
	} {
		former, had := members[name]
		members[name] = value
		text, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = encode(string(text)) + "." + parts[1] + "." + mac(sha256.New, []byte("key"), encode(string(text))+"."+parts[1])
		out[name+" kept signature"] = encode(string(text)) + "." + parts[1] + "." + signature
		if delete(members, name); had {
			members[name] = former
		}
	}
	for name, key := range publicTexts(t, p) {
		for alg, h := range map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New} {
			head := encode(strings.Replace(header, "HS256", alg, 1))
			out[name+" as a secret, "+alg] = head + "." + parts[1] + "." + mac(h, key, head+"."+parts[1])
		}
	}
	return out
}

// publicTexts writes the published keys in every way somebody could take for a
// secret.
func publicTexts(t *testing.T, p *process) map[string][]byte {
	t.Helper()
	var set struct{ Keys []json.RawMessage }
	a := p.Do(t, testenv.Call{Path: "/.well-known/jwks.json"})
	a.JSON(t, &set)
	out := map[string][]byte{"nothing": {}, "the key set": []byte(a.Body)}
	for i, key := range set.Keys {
		var k struct{ X, N, Kty, Kid string }
		if err := json.Unmarshal(key, &k); err != nil {
			t.Fatal(err)
		}
		public, raw := publicKey(t, k.Kty, k.X+k.N)
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		for name, bytes := range map[string][]byte{
			"raw": raw, "DER": der, "PEM": text, "PEM without LF": text[:len(text)-1], "x or n": []byte(k.X + k.N), "JWK": key, "kid": []byte(k.Kid),
			"PEM with CRLF": []byte(strings.ReplaceAll(string(text), "\n", "\r\n")),
		} {
			out[fmt.Sprintf("key %d as %s", i, name)] = bytes
		}
		if k.Kty == "RSA" {
			out[fmt.Sprintf("key %d as PKCS1", i)] = pem.EncodeToMemory(&pem.Block{
				Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(public.(*rsa.PublicKey)),
			})
		}
	}
	return out
}

// publicKey reads x or n of a published key.
func publicKey(t *testing.T, kind, text string) (key any, raw []byte) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	switch kind {
	case "OKP":
		return ed25519.PublicKey(raw), raw
	case "RSA":
		return &rsa.PublicKey{N: new(big.Int).SetBytes(raw), E: 65537}, raw
	}
	t.Fatalf("a published key of type %s", kind)
	return nil, nil
}

// Revoked is refused at once and for ever: by token, grant, credential,
// principal, account; after a kill -9 as well (B12, B32).
func TestRule07Revocation(t *testing.T) {
	p := own(t)
	a := p.Fixture.Accounts[0]
	id, secret := p.service(t, a, "Обмен с 1С")
	tokens := map[string]string{}
	issue := func(name string) testenv.HubEx {
		out := pair(t, p.exchange(t, secret))
		tokens[name] = out.Access
		p.alive(t, name, out.Access)
		return out
	}
	token, grant := issue("by token"), issue("by refresh token")
	if got := p.Revoke(t, a, token.Access); got.Status != 200 {
		t.Errorf("revoke: %d", got.Status)
	}
	p.dead(t, "a token revoked", token.Access)
	if got := p.Revoke(t, a, grant.Refresh); got.Status != 200 {
		t.Errorf("revoke: %d", got.Status)
	}
	p.dead(t, "a token whose refresh token was revoked", grant.Access)
	steps := []struct {
		name string
		args []string
		back []string
	}{
		{"grants of the principal", []string{"grant", "revoke", "--principal", id}, nil},
		{"every grant of the account", []string{"grant", "revoke", "--all"}, nil},
		{"another secret in its place", []string{"service-token", id}, nil},
		{"principal disabled", []string{"service-user", "update", id, "--disable"}, []string{"service-user", "update", id, "--enable"}},
		{"account disabled", []string{"account", "disable"}, []string{"account", "enable"}},
	}
	for _, step := range steps {
		before := issue(step.name)
		out := p.admin(t, a, step.args...)
		p.dead(t, step.name, before.Access)
		if got := p.refresh(t, before.Refresh); got.Status != 401 {
			t.Errorf("%s: the refresh token: %d %s", step.name, got.Status, got.Body)
		}
		if step.args[0] == "service-token" {
			if got := p.exchange(t, secret); got.Status != 401 {
				t.Errorf("the former secret: %d", got.Status)
			}
			secret = field(t, out, "secret")
		}
		if step.back == nil {
			continue
		}
		if got := p.exchange(t, secret); got.Status != 401 {
			t.Errorf("%s: the service token: %d", step.name, got.Status)
		}
		p.admin(t, a, step.back...)
		p.dead(t, step.name+", and back", before.Access)
	}
	last := issue("the last")
	next := p.again(t)
	for name, token := range tokens {
		if name != "the last" {
			next.dead(t, name+", after kill -9", token)
		}
	}
	next.alive(t, "the last, after kill -9", last.Access)
}

// Whatever the order, a token lives exactly if nothing that covers it was revoked
// after its issue (B12, black box).
func TestRule07RandomOrders(t *testing.T) {
	p := shared(t)
	a := p.Fixture.Accounts[1]
	r := rand.New(rand.NewPCG(7, 7))
	id, secret := p.service(t, a, "Обмен с 1С")
	type issued struct {
		testenv.HubEx
		alive bool
	}
	var all []*issued
	for range 40 {
		switch act := r.IntN(10); {
		case act < 6 || len(all) == 0:
			all = append(all, &issued{pair(t, p.exchange(t, secret)), true})
		case act < 8:
			one := all[r.IntN(len(all))]
			p.Revoke(t, a, one.Access)
			one.alive = false
		default:
			p.admin(t, a, "grant", "revoke", "--principal", id)
			for _, one := range all {
				one.alive = false
			}
		}
		one := all[r.IntN(len(all))]
		if got := p.tasks(t, authority.Production, one.Access); (got.Status == 200) != one.alive {
			t.Fatalf("alive is %v, the answer %d", one.alive, got.Status)
		}
	}
}

// A lost answer is said again, byte for byte, also after kill -9; any other reuse
// ends the family (B27, B28).
func TestRule08Refresh(t *testing.T) {
	p := own(t)
	secret := p.Fixture.Accounts[0].HubEx.ServiceToken
	first := pair(t, p.exchange(t, secret))
	second := pair(t, p.refresh(t, first.Refresh))
	again := pair(t, p.refresh(t, first.Refresh))
	if again.Access != second.Access || again.Refresh != second.Refresh {
		t.Error("the retry got other tokens")
	}
	p = p.again(t)
	again = pair(t, p.refresh(t, first.Refresh))
	if again.Access != second.Access || again.Refresh != second.Refresh {
		t.Error("the retry after kill -9 got other tokens")
	}
	p.alive(t, "the former access token", first.Access)
	p.alive(t, "the successor", second.Access) // and now it is in use
	if got := p.refresh(t, first.Refresh); got.Status != 401 {
		t.Errorf("a spent refresh token whose successor is in use: %d", got.Status)
	}
	p.dead(t, "the successor of a stolen token", second.Access)
	if got := p.refresh(t, second.Refresh); got.Status != 401 {
		t.Errorf("its refresh token: %d", got.Status)
	}
	p.parallel(t, pair(t, p.exchange(t, secret)))
}

// parallel refreshes one token from many sides: one successor.
func (p *process) parallel(t *testing.T, first testenv.HubEx) {
	t.Helper()
	answers := make([]testenv.Answer, 32)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = p.refresh(t, first.Refresh) })
	}
	wg.Wait()
	var one testenv.HubEx
	for _, a := range answers {
		switch got := (testenv.HubEx{}); a.Status {
		case 200:
			a.JSON(t, &got)
			if one.Access != "" && (got.Access != one.Access || got.Refresh != one.Refresh) {
				t.Error("two parallel refreshes got different tokens")
			}
			one = got
		case 400, 401:
		default:
			t.Errorf("a parallel refresh: %d %s", a.Status, a.Body)
		}
	}
	p.alive(t, "the one successor", one.Access)
}

// Tokens and secrets of one stand are junk on the other, keys are apart, and so
// are issuers.
func TestRule10Stands(t *testing.T) {
	p := shared(t)
	a, twin := p.Fixture.Accounts[0], p.Fixture.Test.Accounts[0]
	ours, theirs := p.HubEx(t, authority.Production, a.HubEx.ServiceToken), p.HubEx(t, authority.Test, twin.HubEx.ServiceToken)
	p.dead(t, "a token of the test stand", theirs.Access)
	if got := p.tasks(t, authority.Test, ours.Access); got.Status != 401 {
		t.Errorf("a token of production on the test stand: %d", got.Status)
	}
	if got := p.exchange(t, twin.HubEx.ServiceToken); got.Status != 401 {
		t.Errorf("a service token of the test stand: %d", got.Status)
	}
	if got := p.refresh(t, theirs.Refresh); got.Status != 401 {
		t.Errorf("a refresh token of the test stand: %d", got.Status)
	}
	if got := p.Ask(t, a, theirs.Access); got.Body != `{"active":false}` {
		t.Errorf("introspected: %s", got.Body)
	}
	keys := func(stand authority.Stand) string {
		return p.Do(t, testenv.Call{Stand: stand, Path: "/.well-known/jwks.json"}).Body
	}
	if keys(authority.Production) == keys(authority.Test) {
		t.Error("both stands publish the same keys")
	}
	issuer := func(stand authority.Stand) string {
		return p.Do(t, testenv.Call{Stand: stand, Path: "/.well-known/oauth-authorization-server"}).Field(t, "issuer")
	}
	if issuer(authority.Production) != p.Fixture.BaseURL || issuer(authority.Test) != p.Fixture.TestBaseURL {
		t.Errorf("issuers %s and %s", issuer(authority.Production), issuer(authority.Test))
	}
}

// Only the one spelling is the token (B4, B5), and its times are what was said
// (B7).
func TestRule15Spelling(t *testing.T) {
	p := shared(t)
	a := p.Fixture.Accounts[0]
	token := pair(t, p.exchange(t, a.HubEx.ServiceToken))
	parts := strings.Split(token.Access, ".")
	var claims struct{ Exp, Iat int64 }
	if err := json.Unmarshal([]byte(decode(t, parts[1])), &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Exp-claims.Iat != token.Expires || token.Expires != 86400 {
		t.Errorf("exp-iat %d, expires_in %d", claims.Exp-claims.Iat, token.Expires)
	}
	var texts []string
	for part := range parts {
		raw := []byte(decode(t, parts[part]))
		for bit := range len(raw) * 8 {
			raw[bit/8] ^= 1 << (bit % 8)
			flipped := append([]string(nil), parts...)
			flipped[part] = encode(string(raw))
			texts = append(texts, strings.Join(flipped, "."))
			raw[bit/8] ^= 1 << (bit % 8)
		}
	}
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, c := range alphabet {
		if twin := token.Access[:len(token.Access)-1] + string(c); twin != token.Access {
			texts = append(texts, twin)
		}
	}
	texts = append(texts, token.Access+"=", token.Access+"==", strings.NewReplacer("-", "+", "_", "/").Replace(token.Access)+"=")
	for _, text := range texts {
		if got := p.tasks(t, authority.Production, text); got.Status != 401 {
			t.Fatalf("another spelling: %d: %s", got.Status, text)
		}
	}
	for _, text := range []string{token.Access + "\n", "\r\n" + token.Access, token.Access + " ", token.Access[:20] + "\n" + token.Access[20:]} {
		if got := p.Ask(t, a, text); got.Body != `{"active":false}` {
			t.Errorf("another spelling in a form: %s", got.Body)
		}
	}
	p.alive(t, "the one spelling", token.Access)
}

// Short texts open nothing (B15); names cannot write claims (B10).
func TestRule15Texts(t *testing.T) {
	p := shared(t)
	for i := range 36 * 36 {
		text := string([]byte{"0123456789abcdefghijklmnopqrstuvwxyz"[i/36], "0123456789abcdefghijklmnopqrstuvwxyz"[i%36]})
		if got := p.tasks(t, authority.Production, text[i%2:]); got.Status != 401 {
			t.Fatalf("%q: %d", text, got.Status)
		}
	}
	a := p.Fixture.Accounts[0]
	name := `x","sub":"1","a":"</script>`
	made := p.admin(t, a, "service-user", "create", name, "--role", "Обмен с 1С", "--all-areas")
	var user struct{ ID json.Number }
	if err := json.Unmarshal([]byte(made), &user); err != nil {
		t.Fatal(err)
	}
	secret := field(t, p.admin(t, a, "service-token", user.ID.String()), "secret")
	token := pair(t, p.exchange(t, secret))
	claims := decode(t, strings.Split(token.Access, ".")[1])
	if strings.Count(claims, `"sub":`) > 1 || strings.Contains(claims, `"sub":"1"`) {
		t.Errorf("claims %s", claims)
	}
}
