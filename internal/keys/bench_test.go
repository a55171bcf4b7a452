package keys_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"testing"

	"propusk/internal/keys"
)

// payload is of the size that a token of ours has.
const payload = `{"acct":7312846501928374,"aud":"https://test.example.org","exp":1900086400,"iat":1900000000,` +
	`"iss":"https://test.example.org","jti":"0aZ9kQ3xPq.1.access","propusk":{"grant":"0aZ9kQ3xPq","gen":1,"use":"access",` +
	`"cred":8123746501928374,"prn":2312846501928374,"acct":7312846501928374,"epoch":1,"pos":918273},"sub":"2312846501928374"}`

// raw is the bare operation of crypto that each algorithm cannot do without.
type raw struct{ sign, verify func() }

func rawOperations(b *testing.B) map[string]raw {
	b.Helper()
	text := make([]byte, 700)
	secret := make([]byte, 32)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	public, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	rsaOf := func(h crypto.Hash, sum func() []byte) raw {
		sig, err := rsa.SignPKCS1v15(nil, rsaKey, h, sum())
		if err != nil {
			b.Fatal(err)
		}
		return raw{
			func() { _, _ = rsa.SignPKCS1v15(nil, rsaKey, h, sum()) },
			func() { _ = rsa.VerifyPKCS1v15(&rsaKey.PublicKey, h, sum(), sig) },
		}
	}
	mac := func() {
		h := hmac.New(sha256.New, secret)
		h.Write(text)
		h.Sum(nil)
	}
	edSig := ed25519.Sign(edKey, text)
	return map[string]raw{
		"hubex":    {mac, mac},
		"operator": rsaOf(crypto.SHA256, func() []byte { s := sha256.Sum256(text); return s[:] }),
		"element":  rsaOf(crypto.SHA512, func() []byte { s := sha512.Sum512(text); return s[:] }),
		"oauth":    {func() { ed25519.Sign(edKey, text) }, func() { ed25519.Verify(public, text, edSig) }},
	}
}

func loop(f func()) func(b *testing.B) {
	return func(b *testing.B) {
		for b.Loop() {
			f()
		}
	}
}

func BenchmarkSign(b *testing.B) {
	r, _, _ := full(b)
	limits := rawOperations(b)
	for _, use := range signingUses() {
		kid := active(b, r, prod, use)
		b.Run(algorithmOf(use)+"/ours", loop(func() { _, _ = r.Sign(kid, keys.Header{Typ: "JWT"}, []byte(payload)) }))
		b.Run(algorithmOf(use)+"/limit", loop(limits[use].sign))
	}
}

func BenchmarkVerify(b *testing.B) {
	r, _, _ := full(b)
	limits := rawOperations(b)
	for _, use := range signingUses() {
		text := sign(b, r, prod, use, payload)
		uses := []string{use}
		b.Run(algorithmOf(use)+"/ours", loop(func() { _, _ = r.Verify(prod, uses, text) }))
		b.Run(algorithmOf(use)+"/limit", loop(limits[use].verify))
	}
}

// claimsLike has the shape that package authority reads.
type claimsLike struct {
	Issuer  string `json:"iss"`
	Issued  int64  `json:"iat"`
	Expires int64  `json:"exp"`
	ID      string `json:"jti"`
	Scope   string `json:"scope"`
	Core    struct {
		Grant      string `json:"grant"`
		Generation uint32 `json:"gen"`
		Use        string `json:"use"`
		Credential int64  `json:"cred"`
		Principal  int64  `json:"prn"`
		Account    int64  `json:"acct"`
		Epoch      uint64 `json:"epoch"`
		Position   uint64 `json:"pos"`
	} `json:"propusk"`
}

func BenchmarkDecoder(b *testing.B) {
	decoder := keys.NewDecoder[claimsLike]()
	if _, err := decoder.Decode([]byte(payload)); err != nil {
		b.Fatal(err)
	}
	b.Run("Decoder", loop(func() { _, _ = decoder.Decode([]byte(payload)) }))
	b.Run("limit", loop(func() { _ = json.Unmarshal([]byte(payload), new(claimsLike)) }))
}

func BenchmarkOpaque(b *testing.B) {
	r, _, _ := full(b)
	text := seal(b, r, 1, "a", payload[:29])
	aad, plain := []byte("a"), []byte(payload[:29])
	b.Run("Seal", loop(func() { _, _ = r.Seal(prod, "token", 1, aad, plain) }))
	b.Run("Open", loop(func() { _, _ = r.Open(prod, "token", aad, text) }))
	b.Run("Tag62", loop(func() { _, _ = r.Tag62(prod, "token", 1, 20, plain) }))
	b.Run("Digest", loop(func() { _, _ = r.Digest(prod, 1, plain) }))
}

// BenchmarkOpenFirst is the first start of a stand without RSA keys.
func BenchmarkOpenFirst(b *testing.B) {
	c := newClock()
	for b.Loop() {
		open(b, &memory{}, c, quick())
	}
}
