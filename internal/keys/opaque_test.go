package keys_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"propusk/internal/keys"
)

func seal(t testing.TB, r *keys.Ring, version int, aad, plaintext string) string {
	t.Helper()
	text, err := r.Seal(prod, "token", version, []byte(aad), []byte(plaintext))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSealedTextOpensAsWhatItIsOnly(t *testing.T) {
	r, _, _ := full(t)
	text := seal(t, r, 1, "smarts", "secret ids")
	got, err := r.Open(prod, "token", []byte("smarts"), text)
	if err != nil || string(got) != "secret ids" {
		t.Fatalf("%q, %v", got, err)
	}
	if bytes.Contains(unb64(t, text), []byte("secret")) {
		t.Error("the text tells what it holds")
	}
	for name, err := range map[string]error{
		"other aad":   errOf(r.Open(prod, "token", []byte("hubex"), text)),
		"no aad":      errOf(r.Open(prod, "token", nil, text)),
		"other stand": errOf(r.Open(test, "token", []byte("smarts"), text)),
		"other use":   errOf(r.Open(prod, "absent", []byte("smarts"), text)),
		"signing use": errOf(r.Open(prod, "hubex", []byte("smarts"), text)),
		"pepper":      errOf(r.Open(prod, keys.UseCredential, []byte("smarts"), text)),
	} {
		if !errors.Is(err, keys.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func errOf(_ []byte, err error) error { return err }

func TestSealedTextHasOneSpelling(t *testing.T) { // B5, rule 15
	r, _, _ := full(t)
	text := seal(t, r, 1, "a", strings.Repeat("x", 29)) // 47 bytes: two stray bits
	raw := unb64(t, text)
	bad := []string{
		"", "A", text + "A", text[:len(text)-1], text + "=", text + "\n", "\r" + text, " " + text,
		text[:9] + "\n" + text[9:], strings.ToUpper(text), strings.Repeat("A", 23), strings.Repeat("A", 24), strings.Repeat("A", 9000),
	}
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/" {
		if twin := text[:len(text)-1] + string(c); twin != text {
			bad = append(bad, twin)
		}
	}
	for bit := range 8 * len(raw) {
		raw[bit/8] ^= 1 << (bit % 8)
		bad = append(bad, b64(raw))
		raw[bit/8] ^= 1 << (bit % 8)
	}
	for i := range raw {
		bad = append(bad, b64(raw[:i]))
	}
	for _, s := range bad {
		if got, err := r.Open(prod, "token", []byte("a"), s); !errors.Is(err, keys.ErrInvalid) {
			t.Errorf("%.60q: %q, %v", s, got, err)
		}
	}
}

func TestSealRoundTrip(t *testing.T) {
	r, m, c := full(t)
	again := open(t, m, c, specs())
	rapid.Check(t, func(rt *rapid.T) {
		aad := rapid.SliceOf(rapid.Byte()).Draw(rt, "aad")
		plain := rapid.SliceOf(rapid.Byte()).Draw(rt, "plain")
		one, err1 := r.Seal(prod, "token", 1, aad, plain)
		two, err2 := again.Seal(prod, "token", 1, aad, plain)
		if err1 != nil || err2 != nil || one != two {
			rt.Fatalf("not deterministic: %q, %q, %v, %v", one, two, err1, err2)
		}
		got, err := r.Open(prod, "token", aad, one)
		if err != nil || !bytes.Equal(got, plain) {
			rt.Fatalf("got %q, %v", got, err)
		}
		shifted := append(bytes.Clone(aad), 0)
		if _, err := r.Open(prod, "token", shifted, one); !errors.Is(err, keys.ErrInvalid) {
			rt.Fatalf("opened with another aad: %v", err)
		}
	})
}

func TestSealedTextsFollowRotation(t *testing.T) {
	m, c := &memory{}, newClock()
	r := open(t, m, c, quick())
	old := seal(t, r, 1, "a", "x")
	if _, err := r.Prepare(t.Context(), prod, "token"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Seal(prod, "token", 2, nil, nil); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("the next key seals: %v", err)
	}
	if _, err := r.Rotate(t.Context(), prod, "token", c.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	young := seal(t, r, 2, "a", "x")
	if again := seal(t, r, 1, "a", "x"); again != old || young == old {
		t.Error("the former key does not say the same again, or both keys say the same")
	}
	for _, text := range []string{old, young} {
		if _, err := r.Open(prod, "token", []byte("a"), text); err != nil {
			t.Errorf("after the rotation: %v", err)
		}
	}
	c.Advance(time.Hour)
	if _, err := r.Open(prod, "token", []byte("a"), old); !errors.Is(err, keys.ErrInvalid) {
		t.Errorf("after the end of the former key: %v", err)
	}
	if _, err := r.Seal(prod, "token", 1, nil, nil); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("a dead key seals: %v", err)
	}
	if _, err := r.Tag62(prod, "token", 1, 20, nil); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("a dead key tags: %v", err)
	}
	for _, version := range []int{-1, 0, 3, 1 << 16, 1<<16 + 2} {
		if _, err := r.Seal(prod, "token", version, nil, nil); !errors.Is(err, keys.ErrUnknownKey) {
			t.Errorf("version %d seals: %v", version, err)
		}
	}
}

func TestWrongMaterialDoesNothing(t *testing.T) {
	r, _, _ := full(t)
	for _, use := range []string{"hubex", "oauth", keys.UseCredential} {
		if _, err := r.Seal(prod, use, 1, nil, nil); err == nil {
			t.Errorf("%s seals", use)
		}
		if tag, err := r.Tag62(prod, use, 1, 20, nil); err == nil || tag != "" {
			t.Errorf("%s tags: %q", use, tag)
		}
	}
	for _, n := range []int{-1, 0, 33, 1 << 30} {
		if tag, err := r.Tag62(prod, "token", 1, n, nil); err == nil || tag != "" {
			t.Errorf("a tag of %d characters: %q", n, tag)
		}
	}
	if _, err := r.Digest(prod, 2, []byte("x")); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("an absent pepper: %v", err)
	}
	if _, err := r.Seal(prod, "token", 1, nil, make([]byte, 9000)); err == nil {
		t.Error("sealed a text that Open refuses for its length")
	}
	odd := []keys.Spec{{Stand: prod, Use: keys.UseCredential, Algorithm: keys.MAC}}
	if _, err := open(t, &memory{}, newClock(), odd).Digest(prod, 1); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("a MAC key as pepper: %v", err)
	}
}

