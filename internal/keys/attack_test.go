package keys_test

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"maps"
	"math/big"
	"strings"
	"testing"

	"propusk/internal/keys"
)

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// refused fails the test unless r refuses text for every use, with the one
// sentinel and without a panic.
func refused(t *testing.T, r *keys.Ring, name, text string) {
	t.Helper()
	v, err := r.Verify(prod, signingUses(), text)
	if !errors.Is(err, keys.ErrInvalid) || v.KeyID != "" || v.Payload != nil {
		t.Errorf("%s: %v, %+v", name, err, v)
	}
}

// hs256 signs text with secret, as a forger who has a secret would.
func hs256(secret []byte, header, payload string) string {
	return forge(sha256.New, secret, header, payload)
}

func forge(h func() hash.Hash, secret []byte, header, payload string) string {
	text := b64([]byte(header)) + "." + b64([]byte(payload))
	mac := hmac.New(h, secret)
	mac.Write([]byte(text))
	return text + "." + b64(mac.Sum(nil))
}

// hubexSecret is the secret of the stand's HS256 key: these tests forge what
// only its owner could.
func hubexSecret(t testing.TB, r *keys.Ring, m *memory) (kid string, secret []byte) {
	t.Helper()
	kid = active(t, r, prod, "hubex")
	for _, row := range m.rows {
		if row.ID == kid {
			secret, err := keys.MaterialOf(sealer(t, keyText), row)
			if err != nil {
				t.Fatal(err)
			}
			return kid, secret
		}
	}
	t.Fatal("no row")
	return "", nil
}

