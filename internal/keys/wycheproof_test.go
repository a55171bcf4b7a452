package keys_test

import (
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"

	"propusk/internal/keys"
)

// vectorFile is what the files of Project Wycheproof have in common, as far as
// it is read here.
type vectorFile struct {
	NumberOfTests int           `json:"numberOfTests"`
	TestGroups    []vectorGroup `json:"testGroups"`
}

type vectorGroup struct {
	Comment      string          `json:"comment"`
	Private      json.RawMessage `json:"private"`
	PublicKeyDer string          `json:"publicKeyDer"`
	PublicKey    json.RawMessage `json:"publicKey"`
	TagSize      int             `json:"tagSize"`
	Tests        []vector        `json:"tests"`
}

type vector struct {
	ID      int             `json:"tcId"`
	Comment string          `json:"comment"`
	JWS     json.RawMessage `json:"jws"` // a text, or an object in JSON serialization
	Key     string          `json:"key"`
	Msg     string          `json:"msg"`
	Sig     string          `json:"sig"`
	Tag     string          `json:"tag"`
	Result  string          `json:"result"`
}

// text is what a bearer would carry.
func (v vector) text() string {
	var s string
	if json.Unmarshal(v.JWS, &s) == nil {
		return s
	}
	return string(v.JWS)
}

func vectors(t *testing.T, name string) vectorFile {
	t.Helper()
	data, err := fs.ReadFile(wycheproof.TestVectors, name)
	if err != nil {
		t.Fatal(err)
	}
	var f vectorFile
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// foreignJWK is a key of the vectors.
type foreignJWK struct {
	Kty    string          `json:"kty"`
	Use    string          `json:"use"`
	KeyOps json.RawMessage `json:"key_ops"`
	Alg    keys.Algorithm  `json:"alg"`
	Kid    string          `json:"kid"`
	K      string          `json:"k"`
	N      string          `json:"n"`
	E      string          `json:"e"`
}

// errNotSigning is the use or key_ops of a key that is not for signatures:
// the product has no such keys to load.
var errNotSigning = errors.New("not a key for signatures")

// load puts the keys of a group into the verifier. A set with one key that the
// product would not hold is refused whole.
func load(t *testing.T, g vectorGroup) (*keys.Foreign, []keys.Algorithm, error) {
	t.Helper()
	var set struct {
		Keys []foreignJWK `json:"keys"`
	}
	if err := json.Unmarshal(g.Private, &set); err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) == 0 {
		set.Keys = make([]foreignJWK, 1)
		if err := json.Unmarshal(g.Private, &set.Keys[0]); err != nil {
			t.Fatal(err)
		}
	}
	f := new(keys.Foreign)
	var algs []keys.Algorithm
	for _, jwk := range set.Keys {
		algs = append(algs, jwk.Alg)
		if err := addJWK(t, f, jwk); err != nil {
			return nil, algs, err
		}
	}
	return f, algs, nil
}

func addJWK(t *testing.T, f *keys.Foreign, jwk foreignJWK) error {
	t.Helper()
	if jwk.Use == "enc" || strings.Contains(string(jwk.KeyOps), "crypt") {
		return errNotSigning
	}
	switch jwk.Kty {
	case "oct":
		return f.Add(jwk.Kid, jwk.Alg, unb64(t, jwk.K))
	case "RSA":
		n, e := new(big.Int).SetBytes(unb64(t, jwk.N)), new(big.Int).SetBytes(unb64(t, jwk.E))
		return f.Add(jwk.Kid, jwk.Alg, &rsa.PublicKey{N: n, E: int(e.Int64())})
	default:
		return f.Add(jwk.Kid, jwk.Alg, jwk.Kty) // no such material in the product
	}
}

// tally counts what became of the valid vectors of a file, by reason.
type tally map[string]int

func (c tally) check(t *testing.T, file string, want tally) {
	t.Helper()
	if !maps.Equal(c, want) {
		t.Errorf("%s: got %v, want %v", file, c, want)
	}
}

const (
	accepted       = "valid, accepted"
	refusedInvalid = "invalid, refused"
)

// Why the verdict of a vector is another one here.
const (
	badBase64 = "valid, but with a character outside base64url (RFC 7515 §2): rule 15 refuses it"
	sameText  = "invalid, but byte for byte the valid vector 357"
)

