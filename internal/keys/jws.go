package keys

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// maxText bounds a presented token, and so one that is signed. Rule 15.
const maxText = 8192

// Header is what the signer chooses of a JWS header; alg and kid come from the
// key. Typ is left out when empty. RFC 7515 §4.1.9.
type Header struct{ Typ string }

// Verified is a token whose signature matches a live key of the asked stand
// and uses. Whether it has expired or was revoked is not known here. Payload is
// one JSON object without repeated names; read it with a Decoder.
type Verified struct {
	KeyID   string
	Use     string
	Typ     string // "" when the header has none
	Payload []byte
}

// joseHeader is a header in the order in which it is written.
type joseHeader struct {
	Alg string `json:"alg"`
	Typ string `json:"typ,omitempty"`
	Kid string `json:"kid"`
}

// encodeHeader gives the first part of a token. It must never change for a key:
// a replayed refresh signs the same bytes again.
func encodeHeader(alg Algorithm, kid, typ string) (string, error) {
	text, err := json.Marshal(joseHeader{Alg: string(alg), Typ: typ, Kid: kid})
	return base64.RawURLEncoding.EncodeToString(text), err
}

// parseHeader takes only string members, and of them only alg, kid and typ:
// whatever else a header may hold (crit, jku, x5u, jwk, x5c, b64, zip, …) asks
// the verifier to trust the presenter. RFC 8725 §3.10.
func parseHeader(text string) (joseHeader, error) {
	raw, err := decodePart(text)
	if err != nil {
		return joseHeader{}, err
	}
	if err := checkObject(raw, nil); err != nil {
		return joseHeader{}, err
	}
	var members map[string]any
	if json.Unmarshal(raw, &members) != nil {
		return joseHeader{}, errHeader
	}
	var h joseHeader
	for name, value := range members {
		s, ok := value.(string)
		target := h.member(name)
		if !ok || target == nil {
			return joseHeader{}, errHeader
		}
		*target = s
	}
	if h.Alg == "" || h.Kid == "" {
		return joseHeader{}, errHeader
	}
	return h, nil
}

func (h *joseHeader) member(name string) *string {
	switch name {
	case "alg":
		return &h.Alg
	case "typ":
		return &h.Typ
	case "kid":
		return &h.Kid
	default:
		return nil
	}
}

// decodePart takes only the one spelling of a part: the decoder lets stray bits
// and line ends pass, but they do not come back when encoding again. RFC 7515
// §2, rule 15.
func decodePart(text string) ([]byte, error) {
	b64 := base64.RawURLEncoding
	raw, err := b64.DecodeString(text)
	if err != nil {
		return nil, errEncoding
	}
	var room [1024]byte
	if string(b64.AppendEncode(room[:0], raw)) != text {
		return nil, errEncoding
	}
	return raw, nil
}

// cut splits a compact JWS into header, payload and signature. It looks at no
// more than three dots. RFC 7515 §7.1.
func cut(text string) (header, payload, signature string, err error) {
	if len(text) > maxText {
		return "", "", "", errTooLong
	}
	header, rest, ok := strings.Cut(text, ".")
	if !ok {
		return "", "", "", errParts
	}
	payload, signature, ok = strings.Cut(rest, ".")
	if !ok || strings.IndexByte(signature, '.') >= 0 {
		return "", "", "", errParts
	}
	return header, payload, signature, nil
}

// verifyText proves text by the key that find gives for its kid, and returns
// the bare payload. find gives nil for every key that may not verify here.
// known holds headers that were parsed before, by their text.
func verifyText(text string, known map[string]joseHeader, find func(kid string) *key) (*key, joseHeader, []byte, error) {
	header, payload, signature, err := cut(text)
	if err != nil {
		return nil, joseHeader{}, nil, err
	}
	h, ok := known[header]
	if !ok {
		if h, err = parseHeader(header); err != nil {
			return nil, joseHeader{}, nil, err
		}
	}
	k := find(h.Kid)
	if k == nil || k.verifier == nil {
		return nil, joseHeader{}, nil, errNoKey
	}
	if h.Alg != string(k.Algorithm) {
		return nil, joseHeader{}, nil, errAlgorithm
	}
	raw, err := decodePart(payload)
	if err != nil {
		return nil, joseHeader{}, nil, err
	}
	sig, err := decodePart(signature)
	if err != nil {
		return nil, joseHeader{}, nil, err
	}
	if !k.verifier.verify([]byte(text[:len(header)+1+len(payload)]), sig) {
		return nil, joseHeader{}, nil, errSignature
	}
	return k, h, raw, nil
}

// signText writes the compact JWS of claims. It refuses what verifyText would
// refuse, so that no token leaves that its own maker does not take.
func (k *key) signText(typ string, claims []byte) (string, error) {
	if err := checkObject(claims, nil); err != nil {
		return "", fmt.Errorf("keys: claims to sign: %s", err.Error()) // not ErrInvalid: the caller's defect
	}
	header, err := k.header(typ)
	if err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding
	text := make([]byte, 0, len(header)+1+b64.EncodedLen(len(claims))+1+maxSignatureText)
	text = append(append(text, header...), '.')
	text = b64.AppendEncode(text, claims)
	signature, err := k.signer.sign(text)
	if err != nil {
		return "", err
	}
	text = b64.AppendEncode(append(text, '.'), signature)
	if len(text) > maxText {
		return "", fmt.Errorf("keys: a token of %d bytes is over the limit of %d", len(text), maxText)
	}
	return string(text), nil
}

// maxSignatureText is room for an RSA-2048 signature; longer ones grow.
const maxSignatureText = 344
