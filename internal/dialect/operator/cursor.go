package operator

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
)

// A cursor is a place in one list: 8 bytes of time, 8 of id and a sum over both
// and the list. It opens nothing that its bearer may not see without it; the sum
// tells one of another list, or a broken one, from a good one.
const (
	placeSize  = 16
	cursorSize = placeSize + 16
)

// cursorBound is what a cursor belongs to: who asks, and for what.
func cursorBound(c authority.Caller, q calls.Query) []byte {
	most := time.Duration(-1)
	if q.MaxDuration != nil {
		most = *q.MaxDuration
	}
	flag := func(b *bool) string {
		if b == nil {
			return "-"
		}
		return fmt.Sprint(*b)
	}
	return fmt.Appendf(nil, "%s %d %d %q %d %d %v %d %d %s %s", c.Stand(), c.Account().ID, c.Principal().ID, q.Numbers,
		q.Period.From.Unix(), q.Period.Till.Unix(), q.Directions, q.MinDuration, most, flag(q.Recorded), flag(q.Read))
}

func cursorSum(place, bound []byte) []byte {
	sum := sha256.Sum256(append(append([]byte("propusk/operator/cursor\x00"), place...), bound...))
	return sum[:cursorSize-placeSize]
}

// writeCursor names the place behind m.
func writeCursor(m calls.Mark, bound []byte) string {
	place := make([]byte, 0, cursorSize)
	place = binary.BigEndian.AppendUint64(place, uint64(m.Begun.UnixMilli()))
	place = binary.BigEndian.AppendUint64(place, uint64(m.ID))
	return base64.RawURLEncoding.EncodeToString(append(place, cursorSum(place, bound)...))
}

// readCursor reads what writeCursor wrote for the same list; nothing, null and ""
// are its beginning.
func readCursor(raw json.RawMessage, bound []byte) (calls.Mark, error) {
	bad := wrong("cursor", "must be the nextCursor of the same request")
	if absent(raw) {
		return calls.Mark{}, nil
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return calls.Mark{}, bad
	}
	if text == "" {
		return calls.Mark{}, nil
	}
	at, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(at) != cursorSize || string(cursorSum(at[:placeSize], bound)) != string(at[placeSize:]) {
		return calls.Mark{}, bad
	}
	return calls.Mark{
		Begun: time.UnixMilli(int64(binary.BigEndian.Uint64(at))).UTC(), ID: authority.ID(binary.BigEndian.Uint64(at[8:])),
	}, nil
}
