package keys_test

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"propusk/internal/keys"
)

// privateOf gives what a foreign library signs and verifies with for use: the
// secret of HS256 twice, else the private key and the published one.
func privateOf(t *testing.T, r *keys.Ring, m *memory, use string) (private, public any) {
	t.Helper()
	kid := active(t, r, prod, use)
	for _, row := range m.rows {
		if row.ID != kid {
			continue
		}
		raw, err := keys.MaterialOf(sealer(t, keyText), row)
		if err != nil {
			t.Fatal(err)
		}
		if row.Algorithm == keys.HS256 {
			return raw, raw
		}
		return privateKey(t, row.Algorithm, raw), published(t, r, use)
	}
	t.Fatalf("no row of %s", use)
	return nil, nil
}

func privateKey(t *testing.T, alg keys.Algorithm, raw []byte) any {
	t.Helper()
	if alg == keys.EdDSA {
		return ed25519.NewKeyFromSeed(raw)
	}
	key, err := x509.ParsePKCS8PrivateKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// published gives the public key as a client gets it: from the JSON of the
// JWKS, read by go-jose.
func published(t *testing.T, r *keys.Ring, use string) any {
	t.Helper()
	text, err := json.Marshal(r.JWKS(prod, signingUses()...))
	if err != nil {
		t.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(text, &set); err != nil {
		t.Fatal(err)
	}
	found := set.Key(active(t, r, prod, use))
	if len(found) != 1 || !found[0].Valid() || !found[0].IsPublic() || found[0].Use != "sig" {
		t.Fatalf("%s: JWKS holds %+v", use, found)
	}
	return found[0].Key
}

func algorithmOf(use string) string {
	return map[string]string{"hubex": "HS256", "operator": "RS256", "element": "RS512", "oauth": "EdDSA"}[use]
}

func TestGoJoseVerifiesOurs(t *testing.T) {
	r, m, _ := full(t)
	for _, use := range signingUses() {
		_, public := privateOf(t, r, m, use)
		jws, err := jose.ParseSignedCompact(sign(t, r, prod, use, claims), []jose.SignatureAlgorithm{jose.SignatureAlgorithm(algorithmOf(use))})
		if err != nil {
			t.Fatalf("%s: %v", use, err)
		}
		payload, err := jws.Verify(public)
		if err != nil || string(payload) != claims {
			t.Errorf("%s: %q, %v", use, payload, err)
		}
		if h := jws.Signatures[0].Protected; h.KeyID != active(t, r, prod, use) || h.ExtraHeaders[jose.HeaderType] != "JWT" {
			t.Errorf("%s: header %+v", use, h)
		}
	}
}

func TestGolangJWTVerifiesOurs(t *testing.T) {
	r, m, _ := full(t)
	for _, use := range signingUses() {
		_, public := privateOf(t, r, m, use)
		token, err := jwt.Parse(sign(t, r, prod, use, claims), func(*jwt.Token) (any, error) { return public, nil },
			jwt.WithValidMethods([]string{algorithmOf(use)}), jwt.WithStrictDecoding(), jwt.WithIssuer("https://example.org"))
		if err != nil || !token.Valid {
			t.Errorf("%s: %v", use, err)
		}
	}
}

func TestWeVerifyGoJose(t *testing.T) {
	r, m, _ := full(t)
	for _, use := range signingUses() {
		private, _ := privateOf(t, r, m, use)
		options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", active(t, r, prod, use))
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(algorithmOf(use)), Key: private}, options)
		if err != nil {
			t.Fatalf("%s: %v", use, err)
		}
		jws, err := signer.Sign([]byte(claims))
		if err != nil {
			t.Fatalf("%s: %v", use, err)
		}
		text, err := jws.CompactSerialize()
		if err != nil {
			t.Fatalf("%s: %v", use, err)
		}
		v, err := r.Verify(prod, []string{use}, text)
		if err != nil || string(v.Payload) != claims || v.Typ != "JWT" {
			t.Errorf("%s: %+v, %v", use, v, err)
		}
	}
}

func TestWeVerifyGolangJWT(t *testing.T) {
	r, m, _ := full(t)
	for _, use := range signingUses() {
		private, _ := privateOf(t, r, m, use)
		token := jwt.NewWithClaims(jwt.GetSigningMethod(algorithmOf(use)), jwt.MapClaims{"sub": "1"})
		token.Header["kid"] = active(t, r, prod, use)
		text, err := token.SignedString(private)
		if err != nil {
			t.Fatalf("%s: %v", use, err)
		}
		v, err := r.Verify(prod, []string{use}, text)
		if err != nil || string(v.Payload) != `{"sub":"1"}` {
			t.Errorf("%s: %+v, %v", use, v, err)
		}
		delete(token.Header, "kid")
		if text, err = token.SignedString(private); err != nil {
			t.Fatal(err)
		}
		refused(t, r, use+" without kid", text)
	}
}
