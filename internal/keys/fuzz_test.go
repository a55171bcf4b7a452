package keys_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"propusk/internal/keys"
)

func encode(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// FuzzVerify feeds texts to the verifier. What it takes must be a text that one
// of its keys signed, in the one spelling: signing the payload again gives it.
func FuzzVerify(f *testing.F) {
	r, _, _ := full(f)
	for _, use := range signingUses() {
		text := sign(f, r, prod, use, claims)
		f.Add(text)
		f.Add(text + "\n")
		f.Add(text[:len(text)-2])
		f.Add(strings.Replace(text, ".", "..", 1))
	}
	f.Add("..")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := r.Verify(prod, signingUses(), text)
		if err != nil {
			if !errors.Is(err, keys.ErrInvalid) || v.Payload != nil {
				t.Fatalf("%q: %v, %+v", text, err, v)
			}
			return
		}
		again, err := r.Sign(v.KeyID, keys.Header{Typ: v.Typ}, v.Payload)
		if err != nil || again != text {
			t.Fatalf("%q was taken, %q is what we say: %v", text, again, err)
		}
	})
}

// FuzzVerifySigned signs a header and a payload of the fuzzer's choice with the
// right secret, so that it reaches what stands behind the signature.
func FuzzVerifySigned(f *testing.F) {
	r, m, _ := full(f)
	kid, secret := hubexSecret(f, r, m)
	f.Add(`{"alg":"HS256","kid":"KID"}`, claims)
	f.Add(`{"alg":"HS256","typ":"JWT","kid":"KID"}`, `{"a":{"b":[1,{"c":null}]}}`)
	f.Add(`{"alg":"HS256","kid":"KID","crit":["b64"],"b64":false}`, `{"a":1,"A":2}`)
	f.Fuzz(func(t *testing.T, header, payload string) {
		header = strings.ReplaceAll(header, "KID", kid)
		v, err := r.Verify(prod, []string{"hubex"}, hs256(secret, header, payload))
		if err != nil {
			if !errors.Is(err, keys.ErrInvalid) {
				t.Fatalf("%q %q: %v", header, payload, err)
			}
			return
		}
		var h, p map[string]any
		if json.Unmarshal([]byte(header), &h) != nil || json.Unmarshal([]byte(payload), &p) != nil {
			t.Fatalf("%q %q was taken", header, payload)
		}
		if h["alg"] != "HS256" || h["kid"] != kid || len(h) > 3 || len(h) == 3 && h["typ"] != v.Typ || string(v.Payload) != payload {
			t.Fatalf("%q %q was taken as %+v", header, payload, v)
		}
	})
}

func FuzzOpen(f *testing.F) {
	r, _, _ := full(f)
	f.Add(seal(f, r, 1, "a", "0123456789"))
	f.Add(seal(f, r, 1, "a", ""))
	f.Add("AAEAAAAAAAAAAAAAAAAAAAAA")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		plain, err := r.Open(prod, "token", []byte("a"), text)
		if err != nil {
			if !errors.Is(err, keys.ErrInvalid) || plain != nil {
				t.Fatalf("%q: %v, %q", text, err, plain)
			}
			return
		}
		if again := seal(t, r, 1, "a", string(plain)); again != text {
			t.Fatalf("%q was taken, %q is what we say", text, again)
		}
	})
}

func FuzzParseDeploymentKey(f *testing.F) {
	for _, seed := range []string{keyText, keyText + "\n", keyText + "\r\n", "", keyText[:43], "\n" + keyText} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := keys.ParseDeploymentKey(text)
		if err != nil {
			if k != (keys.DeploymentKey{}) {
				t.Fatalf("%q: an error and a key", text)
			}
			return
		}
		if bare := strings.TrimRight(text, "\r\n"); len(bare) != 44 || len(text) > len(bare)+2 {
			t.Fatalf("%q was taken", text)
		}
		if _, err := keys.NewSealer(k, keys.PurposeKeys); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	})
}