// TestWycheproofJWS runs the JWS and JWK sets through the verifier that bearer
// tokens meet. Every invalid one is refused; every valid one of an algorithm
// that the product has is accepted but for those listed here by number. B3.
func TestWycheproofJWS(t *testing.T) {
	cases := map[string]struct {
		tests  int
		other  map[int]string // vectors whose verdict is another one, and why
		counts tally
	}{
		"json_web_signature_test.json": {
			401,
			map[int]string{372: badBase64, 373: badBase64, 367: sameText, 370: sameText},
			tally{
				accepted: 20, refusedInvalid: 353, badBase64: 2, sameText: 2,
				"valid, no ES256 here": 2, "valid, no ES521 here": 2, "valid, no RS384 here": 4,
				"valid, no PS256 here": 8, "valid, no PS384 here": 4, "valid, no PS512 here": 4,
			},
		},
		"json_web_key_test.json": {26, nil, tally{
			accepted: 3, refusedInvalid: 21, "valid, no HS384 here": 1, "valid, no HS512 here": 1,
		}},
		"json_web_crypto_test.json": {83, nil, tally{
			accepted: 3, refusedInvalid: 77,
			"valid, no ES256 here": 1, "valid, no A256KW here": 1, "valid, no ECDH-ES+A128KW here": 1,
		}},
	}
	for file, c := range cases {
		f := vectors(t, file)
		if f.NumberOfTests != c.tests {
			t.Errorf("%s has %d vectors, not %d", file, f.NumberOfTests, c.tests)
		}
		got := tally{}
		for _, g := range f.TestGroups {
			for _, verdict := range runJWS(t, f, g, c.other) {
				got[verdict]++
			}
		}
		got.check(t, file, c.counts)
	}
}

// runJWS gives a verdict for each vector of g, and fails the test for those
// that are wrong.
func runJWS(t *testing.T, f vectorFile, g vectorGroup, other map[int]string) []string {
	t.Helper()
	foreign, algs, loadErr := load(t, g)
	var verdicts []string
	for _, v := range g.Tests {
		err := loadErr
		if err == nil {
			_, err = foreign.Verify(v.text())
		}
		verdict, ok := judge(v, algs[0], err)
		if why, listed := other[v.ID]; listed {
			verdict, ok = why, (err == nil) == (why == sameText)
			ok = ok && (why != sameText || v.text() == f.text(t, 357))
		}
		if !ok {
			t.Errorf("%d (%s, %s): %v", v.ID, v.Result, v.Comment, err)
		}
		verdicts = append(verdicts, verdict)
	}
	return verdicts
}

func judge(v vector, alg keys.Algorithm, err error) (verdict string, ok bool) {
	switch {
	case v.Result == "invalid":
		return refusedInvalid, err != nil
	case err == nil:
		return accepted, true
	default:
		return "valid, no " + string(alg) + " here", !slices.Contains(ours(), alg)
	}
}

func (f vectorFile) text(t *testing.T, id int) string {
	t.Helper()
	for _, g := range f.TestGroups {
		for _, v := range g.Tests {
			if v.ID == id {
				return v.text()
			}
		}
	}
	t.Fatalf("no vector %d", id)
	return ""
}

func ours() []keys.Algorithm {
	return []keys.Algorithm{keys.HS256, keys.RS256, keys.RS512, keys.EdDSA}
}

