package authority

import (
	"context"
	"encoding/binary"
	"time"
)

// linkSize is grant, generation, what the link leads to, and its end in
// milliseconds.
const linkSize = 8 + 4 + 8 + 8

// Link makes a text that leads to one thing of the caller's account without a
// credential, for life at most and never longer than the caller's token. It dies
// with token, grant, principal, account and stand; what it leads to is judged
// again by whoever follows it. purpose keeps links of one kind from being taken
// for another. A caller without a grant is Forbidden.
func (a *Authority) Link(c Caller, purpose string, what ID, life time.Duration) (Secret, error) {
	if c.grant == 0 {
		return Secret{}, E(Forbidden, "links are made with a token")
	}
	ends := a.now().Add(life)
	if c.expires.Before(ends) {
		ends = c.expires
	}
	version, err := a.writer.ring.ActiveVersion(string(c.Stand()), useTokens)
	if err != nil {
		return Secret{}, Wrap(Unavailable, "there is no key to make a link with", err)
	}
	plain := make([]byte, 0, linkSize)
	plain = binary.BigEndian.AppendUint64(plain, uint64(c.grant))
	plain = binary.BigEndian.AppendUint32(plain, c.generation)
	plain = binary.BigEndian.AppendUint64(plain, uint64(what))
	plain = binary.BigEndian.AppendUint64(plain, uint64(ends.UnixMilli()))
	text, err := a.writer.ring.Seal(string(c.Stand()), useTokens, version, linkAAD(c.origin.Dialect, purpose), plain)
	return NewSecret(text), err
}

// linkAAD differs from that of every token.
func linkAAD(dialect, purpose string) []byte { return []byte("link/" + dialect + "/" + purpose) }

// Follow gives the caller that a link of the origin's dialect was made for, and
// what it leads to. Every link that is dead, or is none, is NotFound.
func (a *Authority) Follow(ctx context.Context, o Origin, purpose, text string) (Caller, ID, error) {
	plain, err := a.writer.ring.Open(string(o.Stand), useTokens, linkAAD(o.Dialect, purpose), text)
	if err != nil || len(plain) != linkSize {
		return Caller{}, 0, deadLink()
	}
	g, err := a.ports.Grants.Grant(ctx, o.Stand, ID(binary.BigEndian.Uint64(plain)))
	if CodeOf(err) == NotFound || (err == nil && g.Mark > g.Position) {
		return Caller{}, 0, deadLink()
	}
	if err != nil {
		return Caller{}, 0, err
	}
	v := &verified{dialect: g.Dialect, grant: g, expires: time.UnixMilli(int64(binary.BigEndian.Uint64(plain[20:])))}
	v.ids = TokenIDs{
		Stand: o.Stand, Grant: g.ID, Generation: binary.BigEndian.Uint32(plain[8:]), Kind: AccessToken,
		Credential: g.Credential, Principal: g.Principal, Through: g.Through,
		Account: g.Account, Epoch: g.Epoch, Position: g.Position,
	}
	state, reason, err := a.alive(ctx, v, a.now())
	if err != nil {
		return Caller{}, 0, err
	}
	if reason != "" || !a.takes(o, v, state) {
		return Caller{}, 0, deadLink()
	}
	c := a.caller(state, o, g)
	c.expires, c.generation = v.expires, v.ids.Generation
	return c, ID(binary.BigEndian.Uint64(plain[12:])), nil
}

func deadLink() *Error { return E(NotFound, "there is no such link") }