// TestHeadersAreTakenFromAFixedSet signs every header with the right secret:
// the header alone decides. B1.
func TestHeadersAreTakenFromAFixedSet(t *testing.T) {
	r, m, _ := full(t)
	kid, secret := hubexSecret(t, r, m)
	good := map[string]string{
		"ours":         `{"alg":"HS256","typ":"JWT","kid":"KID"}`,
		"other order":  `{"kid":"KID","alg":"HS256"}`,
		"with blanks":  "{ \"kid\" : \"KID\",\n\t\"alg\" : \"HS256\" }",
		"other typ":    `{"alg":"HS256","typ":"at+jwt","kid":"KID"}`,
		"escaped name": `{"\u0061lg":"HS256","kid":"KID"}`,
	}
	for name, header := range good {
		text := hs256(secret, strings.ReplaceAll(header, "KID", kid), claims)
		if _, err := r.Verify(prod, []string{"hubex"}, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := map[string]string{
		"empty":             ``,
		"no JSON":           `alg=HS256`,
		"null":              `null`,
		"array":             `["HS256"]`,
		"empty object":      `{}`,
		"text behind":       `{"alg":"HS256","kid":"KID"}x`,
		"second object":     `{"alg":"HS256","kid":"KID"}{}`,
		"no alg":            `{"kid":"KID"}`,
		"no kid":            `{"alg":"HS256"}`,
		"empty kid":         `{"alg":"HS256","kid":""}`,
		"null kid":          `{"alg":"HS256","kid":null}`,
		"kid as number":     `{"alg":"HS256","kid":1}`,
		"kid as list":       `{"alg":"HS256","kid":["KID"]}`,
		"kid of a path":     `{"alg":"HS256","kid":"../../dev/null"}`,
		"kid with SQL":      `{"alg":"HS256","kid":"KID' OR '1'='1"}`,
		"kid with NUL":      `{"alg":"HS256","kid":"KID\u0000"}`,
		"kid with blank":    `{"alg":"HS256","kid":" KID"}`,
		"typ as number":     `{"alg":"HS256","kid":"KID","typ":1}`,
		"typ null":          `{"alg":"HS256","kid":"KID","typ":null}`,
		"alg none":          `{"alg":"none","kid":"KID"}`,
		"alg null":          `{"alg":null,"kid":"KID"}`,
		"alg as list":       `{"alg":["HS256"],"kid":"KID"}`,
		"alg in other case": `{"alg":"hs256","kid":"KID"}`,
		"alg with blank":    `{"alg":"HS256 ","kid":"KID"}`,
		"doubled alg":       `{"alg":"none","alg":"HS256","kid":"KID"}`,
		"doubled kid":       `{"alg":"HS256","kid":"KID","kid":"KID"}`,
		"doubled by escape": `{"alg":"HS256","kid":"KID","\u006bid":"x"}`,
		"doubled by case":   `{"alg":"HS256","Alg":"none","kid":"KID"}`,
		"ALG":               `{"ALG":"HS256","kid":"KID"}`,
		"Kelvin sign":       `{"alg":"HS256","` + "\u212a" + `id":"KID"}`,
		"invalid UTF-8":     "{\"alg\":\"HS256\",\"kid\":\"KID\",\"typ\":\"\xff\"}",
		"cty":               `{"alg":"HS256","kid":"KID","cty":"JWT"}`,
		"unknown":           `{"alg":"HS256","kid":"KID","x":"y"}`,
	}
	for _, member := range []string{
		`"crit":["exp"]`, `"crit":[]`, `"crit":["b64"],"b64":false`, `"b64":false`, `"b64":true`, `"zip":"DEF"`, `"enc":"A256GCM"`,
		`"jku":"http://127.0.0.1:9/jwks"`, `"x5u":"http://127.0.0.1:9/x"`, `"x5c":["MII"]`, `"x5t":"a"`, `"x5t#S256":"a"`,
		`"jwk":{"kty":"oct","k":"AA"}`, `"iss":"x"`, `"url":"x"`, `"nonce":"x"`, `"p2c":1`, `"epk":{}`,
	} {
		bad[member] = `{"alg":"HS256","kid":"KID",` + member + `}`
	}
	for _, alg := range []string{"None", "NONE", "nOnE", "", "HS384", "HS512", "RS256", "RS512", "PS256", "ES256", "EdDSA", "Ed25519", "MAC", "PEPPER", "dir"} {
		bad["alg "+alg] = fmt.Sprintf(`{"alg":%q,"kid":"KID"}`, alg)
	}
	for name, header := range bad {
		refused(t, r, name, hs256(secret, strings.ReplaceAll(header, "KID", kid), claims))
	}
}

// TestPayloadIsOneObject signs every payload with the right secret. B6.
func TestPayloadIsOneObject(t *testing.T) {
	r, m, _ := full(t)
	kid, secret := hubexSecret(t, r, m)
	header := `{"alg":"HS256","kid":"` + kid + `"}`
	for name, payload := range map[string]string{
		"empty": ``, "null": `null`, "text": `foo`, "number": `1`, "array": `[{}]`, "string": `"{}"`,
		"text behind": claims + `x`, "second object": claims + claims, "open": `{"sub":"1"`,
		"doubled sub": `{"sub":"1","sub":"2"}`, "doubled by case": `{"exp":1,"EXP":2}`, "doubled in depth": `{"a":{"b":1,"b":2}}`,
		"invalid UTF-8": "{\"sub\":\"\xff\"}", "deep": strings.Repeat(`{"a":`, 100) + `1` + strings.Repeat(`}`, 100),
	} {
		refused(t, r, name, hs256(secret, header, payload))
	}
	if _, err := r.Verify(prod, []string{"hubex"}, hs256(secret, header, claims)); err != nil {
		t.Fatalf("the frame of this test is wrong: %v", err)
	}
}

func TestUnsignedAndTornTokens(t *testing.T) { // B1
	r, _, _ := full(t)
	text := sign(t, r, prod, "operator", claims)
	p := strings.Split(text, ".")
	none := b64([]byte(`{"alg":"none","kid":"` + active(t, r, prod, "operator") + `"}`))
	for name, bad := range map[string]string{
		"empty":               "",
		"one dot":             ".",
		"two dots":            "..",
		"many dots":           strings.Repeat(".", 8000),
		"a million dots":      strings.Repeat(".", 1_000_000),
		"a megabyte":          strings.Repeat("a", 1_000_000),
		"none, no signature":  none + "." + p[1] + ".",
		"none, two parts":     none + "." + p[1],
		"none, old signature": none + "." + p[1] + "." + p[2],
		"no signature":        p[0] + "." + p[1] + ".",
		"two parts":           p[0] + "." + p[1],
		"four parts":          text + ".",
		"five parts (JWE)":    text + "." + p[0] + "." + p[1],
		"no header":           "." + p[1] + "." + p[2],
		"no payload":          p[0] + ".." + p[2],
		"payload only":        p[1],
		"parts exchanged":     p[1] + "." + p[0] + "." + p[2],
		"flattened JSON":      `{"protected":"` + p[0] + `","payload":"` + p[1] + `","signature":"` + p[2] + `"}`,
		"general JSON":        `{"payload":"` + p[1] + `","signatures":[{"protected":"` + p[0] + `","signature":"` + p[2] + `"}]}`,
		"zero signature":      p[0] + "." + p[1] + "." + b64(make([]byte, 256)),
		"signature of ones":   p[0] + "." + p[1] + "." + b64([]byte(strings.Repeat("\xff", 256))),
		"short signature":     p[0] + "." + p[1] + "." + b64(unb64(t, p[2])[1:]),
		"long signature":      p[0] + "." + p[1] + "." + b64(append([]byte{0}, unb64(t, p[2])...)),
		"Bearer in front":     "Bearer " + text,
		"quoted":              `"` + text + `"`,
		"over the limit":      p[0] + "." + b64([]byte(`{"a":"`+strings.Repeat("x", 8000)+`"}`)) + "." + p[2],
	} {
		refused(t, r, name, bad)
	}
}

// TestPublicKeyIsNoSecret is the confusion of RS256 and HS256, with the public
// half in every text a careless verifier may hash. B2.
func TestPublicKeyIsNoSecret(t *testing.T) {
	r, m, _ := full(t)
	hashes := map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}
	tried := 0
	for _, jwk := range r.JWKS(prod, signingUses()...).Keys {
		kids := map[string]string{"of the key": jwk.Kid, "of the HS256 key": active(t, r, prod, "hubex"), "none": ""}
		for text, secret := range publicTexts(t, m, jwk) {
			for alg, h := range hashes {
				for which, kid := range kids {
					header := fmt.Sprintf(`{"alg":%q,"typ":"JWT","kid":%q}`, alg, kid)
					refused(t, r, jwk.Kid+" "+alg+" "+text+" kid "+which, forge(h, secret, header, claims))
					tried++
				}
			}
		}
	}
	if tried < 3*3*3*8 {
		t.Errorf("only %d forgeries were tried", tried)
	}
}

func publicTexts(t *testing.T, m *memory, jwk keys.JWK) map[string][]byte {
	t.Helper()
	texts := map[string][]byte{"empty": {}}
	add := func(name string, b []byte) {
		texts[name] = b
		texts[name+" base64"] = []byte(base64.StdEncoding.EncodeToString(b))
	}
	encoded, err := json.Marshal(jwk)
	if err != nil {
		t.Fatal(err)
	}
	set, err := json.Marshal(keys.JWKS{Keys: []keys.JWK{jwk}})
	if err != nil {
		t.Fatal(err)
	}
	add("JWK", encoded)
	add("JWKS", set)
	add("modulus or x", unb64(t, jwk.N+jwk.X))
	der := map[string][]byte{}
	for _, row := range m.rows {
		if row.ID == jwk.Kid {
			der["PUBLIC KEY"] = row.Public
		}
	}
	if public, err := x509.ParsePKIXPublicKey(der["PUBLIC KEY"]); err != nil {
		t.Fatal(err)
	} else if rsaKey, ok := public.(*rsa.PublicKey); ok {
		der["RSA PUBLIC KEY"] = x509.MarshalPKCS1PublicKey(rsaKey)
	}
	for kind, b := range der {
		add(kind+" DER", b)
		text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b})
		add(kind+" PEM", text)
		add(kind+" PEM without newline", []byte(strings.TrimSuffix(string(text), "\n")))
		add(kind+" PEM with CRLF", []byte(strings.ReplaceAll(string(text), "\n", "\r\n")))
	}
	return texts
}

