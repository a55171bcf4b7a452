package calls

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"propusk/internal/authority"
)

const (
	uuidChars = 36
	idBits    = 53
	idMask    = 1<<idBits - 1
)

// FormatID writes the id of a call or recording as the UUID that clients know it
// by. It holds the id in its last bits; the other bits are a hash of it, so that
// a UUID of another system is known to be none of ours without a look-up. It
// calls itself version 4, because old clients take no version past 5.
func FormatID(id authority.ID) string {
	raw := uuidOf(id)
	text := hex.EncodeToString(raw[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// ParseID reads what FormatID wrote, in either case. Anything else is NotFound:
// whether it is a UUID at all makes no difference to who asks.
func ParseID(text string) (authority.ID, error) {
	missing := authority.E(authority.NotFound, "there is no such call or recording")
	if len(text) != uuidChars || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return 0, missing
	}
	var raw [16]byte
	if _, err := hex.Decode(raw[:], []byte(text[:8]+text[9:13]+text[14:18]+text[19:23]+text[24:])); err != nil {
		return 0, missing
	}
	id := authority.ID(binary.BigEndian.Uint64(raw[8:]) & idMask)
	if id == 0 || uuidOf(id) != raw {
		return 0, missing
	}
	return id, nil
}

func uuidOf(id authority.ID) [16]byte {
	var message [8]byte
	binary.BigEndian.PutUint64(message[:], uint64(id))
	sum := sha256.Sum256(append([]byte("propusk/calls/"), message[:]...))
	var raw [16]byte
	copy(raw[:], sum[:])
	tail := binary.BigEndian.Uint64(sum[8:])&^uint64(idMask) | uint64(id)&idMask
	binary.BigEndian.PutUint64(raw[8:], tail)
	raw[6] = 0x40 | raw[6]&0x0f // version 4
	raw[8] = 0x80 | raw[8]&0x3f // RFC 9562 §4.1
	return raw
}