// subkey derives what the product derives, from the row itself.
func subkey(t *testing.T, m *memory, use, task string) []byte {
	t.Helper()
	for _, row := range m.rows {
		if row.Stand != prod || row.Use != use {
			continue
		}
		secret, err := keys.MaterialOf(sealer(t, keyText), row)
		if err != nil {
			t.Fatal(err)
		}
		sub, err := hkdf.Expand(sha256.New, secret, "propusk/mac/v1/"+task, 32)
		if err != nil {
			t.Fatal(err)
		}
		return sub
	}
	t.Fatal("no row")
	return nil
}

// TestTag62 holds the arithmetic against math/big.
func TestTag62(t *testing.T) {
	r, m, _ := full(t)
	key := subkey(t, m, "token", "tag")
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 32).Draw(rt, "n")
		msg := rapid.SliceOf(rapid.Byte()).Draw(rt, "msg")
		got, err := r.Tag62(prod, "token", 1, n, msg)
		if err != nil || len(got) != n || strings.Trim(got, digits) != "" {
			rt.Fatalf("%q of %d, %v", got, n, err)
		}
		mac := hmac.New(sha256.New, key)
		mac.Write(msg)
		x := new(big.Int).SetBytes(mac.Sum(nil))
		want := make([]byte, n)
		for i := n - 1; i >= 0; i-- {
			_, digit := x.DivMod(x, big.NewInt(62), new(big.Int))
			want[i] = digits[digit.Int64()]
		}
		if got != string(want) {
			rt.Fatalf("got %s, want %s", got, want)
		}
	})
}

func TestTagsOfStandsDiffer(t *testing.T) { // rule 10
	r, _, _ := full(t)
	one, err1 := r.Tag62(prod, "token", 1, 20, []byte("m"))
	two, err2 := r.Tag62(test, "token", 1, 20, []byte("m"))
	if err1 != nil || err2 != nil || one == two {
		t.Errorf("%s and %s, %v, %v", one, two, err1, err2)
	}
	a, err1 := r.Digest(prod, 1, []byte("m"))
	b, err2 := r.Digest(test, 1, []byte("m"))
	if err1 != nil || err2 != nil || a == b {
		t.Errorf("digests: %v, %v", err1, err2)
	}
}

func TestDigestKeepsPartsApart(t *testing.T) {
	r, _, _ := full(t)
	seen := map[[32]byte]string{}
	for _, parts := range [][]string{nil, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"", "ab"}, {"ab", ""}, {"b", "a"}, {"\x00\x00\x00\x00\x00\x00\x00\x00"}} {
		var msg [][]byte
		for _, p := range parts {
			msg = append(msg, []byte(p))
		}
		d, err := r.Digest(prod, 1, msg...)
		if err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[d]; ok {
			t.Errorf("%q and %s have one digest", parts, other)
		}
		seen[d] = strings.Join(parts, "|")
		if again, _ := r.Digest(prod, 1, msg...); again != d {
			t.Errorf("%q: not the same twice", parts)
		}
	}
}

// TestRoundTrip signs random claims and reads them back.
func TestRoundTrip(t *testing.T) {
	r, _, _ := full(t)
	rapid.Check(t, func(rt *rapid.T) {
		use := rapid.SampledFrom(signingUses()).Draw(rt, "use")
		members := rapid.MapOf(rapid.StringMatching(`[a-z]{1,8}`), rapid.String()).Draw(rt, "claims")
		payload := encode(t, members)
		text := sign(t, r, prod, use, payload)
		v, err := r.Verify(prod, []string{use}, text)
		if err != nil || string(v.Payload) != payload {
			rt.Fatalf("%s: %q, %v", payload, v.Payload, err)
		}
		if got, err := decode[map[string]string](v.Payload); err != nil || len(got) != len(members) {
			rt.Fatalf("%s: %v, %v", payload, got, err)
		}
		other := rapid.IntRange(0, len(text)-1).Draw(rt, "at")
		c := rapid.Byte().Draw(rt, "byte")
		if changed := text[:other] + string([]byte{c}) + text[other+1:]; changed != text {
			if _, err := r.Verify(prod, []string{use}, changed); !errors.Is(err, keys.ErrInvalid) {
				rt.Fatalf("byte %d changed to %q: %v", other, c, err)
			}
		}
	})
}