// TestForeignKeyInHeader signs with a key that the header brings along. B1.
func TestForeignKeyInHeader(t *testing.T) {
	r, _, _ := full(t)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	kid := active(t, r, prod, "oauth")
	jwk := `{"kty":"OKP","crv":"Ed25519","x":"` + b64(public) + `","kid":"` + kid + `"}`
	for name, header := range map[string]string{
		"known kid":     `{"alg":"EdDSA","kid":"` + kid + `"}`,
		"unknown kid":   `{"alg":"EdDSA","kid":"0123456789abcdef"}`,
		"no kid":        `{"alg":"EdDSA"}`,
		"jwk":           `{"alg":"EdDSA","jwk":` + jwk + `}`,
		"jwk and kid":   `{"alg":"EdDSA","kid":"` + kid + `","jwk":` + jwk + `}`,
		"jwk as kid":    `{"alg":"EdDSA","kid":` + jwk + `}`,
		"public as kid": `{"alg":"EdDSA","kid":"` + b64(public) + `"}`,
	} {
		text := b64([]byte(header)) + "." + b64([]byte(claims))
		refused(t, r, name, text+"."+b64(ed25519.Sign(private, []byte(text))))
	}
}

// TestEveryFlippedBitIsSeen changes each bit of payload and signature. B4.
func TestEveryFlippedBitIsSeen(t *testing.T) {
	r, _, _ := full(t)
	for _, use := range signingUses() {
		p := strings.Split(sign(t, r, prod, use, claims), ".")
		for part := range p {
			raw := unb64(t, p[part])
			for bit := range 8 * len(raw) {
				raw[bit/8] ^= 1 << (bit % 8)
				q := []string{p[0], p[1], p[2]}
				q[part] = b64(raw)
				refused(t, r, fmt.Sprintf("%s, part %d, bit %d", use, part, bit), strings.Join(q, "."))
				raw[bit/8] ^= 1 << (bit % 8)
			}
		}
	}
}

