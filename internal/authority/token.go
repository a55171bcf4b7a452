package authority

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"propusk/internal/keys"
)

// errToken is why a text is no token; it never leaves the package.
var errToken = errors.New("not a token of ours")

// parsed is a token whose text has proved itself: ours, of this stand, dialect
// and kind, in its one spelling. Whether it lives is decided elsewhere.
type parsed struct {
	dialect string
	kind    TokenKind
	ids     TokenIDs // without ids that only the grant's row knows, for opaque forms
	issued  time.Time
	expires time.Time
	scope   []Permission
	typ     string // header member typ, of a JWT
	opaque  bool   // the grant's row must still be read
	short   shortToken
}

// core is the private claim of every JWT: all that the feed can refuse.
type core struct {
	Grant      string `json:"grant"`
	Generation uint32 `json:"gen"`
	Kind       string `json:"use"`
	Credential ID     `json:"cred"`
	Principal  ID     `json:"prn"`
	Through    ID     `json:"via,omitempty"`
	Account    ID     `json:"acct"`
	Epoch      uint64 `json:"epoch"`
	Position   string `json:"pos"` // sealed: it counts what the whole deployment does (rule 9)
}

// claims is what the verifier reads of a JWT.
type claims struct {
	Issuer   string `json:"iss"`
	IssuedAt int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
	Scope    string `json:"scope"`
	Core     core   `json:"propusk"`
}

// writer turns grants into token texts and back. It decides nothing about life
// and death.
type writer struct {
	claims keys.Decoder[claims] // worked out once
	ring   *keys.Ring
	issuer func(Stand, string) string // by stand and dialect
}

// write gives the text of the token (kind, gen) of facts.Grant. The same grant
// row always gives the same text.
func (w writer) write(p Profile, spec TokenSpec, gen Generation, facts TokenFacts) (Secret, error) {
	switch spec.Form {
	case JWT:
		return w.jwt(p, spec, gen, facts)
	case Sealed:
		return w.sealed(p, gen, facts)
	case Short:
		return w.short(p, gen, facts)
	case NoToken:
	}
	return Secret{}, nil
}

// jwt writes a compact JWS. Everything in it comes from the row, so that a
// replay signs the same bytes. RFC 7519 §4.1.
func (w writer) jwt(p Profile, spec TokenSpec, gen Generation, f TokenFacts) (Secret, error) {
	id := tokenID(f.Grant.ID, gen.Number, f.Kind)
	position, err := w.sealPosition(f.Grant.Stand, gen, id)
	if err != nil {
		return Secret{}, err
	}
	c := written{
		Audience: p.Audience, Expires: f.Expires.Unix(), IssuedAt: f.Issued.Unix(), Issuer: f.Issuer,
		ID: id, Subject: strconv.FormatInt(int64(f.Principal.ID), 10),
		Core: core{
			Grant: encodeGrant(f.Grant.ID), Generation: gen.Number, Kind: f.Kind.String(),
			Credential: f.Grant.Credential, Principal: f.Grant.Principal, Through: f.Grant.Through, Account: f.Grant.Account,
			Epoch: f.Grant.Epoch, Position: position,
		},
	}
	if c.Audience == "" {
		c.Audience = f.Issuer
	}
	if f.Grant.Scope != nil {
		c.Scope = new(joinScope(f.Grant.Scope))
	}
	var payload []byte
	if p.Claims == nil {
		payload, err = json.Marshal(c)
	} else {
		payload, err = json.Marshal(c.with(p.Claims(f)))
	}
	if err != nil {
		return Secret{}, err
	}
	text, err := w.ring.Sign(gen.KeyID, keys.Header{Typ: spec.Typ}, payload)
	return NewSecret(text), err
}

// written is the claims of a JWT in the order of their names, as with's are.
type written struct {
	Audience string  `json:"aud"`
	Expires  int64   `json:"exp"`
	IssuedAt int64   `json:"iat"`
	Issuer   string  `json:"iss"`
	ID       string  `json:"jti"`
	Core     core    `json:"propusk"`
	Scope    *string `json:"scope,omitempty"`
	Subject  string  `json:"sub"`
}

// with adds what a dialect says. Of the core's own claims it may replace sub
// and aud.
func (c written) with(more map[string]any) map[string]any {
	members := map[string]any{"sub": c.Subject, "aud": c.Audience}
	maps.Copy(members, more)
	if c.Scope != nil {
		members["scope"] = *c.Scope
	}
	members["iss"], members["iat"], members["exp"] = c.Issuer, c.IssuedAt, c.Expires
	members["jti"], members["propusk"] = c.ID, c.Core
	return members
}

// tokenID is the jti: it follows from what the token is, so it needs no row.
func tokenID(grant ID, generation uint32, kind TokenKind) string {
	return encodeGrant(grant) + "." + strconv.FormatUint(uint64(generation), 10) + "." + kind.String()
}

