package oauth_test

import (
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/dialect/oauth"
	"propusk/internal/keys"
)

// publicKey is one member of the published set, read without our code.
type publicKey struct {
	Kty, Use, Alg, Kid, Crv, N, E, X string
}

// keySet reads the published keys, and that nothing else is in them (B11).
func (w *world) keySet() map[string]publicKey {
	w.t.Helper()
	a := w.get("/.well-known/jwks.json")
	if got := a.header.Get("Cache-Control"); got != "public, max-age=300" {
		w.t.Errorf("Cache-Control of the keys: %q", got)
	}
	var set struct {
		Keys []map[string]string `json:"keys"`
	}
	w.read(a, &set)
	out := map[string]publicKey{}
	for _, members := range set.Keys {
		for name := range members {
			if !slices.Contains([]string{"kty", "use", "alg", "kid", "crv", "n", "e", "x"}, name) {
				w.t.Errorf("member %q is published", name)
			}
		}
		text, err := json.Marshal(members)
		w.must(err)
		var k publicKey
		w.must(json.Unmarshal(text, &k))
		if _, twice := out[k.Kid]; twice || k.Kid == "" || k.Use != "sig" {
			w.t.Errorf("key %+v", k)
		}
		out[k.Kid] = k
	}
	return out
}

// material gives the key as golang-jwt takes it.
func (k publicKey) material() (any, error) {
	decode := base64.RawURLEncoding.DecodeString
	switch k.Kty {
	case "OKP":
		x, err := decode(k.X)
		return ed25519.PublicKey(x), err
	case "RSA":
		n, err := decode(k.N)
		e, eerr := decode(k.E)
		return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}, errors.Join(err, eerr)
	}
	return nil, errors.New("unknown kty " + k.Kty)
}

func TestOtherLibrariesVerifyTheTokenFromTheKeySet(t *testing.T) {
	for _, algorithm := range []keys.Algorithm{keys.EdDSA, keys.RS256} {
		t.Run(string(algorithm), func(t *testing.T) {
			w := newWorld(t, oauth.Profile(algorithm, 20*time.Minute))
			text := w.token("main")
			set := w.keySet()
			if len(set) != 1 {
				t.Errorf("%d keys are published, want the door's alone: %v", len(set), set)
			}
			w.verifyWithGolangJWT(string(algorithm), set, text)
			w.verifyWithGoJose(string(algorithm), text)
		})
	}
}

func (w *world) verifyWithGolangJWT(algorithm string, set map[string]publicKey, text string) {
	w.t.Helper()
	claims := jwt.MapClaims{}
	token, err := jwt.ParseWithClaims(text, claims, func(token *jwt.Token) (any, error) {
		kid, _ := token.Header["kid"].(string)
		return set[kid].material()
	}, jwt.WithValidMethods([]string{algorithm}), jwt.WithTimeFunc(w.clock.Now), jwt.WithExpirationRequired(),
		jwt.WithIssuer(w.urls[authority.Production]), jwt.WithAudience(w.urls[authority.Production]))
	w.must(err)
	if token.Header["typ"] != "at+jwt" || len(token.Header) != 3 {
		w.t.Errorf("header %v", token.Header)
	}
	w.checkClaims(claims)
}

// checkClaims compares with RFC 9068 §2.2.
func (w *world) checkClaims(claims jwt.MapClaims) {
	w.t.Helper()
	now := w.clock.Now().Unix()
	want := jwt.MapClaims{
		"iss": w.urls[authority.Production], "aud": w.urls[authority.Production],
		"sub": strconv.FormatInt(int64(w.clients["main"].principal), 10), "client_id": w.clients["main"].id,
		"iat": float64(now), "exp": float64(now + 20*60), "scope": "TasksList TokensIntrospect TokensRevoke",
	}
	if jti, _ := claims["jti"].(string); jti == "" {
		w.t.Error("jti is missing")
	}
	delete(claims, "jti")
	delete(claims, "propusk")
	if diff := cmp.Diff(want, claims); diff != "" {
		w.t.Error("claims (-want +got)\n" + diff)
	}
}

func (w *world) verifyWithGoJose(algorithm, text string) {
	w.t.Helper()
	var set jose.JSONWebKeySet
	w.read(w.get("/.well-known/jwks.json"), &set)
	token, err := josejwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithm)})
	w.must(err)
	var claims josejwt.Claims
	w.must(token.Claims(set, &claims))
	w.must(claims.Validate(josejwt.Expected{
		Issuer: w.urls[authority.Production], AnyAudience: josejwt.Audience{w.urls[authority.Production]}, Time: w.clock.Now(),
	}))
}

func TestTheNextKeyIsPublishedBeforeItSigns(t *testing.T) {
	w := newWorld(t)
	before := w.keySet()
	next, err := w.ring.Prepare(t.Context(), string(authority.Production), oauth.Name)
	w.must(err)
	if _, ok := w.keySet()[next]; !ok || len(w.keySet()) != 2 {
		t.Errorf("the next key is not published: %v", w.keySet())
	}
	first := w.token("main")
	_, err = w.ring.Rotate(t.Context(), string(authority.Production), oauth.Name, w.clock.Now().Add(2*time.Hour))
	w.must(err)
	second := w.token("main")
	set := w.keySet()
	for kid := range before {
		if _, ok := set[kid]; !ok {
			t.Error("the former key left while its tokens live")
		}
	}
	if kidOf(t, first) == kidOf(t, second) || kidOf(t, second) != next {
		t.Error("the published key did not take over")
	}
	w.clock.Advance(2 * time.Hour)
	if len(w.keySet()) != 1 {
		t.Errorf("retired keys are still published: %v", w.keySet())
	}
}

func kidOf(t *testing.T, token string) string {
	t.Helper()
	head, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		t.Fatal(err)
	}
	var header struct{ Kid string }
	if err := json.Unmarshal(text, &header); err != nil {
		t.Fatal(err)
	}
	return header.Kid
}

func TestEveryAsymmetricDialectIsPublished(t *testing.T) {
	pair := authority.Profile{
		Dialect: "pair", Credentials: []authority.CredentialKind{authority.ServiceToken},
		Access: authority.TokenSpec{Form: authority.JWT, Algorithm: keys.RS512, Lifetime: time.Hour},
	}
	w := newWorld(t, oauth.Profile(keys.EdDSA, time.Hour), pair)
	algorithms := []string{}
	for _, k := range w.keySet() {
		algorithms = append(algorithms, k.Alg)
	}
	slices.Sort(algorithms)
	if diff := cmp.Diff([]string{"EdDSA", "RS512"}, algorithms); diff != "" {
		t.Error("published algorithms (-want +got)\n" + diff)
	}
}