// TestOneSpelling tries other texts that a lenient decoder reads as the same
// token. B5, rule 15.
func TestOneSpelling(t *testing.T) {
	r, _, _ := full(t)
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, use := range signingUses() {
		text := sign(t, r, prod, use, claims)
		cases := map[string]string{}
		for _, c := range alphabet {
			if twin := text[:len(text)-1] + string(c); twin != text {
				cases["last character "+string(c)] = twin
			}
		}
		for at := range len(text) + 1 {
			for name, s := range map[string]string{"CR": "\r", "LF": "\n", "CRLF": "\r\n", "blank": " ", "=": "=", "NUL": "\x00", "%0A": "%0A"} {
				cases[fmt.Sprintf("%s at %d", name, at)] = text[:at] + s + text[at:]
			}
		}
		padded := strings.Split(text, ".")
		for i := range padded {
			padded[i] += strings.Repeat("=", (4-len(padded[i])%4)%4)
		}
		cases["padded"] = strings.Join(padded, ".")
		cases["standard alphabet"] = strings.NewReplacer("-", "+", "_", "/").Replace(text)
		cases["upper case"] = strings.ToUpper(text)
		cases["tab behind"] = text + "\t"
		cases["full-width dot"] = strings.Replace(text, ".", "．", 1)
		maps.DeleteFunc(cases, func(_, s string) bool { return s == text })
		for name, twin := range cases {
			refused(t, r, use+": "+name, twin)
		}
	}
}

// TestSymmetricMaterialSignsNothing presents tokens under the kid of MAC and
// PEPPER keys, signed with their very secret. B9.
func TestSymmetricMaterialSignsNothing(t *testing.T) {
	r, m, _ := full(t)
	for _, row := range m.rows {
		if row.Algorithm != keys.MAC && row.Algorithm != keys.Pepper {
			continue
		}
		secret, err := keys.MaterialOf(sealer(t, keyText), row)
		if err != nil {
			t.Fatal(err)
		}
		for _, alg := range []string{"HS256", string(row.Algorithm)} {
			text := hs256(secret, fmt.Sprintf(`{"alg":%q,"kid":%q}`, alg, row.ID), claims)
			if _, err := r.Verify(row.Stand, []string{row.Use}, text); !errors.Is(err, keys.ErrInvalid) {
				t.Errorf("%s %s: %v", row.Use, alg, err)
			}
		}
	}
}

func TestWeakRSAIsRefused(t *testing.T) { // B11
	prime := func(bits int) *big.Int {
		p, err := rand.Prime(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	// The next prime above p: what a generator without fresh randomness finds.
	p := prime(1024)
	q := new(big.Int).Add(p, big.NewInt(2))
	for !q.ProbablyPrime(20) {
		q.Add(q, big.NewInt(2))
	}
	near := new(big.Int).Mul(p, q)
	far := new(big.Int).Mul(prime(1024), prime(1024))
	for name, key := range map[string]*rsa.PublicKey{
		"close primes":    {N: near, E: 65537},
		"same primes":     {N: new(big.Int).Mul(p, p), E: 65537},
		"exponent 3":      {N: far, E: 3},
		"exponent 1":      {N: far, E: 1},
		"1024 bits":       {N: new(big.Int).Mul(prime(512), prime(512)), E: 65537},
		"too many bits":   {N: new(big.Int).Lsh(big.NewInt(1), 9000), E: 65537},
		"modulus of zero": {N: new(big.Int), E: 65537},
	} {
		if err := keys.CheckRSAPublic(key); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	// Too far for Fermat's steps, too close for FIPS 186-5.
	q = new(big.Int).Add(p, new(big.Int).Lsh(big.NewInt(1), 900))
	n := new(big.Int).Mul(p, q)
	err := keys.CheckRSA(&rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: 65537}, Primes: []*big.Int{p, q}})
	if err == nil {
		t.Error("primes that share their upper bits: taken")
	}
}

func rsaOf(t testing.TB, der []byte) *rsa.PublicKey {
	t.Helper()
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := public.(*rsa.PublicKey)
	if !ok {
		t.Fatalf("not an RSA key: %T", public)
	}
	return key
}
