package smarts

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/catalog"
	"propusk/internal/catalog/query"
)

// bookmark is what a $skiptoken belongs to: a caller and what he asked. A token is
// no secret and gives no right: it names a place in the caller's own account. Its
// check is there so that one that was changed, or is of another query, is refused
// rather than answered with something that nobody asked for.
type bookmark struct {
	caller authority.Caller
	entity entity
	of     string
	asked  listRequest
}

// place is the text behind the check.
type place struct {
	Version int64             `json:"v,omitempty"`
	Values  []json.RawMessage `json:"k"`
}

const (
	checkSize    = 16
	maxSkipToken = 16 << 10
)

// check is over all that must be the same for the next page.
func (b bookmark) check(payload string) []byte {
	option := func(text *string) string {
		if text == nil {
			return ""
		}
		return *text
	}
	h := sha256.New()
	for _, part := range []string{
		string(b.caller.Stand()), fmt.Sprint(b.caller.Account().ID, b.caller.Principal().ID), b.entity.set, b.of,
		option(b.asked.Filter), option(b.asked.OrderBy), payload,
	} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return h.Sum(nil)[:checkSize]
}

// text writes the token of a place.
func (b bookmark) text(at catalog.Place) string {
	p := place{Version: int64(at.Version)}
	for _, v := range at.Values {
		text, _ := json.Marshal(plain(v)) // texts and finite numbers: nothing that cannot be written
		p.Values = append(p.Values, text)
	}
	payload, _ := json.Marshal(p)
	return base64.RawURLEncoding.EncodeToString(append(b.check(string(payload)), payload...))
}

// open reads a token: the values that order asks for, the key last.
func (b bookmark) open(token string, order []query.Order) (*catalog.Place, error) {
	bad := refused("$skiptoken", "this is no place in what is asked, at position 1")
	if len(token) > maxSkipToken {
		return nil, bad
	}
	text, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(text) < checkSize || strings.ContainsAny(token, "\r\n") {
		return nil, bad
	}
	payload := text[checkSize:]
	var p place
	if subtle.ConstantTimeCompare(text[:checkSize], b.check(string(payload))) != 1 || json.Unmarshal(payload, &p) != nil {
		return nil, bad
	}
	at := &catalog.Place{Version: authority.ID(p.Version)}
	fields := catalog.Closed(order, b.entity.key)
	if len(fields) != len(p.Values) {
		return nil, bad
	}
	for i, o := range fields {
		f, _ := b.entity.schema.Find(o.Field)
		v, err := valueOf(f.Kind, p.Values[i])
		if err != nil {
			return nil, bad
		}
		at.Values = append(at.Values, v)
	}
	return at, nil
}

// valueOf reads a value of a kind, as plain writes it.
func valueOf(kind query.Kind, text json.RawMessage) (v query.Value, err error) {
	v.Kind = kind
	switch kind {
	case query.StringKind:
		err = json.Unmarshal(text, &v.Text)
	case query.NumberKind:
		err = json.Unmarshal(text, &v.Number)
	case query.BoolKind:
		err = json.Unmarshal(text, &v.Bool)
	case query.TimeKind:
		var at time.Time
		err = json.Unmarshal(text, &at)
		v.Time = at
	default:
		err = fmt.Errorf("smarts: a %s has no place", kind)
	}
	return v, err
}