// parseJWT verifies text with the live keys of dialects and reads the claims of
// the core. RFC 8725 §3.
func (w writer) parseJWT(stand Stand, dialects []string, text string) (parsed, error) {
	v, err := w.ring.Verify(string(stand), dialects, text)
	if err != nil {
		return parsed{}, err
	}
	c, err := w.claims.Decode(v.Payload)
	if err != nil {
		return parsed{}, err
	}
	kind, ok := kindOf(c.Core.Kind)
	grant, err := decodeGrant(c.Core.Grant)
	if !ok || err != nil || c.Issuer != w.issuer(stand, v.Use) || c.Expires <= c.IssuedAt ||
		c.ID != tokenID(grant, c.Core.Generation, kind) {
		return parsed{}, errToken
	}
	position, err := w.openPosition(stand, c.ID, c.Core.Position)
	if err != nil {
		return parsed{}, err
	}
	return parsed{
		dialect: v.Use, kind: kind, typ: v.Typ,
		ids: TokenIDs{
			Stand: stand, Grant: grant, Generation: c.Core.Generation, Kind: kind,
			Credential: c.Core.Credential, Principal: c.Core.Principal, Through: c.Core.Through, Account: c.Core.Account,
			Key: v.KeyID, Epoch: c.Core.Epoch, Position: position,
		},
		issued: time.Unix(c.IssuedAt, 0), expires: time.Unix(c.Expires, 0),
		scope: splitScope(c.Scope),
	}, nil
}

// sealPosition hides the position of the token id. Equal positions of two tokens
// do not look alike.
func (w writer) sealPosition(stand Stand, gen Generation, id string) (string, error) {
	plain := binary.BigEndian.AppendUint64(make([]byte, 0, 8), uint64(gen.Position))
	version := gen.KeyVersion
	if versions := w.ring.Versions(string(stand), useTokens); version == 0 && len(versions) > 0 {
		version = versions[0] // of a row from before positions were hidden
	}
	return w.ring.Seal(string(stand), useTokens, version, []byte("position/"+id), plain)
}

func (w writer) openPosition(stand Stand, id, text string) (Position, error) {
	plain, err := w.ring.Open(string(stand), useTokens, []byte("position/"+id), text)
	if err != nil || len(plain) != 8 {
		return 0, errToken
	}
	return Position(binary.BigEndian.Uint64(plain)), nil
}

func kindOf(word string) (TokenKind, bool) {
	for _, k := range []TokenKind{AccessToken, RefreshToken, IDToken} {
		if k.String() == word {
			return k, true
		}
	}
	return 0, false
}

// sealedSize is kind, grant, generation, issued and expires in seconds.
const sealedSize = 1 + 8 + 4 + 8 + 8

// sealed writes an opaque token that verifies itself and lets any old
// generation be recognised without a row.
func (w writer) sealed(p Profile, gen Generation, f TokenFacts) (Secret, error) {
	plain := make([]byte, 0, sealedSize)
	plain = append(plain, byte(f.Kind))
	plain = binary.BigEndian.AppendUint64(plain, uint64(f.Grant.ID))
	plain = binary.BigEndian.AppendUint32(plain, gen.Number)
	plain = binary.BigEndian.AppendUint64(plain, uint64(f.Issued.Unix()))
	plain = binary.BigEndian.AppendUint64(plain, uint64(f.Expires.Unix()))
	text, err := w.ring.Seal(string(f.Grant.Stand), useTokens, gen.KeyVersion, sealedAAD(p.Dialect), plain)
	return NewSecret(text), err
}

func sealedAAD(dialect string) []byte { return []byte("token/" + dialect) }

// parseSealed opens text as a token of dialect.
func (w writer) parseSealed(stand Stand, dialect, text string) (parsed, error) {
	plain, err := w.ring.Open(string(stand), useTokens, sealedAAD(dialect), text)
	if err != nil {
		return parsed{}, err
	}
	if len(plain) != sealedSize {
		return parsed{}, errToken
	}
	p := parsed{dialect: dialect, kind: TokenKind(plain[0]), opaque: true}
	p.ids = TokenIDs{
		Stand: stand, Kind: p.kind,
		Grant:      ID(binary.BigEndian.Uint64(plain[1:])),
		Generation: binary.BigEndian.Uint32(plain[9:]),
	}
	p.issued = time.Unix(int64(binary.BigEndian.Uint64(plain[13:])), 0)
	p.expires = time.Unix(int64(binary.BigEndian.Uint64(plain[21:])), 0)
	return p, nil
}

func joinScope(scope []Permission) string {
	words := make([]string, len(scope))
	for i, p := range scope {
		words[i] = string(p)
	}
	return strings.Join(words, " ")
}

// splitScope reads a scope; "" is nil, "everything".
func splitScope(s string) []Permission {
	if s == "" {
		return nil
	}
	words := strings.Split(s, " ")
	scope := make([]Permission, len(words))
	for i, w := range words {
		scope[i] = Permission(w)
	}
	return scope
}
