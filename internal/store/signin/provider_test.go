package signin_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"propusk/internal/authority"
	"propusk/internal/signin"
)

// company is a provider that says of whoever comes what the test wants.
type company struct {
	s      *stage
	server *httptest.Server
	key    *rsa.PrivateKey
	claims map[string]any // besides or in the place of the right ones
	asked  url.Values     // of the browser that went there
	status int            // of the token's answer; 0 = 200
}

func (s *stage) company() *company {
	s.t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	s.must(err)
	p := &company{s: s, key: key}
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, status int, what any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(what)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		at := p.server.URL
		answer(w, 200, map[string]any{
			"issuer": at, "authorization_endpoint": at + "/authorize", "token_endpoint": at + "/token", "jwks_uri": at + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != p.asked.Get("code_challenge") || r.FormValue("code") != "good" || p.status != 0 {
			answer(w, max(p.status, 400), map[string]any{"error": "invalid_grant"})
			return
		}
		answer(w, 200, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.token()})
	})
	p.server = httptest.NewServer(mux)
	s.t.Cleanup(p.server.Close)
	return p
}

func (p *company) token() string {
	now := p.s.clock.Now().Unix()
	claims := map[string]any{
		"iss": p.server.URL, "aud": "propusk", "sub": "1", "iat": now, "exp": now + 60, "nonce": p.asked.Get("nonce"),
		"email": "Anna@example.com", "email_verified": true, "preferred_username": "anna@example.com",
	}
	for name, value := range p.claims {
		claims[name] = value
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: p.key, KeyID: "k"}}, nil)
	p.s.must(err)
	raw, err := json.Marshal(claims)
	p.s.must(err)
	signed, err := signer.Sign(raw)
	p.s.must(err)
	text, err := signed.CompactSerialize()
	p.s.must(err)
	return text
}

func (p *company) config() *signin.ProviderConfig {
	return &signin.ProviderConfig{Issuer: p.server.URL, ClientID: "propusk", Secret: authority.NewSecret("s")}
}

// travel goes to the provider and back with what it adds to the address.
func (p *company) travel(trip signin.Trip, back url.Values) (signin.Opened, string, error) {
	p.s.t.Helper()
	trip.Callback = "/sign-in/return"
	j, err := p.s.in.Depart(p.s.ctx(), visit(), trip)
	p.s.must(err)
	u, err := url.Parse(j.URL)
	p.s.must(err)
	p.asked = u.Query()
	query := url.Values{"code": {"good"}, "state": {p.asked.Get("state")}}
	for name, values := range back {
		query[name] = values
	}
	return p.s.in.Return(p.s.ctx(), visit(), j.Ticket, query)
}

func TestProviderLetsKnownUsersIn(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		p := s.company()
		for _, match := range []string{signin.MatchEmail, signin.MatchUsername} {
			c := p.config()
			c.Match, c.Contracts = match, []string{"D-1"}
			s.start(c)
			opened, next, err := p.travel(signin.Trip{Next: "/tasks"}, nil)
			s.must(err)
			session := opened.Session
			if s.caller(opened.Token).Principal().ID != s.anna || next != "/tasks" || session.Method != signin.MethodProvider || session.Fresh(s.clock.Now()) {
				t.Errorf("%+v, %s", session, next)
			}
			if p.asked.Get("redirect_uri") != consoleURL+"/sign-in/return" || p.asked.Get("code_challenge_method") != "S256" {
				t.Errorf("asked with %v", p.asked)
			}
		}
	})
}

func TestProviderRefusals(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		p := s.company()
		s.start(p.config())
		invalid, forbidden := authority.InvalidGrant, authority.Forbidden
		for name, c := range map[string]struct {
			claims map[string]any
			back   url.Values
			status int
			code   authority.Code
		}{
			"unverified":        {claims: map[string]any{"email_verified": false}, code: invalid},
			"no address":        {claims: map[string]any{"email": ""}, code: invalid},
			"a stranger":        {claims: map[string]any{"email": "nobody@example.com"}, code: forbidden},
			"without a page":    {claims: map[string]any{"email": "boris"}, code: forbidden},
			"another audience":  {claims: map[string]any{"aud": "other"}, code: invalid},
			"another issuer":    {claims: map[string]any{"iss": "https://login.example.org"}, code: invalid},
			"another nonce":     {claims: map[string]any{"nonce": "x"}, code: invalid},
			"expired":           {claims: map[string]any{"exp": s.clock.Now().Unix() - 1}, code: invalid},
			"another state":     {back: url.Values{"state": {"x"}}, code: invalid},
			"refused there":     {back: url.Values{"error": {"access_denied"}}, code: invalid},
			"another code":      {back: url.Values{"code": {"bad"}}, code: invalid},
			"the provider fell": {status: 500, code: authority.Unavailable},
		} {
			p.claims, p.status = c.claims, c.status
			if _, _, err := p.travel(signin.Trip{}, c.back); authority.CodeOf(err) != c.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := s.count(`SELECT count(*) FROM grants`); n != 0 {
			t.Errorf("%d grants", n)
		}
	})
}

func TestProviderOfOtherAccounts(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		p := s.company()
		c := p.config()
		c.Contracts = []string{"D-2"}
		s.start(c)
		_, _, err := p.travel(signin.Trip{}, nil)
		s.refused(err, authority.Forbidden)
		if n := s.audited(`verb = 'session.begin' AND outcome = 'refused' AND reason = 'provider_not_for_account' AND actor = $1`, s.anna); n != 1 {
			t.Errorf("%d refusals in the audit", n)
		}
	})
}

func TestProviderProvesAnew(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		p := s.company()
		s.start(p.config())
		_, _, err := p.travel(signin.Trip{Again: true}, nil)
		s.refused(err, authority.InvalidGrant)
		if p.asked.Get("prompt") != "login" {
			t.Errorf("asked with %v", p.asked)
		}
		p.claims = map[string]any{"auth_time": s.clock.Now().Add(-time.Hour).Unix()}
		_, _, err = p.travel(signin.Trip{Again: true}, nil)
		s.refused(err, authority.InvalidGrant)
		p.claims = map[string]any{"auth_time": s.clock.Now().Add(time.Hour).Unix()}
		opened, _, err := p.travel(signin.Trip{Again: true}, nil)
		if s.must(err); !opened.Session.Fresh(s.clock.Now()) || opened.Session.Proven.After(s.clock.Now()) {
			t.Errorf("%+v", opened.Session)
		}
	})
}

func TestProviderThatIsAway(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		_, err := s.in.Depart(s.ctx(), visit(), signin.Trip{})
		s.refused(err, authority.NotFound)
		p := s.company()
		s.start(p.config())
		p.server.Close()
		_, err = s.in.Depart(s.ctx(), visit(), signin.Trip{})
		s.refused(err, authority.Unavailable)
	})
}
