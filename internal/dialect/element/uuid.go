package element

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"unicode/utf8"

	"propusk/internal/authority"
)

// uuid is the outer form of an id in this dialect: a UUID of version 8 (RFC 9562
// §5.8) that holds the id in its last 62 bits. The other bits are a hash of it, so
// that a UUID of another system is known to be none of ours without a look-up.
//
// As a parameter it never fails: what was wrong with it is told by need, because
// a UUID that cannot be read is another answer than one that is not found.
type uuid struct {
	id   authority.ID
	text string // as sent, of one that is not a UUID
	bad  bool
}

// stranger is the id of a UUID that is well-formed and not ours. No row has it.
const stranger authority.ID = -1

const (
	uuidChars = 36
	idMask    = 1<<62 - 1
)

// shown wraps an id for an answer.
func shown(id authority.ID) uuid { return uuid{id: id} }

// optional is shown for ids that may be missing.
func optional(id authority.ID) *uuid {
	if id == 0 {
		return nil
	}
	return &uuid{id: id}
}

// FormatID gives the UUID of an id, for those who name one to this dialect.
func FormatID(id authority.ID) string { return formatUUID(id) }

// formatUUID writes id as a UUID.
func formatUUID(id authority.ID) string {
	raw := bytesOf(id)
	var out [uuidChars]byte
	at := 0
	for i, b := range raw {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			out[at] = '-'
			at++
		}
		hex.Encode(out[at:at+2], []byte{b})
		at += 2
	}
	return string(out[:])
}

func bytesOf(id authority.ID) [16]byte {
	var raw [16]byte
	var message [8]byte
	binary.BigEndian.PutUint64(message[:], uint64(id))
	sum := sha256.Sum256(append([]byte("propusk/element/"), message[:]...))
	copy(raw[:8], sum[:8])
	binary.BigEndian.PutUint64(raw[8:], 1<<63|uint64(id)&idMask) // variant 10
	raw[6] = 0x80 | raw[6]&0x0f                                  // version 8
	return raw
}

// parseUUID reads a UUID in its usual text, in either case. An id that is not
// ours is stranger.
func parseUUID(text string) (authority.ID, bool) {
	raw, ok := readUUID(text)
	if !ok {
		return 0, false
	}
	id := authority.ID(binary.BigEndian.Uint64(raw[8:]) & idMask)
	if id == 0 || bytesOf(id) != raw {
		return stranger, true
	}
	return id, true
}

// readUUID takes xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx apart. RFC 9562 §4.
func readUUID(text string) (raw [16]byte, ok bool) {
	if len(text) != uuidChars || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return raw, false
	}
	digits := text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	_, err := hex.Decode(raw[:], []byte(digits))
	return raw, err == nil
}

// MarshalText implements encoding.TextMarshaler.
func (u uuid) MarshalText() ([]byte, error) { return []byte(formatUUID(u.id)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *uuid) UnmarshalText(text []byte) error {
	id, ok := parseUUID(string(text))
	*u = uuid{id: id, bad: !ok}
	if !ok {
		u.text = string(text)
	}
	return nil
}

// need gives the id, or says that it is no UUID.
func (u uuid) need() (authority.ID, error) {
	if u.bad {
		return 0, authority.E(authority.InvalidRequest, clip(u.text)+" is not a valid UUID.")
	}
	return u.id, nil
}

// clip bounds what is said again of a client's own text.
func clip(text string) string {
	const most = 64
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most]) + "…"
}

// ids reads a list of them.
func ids(list []uuid) ([]authority.ID, error) {
	out := make([]authority.ID, len(list))
	for i, u := range list {
		id, err := u.need()
		if err != nil {
			return nil, err
		}
		out[i] = id
	}
	return out, nil
}

func uuids(list []authority.ID) []uuid {
	out := make([]uuid, len(list))
	for i, id := range list {
		out[i] = shown(id)
	}
	return out
}
