package authority

import (
	"encoding/binary"
	"strconv"
)

// A mark is a place in a list on its way through a client's hands. Rows are
// counted over the whole deployment, so it goes out encrypted; and it is good
// only for the principal and the list that it was made for.

const markBytes = 8

// Mark writes a place in a list of c's. Equal places give equal text.
// Unavailable while there is no key.
func (a *Authority) Mark(c Caller, list string, at ID) (string, error) {
	versions := a.writer.ring.Versions(string(c.Stand()), useTokens)
	if len(versions) == 0 {
		return "", E(Unavailable, "no key to seal with")
	}
	text, err := a.writer.ring.Seal(string(c.Stand()), useTokens, versions[0], markAAD(c, list),
		binary.BigEndian.AppendUint64(nil, uint64(at)))
	if err != nil {
		return "", Wrap(Unavailable, "the mark could not be written", err)
	}
	return text, nil
}

// ReadMark reads what Mark wrote for the same principal and list. Anything else
// is InvalidValue.
func (a *Authority) ReadMark(c Caller, list, text string) (ID, error) {
	plain, err := a.writer.ring.Open(string(c.Stand()), useTokens, markAAD(c, list), text)
	if err != nil || len(plain) != markBytes {
		return 0, E(InvalidValue, "the cursor is not one of this list").With("parameter", "cursor")
	}
	return ID(binary.BigEndian.Uint64(plain)), nil
}

// markAAD binds a mark to its list. It begins otherwise than what tokens are
// bound to.
func markAAD(c Caller, list string) []byte {
	return []byte("mark/" + strconv.FormatInt(int64(c.Account().ID), 10) + "/" +
		strconv.FormatInt(int64(c.Principal().ID), 10) + "/" + list)
}