// TestWycheproofSignatures runs the sets of bare signatures through the same
// verifiers.
func TestWycheproofSignatures(t *testing.T) {
	cases := map[string]struct {
		alg    keys.Algorithm
		counts tally
	}{
		"rsa_signature_2048_sha256_test.json": {keys.RS256, tally{accepted: 7, refusedInvalid: 249, lenient: 1, badExponent: 2}},
		"rsa_signature_2048_sha512_test.json": {keys.RS512, tally{accepted: 7, refusedInvalid: 250, lenient: 1, badExponent: 1}},
		"rsa_signature_3072_sha256_test.json": {keys.RS256, tally{accepted: 7, refusedInvalid: 250, lenient: 1, badExponent: 1}},
		"rsa_signature_3072_sha512_test.json": {keys.RS512, tally{accepted: 7, refusedInvalid: 251, lenient: 1, badExponent: 1}},
		"rsa_signature_4096_sha256_test.json": {keys.RS256, tally{accepted: 7, refusedInvalid: 250, lenient: 1}},
		"rsa_signature_4096_sha512_test.json": {keys.RS512, tally{accepted: 7, refusedInvalid: 251, lenient: 1}},
		"rsa_signature_8192_sha256_test.json": {keys.RS256, tally{accepted: 7, refusedInvalid: 250, lenient: 1}},
		"rsa_signature_8192_sha512_test.json": {keys.RS512, tally{accepted: 7, refusedInvalid: 251, lenient: 1}},
		"ed25519_test.json":                   {keys.EdDSA, tally{accepted: 88, refusedInvalid: 63}},
	}
	for file, c := range cases {
		f := vectors(t, file)
		got, ran := tally{}, 0
		for _, g := range f.TestGroups {
			for _, verdict := range runBare(t, c.alg, g) {
				got[verdict]++
				ran++
			}
		}
		if ran != f.NumberOfTests {
			t.Errorf("%s: ran %d of %d", file, ran, f.NumberOfTests)
		}
		got.check(t, file, c.counts)
	}
}

// Why a bare signature that is not called invalid is refused.
const (
	lenient     = "acceptable (no NULL in the ASN.1), refused: not what RFC 8017 §9.2 encodes"
	badExponent = "valid, refused: the exponent of the key is not 65537"
)

func runBare(t *testing.T, alg keys.Algorithm, g vectorGroup) []string {
	t.Helper()
	foreign := new(keys.Foreign)
	material := bareKey(t, alg, g)
	keyErr := foreign.Add("bare", alg, material)
	public, isRSA := material.(*rsa.PublicKey)
	if keyErr != nil && (!isRSA || public.E == 65537) {
		t.Fatal(keyErr)
	}
	var verdicts []string
	for _, v := range g.Tests {
		ok := keyErr == nil && foreign.VerifyBare(unhex(t, v.Msg), unhex(t, v.Sig))
		verdict, want := refusedInvalid, false
		switch {
		case v.Result == "acceptable":
			verdict = lenient
		case v.Result == "valid" && keyErr != nil:
			verdict = badExponent
		case v.Result == "valid":
			verdict, want = accepted, true
		}
		if ok != want {
			t.Errorf("%d (%s, %s): accepted: %v", v.ID, v.Result, v.Comment, ok)
		}
		verdicts = append(verdicts, verdict)
	}
	return verdicts
}

func bareKey(t *testing.T, alg keys.Algorithm, g vectorGroup) any {
	t.Helper()
	if alg != keys.EdDSA {
		return rsaOf(t, unhex(t, g.PublicKeyDer))
	}
	var public struct {
		PK string `json:"pk"`
	}
	if err := json.Unmarshal(g.PublicKey, &public); err != nil {
		t.Fatal(err)
	}
	return ed25519.PublicKey(unhex(t, public.PK))
}

// TestWycheproofHMAC runs the HMAC-SHA-256 set. RFC 7518 §3.2 wants the whole
// tag and a key as long as the hash, so a shorter one of either is refused
// whatever the set says.
func TestWycheproofHMAC(t *testing.T) {
	const (
		shortTag = "valid, refused: a cut tag"
		shortKey = "valid, refused: a key under 256 bits"
	)
	f := vectors(t, "hmac_sha256_test.json")
	got := tally{}
	for _, g := range f.TestGroups {
		for _, v := range g.Tests {
			foreign := new(keys.Foreign)
			err := foreign.Add("bare", keys.HS256, unhex(t, v.Key))
			ok := err == nil && foreign.VerifyBare(unhex(t, v.Msg), unhex(t, v.Tag))
			switch {
			case v.Result != "valid" && !ok:
				got[refusedInvalid]++
			case v.Result == "valid" && ok:
				got[accepted]++
			case v.Result == "valid" && err != nil && len(v.Key) < 64:
				got[shortKey]++
			case v.Result == "valid" && g.TagSize < 256:
				got[shortTag]++
			default:
				t.Errorf("%d (%s, %s): accepted: %v", v.ID, v.Result, v.Comment, ok)
			}
		}
	}
	got.check(t, "hmac_sha256_test.json", tally{accepted: 30, refusedInvalid: 108, shortTag: 30, shortKey: 6})
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
