package authority

import (
	"crypto/subtle"
	"encoding/binary"
	"slices"
)

// A short token is 30 alphanumerics: ten of the grant's id, twenty of a tag of
// 119 bits over what the token is. docs/dialects/ringme.md §1.
const (
	grantChars = 10
	tagChars   = 20
	shortChars = grantChars + tagChars
)

// shortToken is a short text taken apart. Its tag is checked once the grant's
// row has told generation and key version.
type shortToken struct {
	tag string
}

// short writes the short token of a generation.
func (w writer) short(p Profile, gen Generation, f TokenFacts) (Secret, error) {
	tag, err := w.shortTag(p.Dialect, f.Kind, f.Grant.Stand, f.Grant.ID, gen)
	return NewSecret(encodeGrant(f.Grant.ID) + tag), err
}

func (w writer) shortTag(dialect string, kind TokenKind, stand Stand, grant ID, gen Generation) (string, error) {
	msg := make([]byte, 0, 64)
	for _, part := range []string{"short", string(stand), dialect} {
		msg = binary.BigEndian.AppendUint16(msg, uint16(len(part)))
		msg = append(msg, part...)
	}
	msg = append(msg, byte(kind))
	msg = binary.BigEndian.AppendUint64(msg, uint64(grant))
	msg = binary.BigEndian.AppendUint32(msg, gen.Number)
	return w.ring.Tag62(string(stand), useTokens, gen.KeyVersion, tagChars, msg)
}

// parseShort takes text apart without proving it.
func parseShort(stand Stand, dialect, text string) (parsed, error) {
	if len(text) != shortChars || !alphanumeric(text) {
		return parsed{}, errToken
	}
	grant, err := decodeGrant(text[:grantChars])
	if err != nil {
		return parsed{}, err
	}
	return parsed{
		dialect: dialect, opaque: true, short: shortToken{tag: text[grantChars:]},
		ids: TokenIDs{Stand: stand, Grant: grant},
	}, nil
}

// proveShort checks the tag of p against the current generation of g and those
// before it that may live, the newest first, for each kind the profile writes in
// this form.
func (w writer) proveShort(p parsed, profile Profile, g Grant) (parsed, bool) {
	for _, gen := range slices.Backward(append(slices.Clone(g.Earlier), g.Current)) {
		for _, kind := range []TokenKind{AccessToken, RefreshToken} {
			if profile.spec(kind).Form != Short {
				continue
			}
			tag, err := w.shortTag(profile.Dialect, kind, g.Stand, g.ID, gen)
			if err != nil || subtle.ConstantTimeCompare([]byte(tag), []byte(p.short.tag)) != 1 {
				continue
			}
			p.kind, p.ids.Kind, p.ids.Generation = kind, kind, gen.Number
			p.issued, p.expires = gen.Issued, gen.AccessExpires
			if kind == RefreshToken {
				p.expires = gen.RefreshExpires
			}
			return p, true
		}
	}
	return parsed{}, false
}

func alphanumeric(s string) bool {
	for i := range len(s) {
		if digitOf(s[i]) < 0 {
			return false
		}
	}
	return true
}
