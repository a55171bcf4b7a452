package signin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"

	"propusk/internal/signin"
)

// device is an authenticator in software: one key pair of ES256 for this console.
type device struct {
	s      *stage
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte // of the user that the key is for
	count  uint32
	origin string
	flags  byte // 1 = somebody is there, 4 = it was its user
}

func (s *stage) device() *device {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.must(err)
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &device{s: s, key: key, id: id, origin: consoleURL, flags: 1 | 4}
}

func text64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// asked reads what a ceremony asks of the device.
func (d *device) asked(c signin.Ceremony) (challenge, user string) {
	d.s.t.Helper()
	raw, err := json.Marshal(c.Options)
	d.s.must(err)
	var o struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
	d.s.must(json.Unmarshal(raw, &o))
	return o.PublicKey.Challenge, o.PublicKey.User.ID
}

func (d *device) client(kind, challenge string) []byte {
	raw, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	d.s.must(err)
	return raw
}

// data is the authenticator's data. Web Authentication Level 3 §6.1.
func (d *device) data(flags byte) []byte {
	party := sha256.Sum256([]byte("console.example.com"))
	d.count++
	return binary.BigEndian.AppendUint32(append(party[:], flags), d.count)
}

func (d *device) answer(response map[string]string) []byte {
	raw, err := json.Marshal(map[string]any{
		"id": text64(d.id), "rawId": text64(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	d.s.must(err)
	return raw
}

// make answers a ceremony that asks for a new passkey. §7.1, without attestation.
func (d *device) make(c signin.Ceremony) []byte {
	challenge, user := d.asked(c)
	var err error
	d.handle, err = base64.RawURLEncoding.DecodeString(user)
	d.s.must(err)
	public, err := d.key.PublicKey.Bytes() // 4, then both coordinates
	d.s.must(err)
	data := append(d.data(d.flags|0x40), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(data, d.id...)
	// COSE: {1: 2, 3: -7, -1: 1, -2: x, -3: y}. RFC 9053 §7.1.
	data = append(data, 0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20)
	data = append(data, public[1:33]...)
	data = append(append(data, 0x22, 0x58, 0x20), public[33:]...)
	object := append([]byte{0xa3}, "\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"...)
	object = append(append(object, byte(len(data))), data...)
	return d.answer(map[string]string{
		"clientDataJSON": text64(d.client("webauthn.create", challenge)), "attestationObject": text64(object),
	})
}

// use answers a ceremony that asks for the passkey. §7.2.
func (d *device) use(c signin.Ceremony) []byte {
	challenge, _ := d.asked(c)
	client, data := d.client("webauthn.get", challenge), d.data(d.flags)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	d.s.must(err)
	return d.answer(map[string]string{
		"clientDataJSON": text64(client), "authenticatorData": text64(data), "signature": text64(signature), "userHandle": text64(d.handle),
	})
}
