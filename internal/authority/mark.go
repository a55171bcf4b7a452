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
	return a.mark(c, list, binary.BigEndian.AppendUint64(nil, uint64(at)))
}

// MarkText is Mark for a list whose places are texts.
func (a *Authority) MarkText(c Caller, list, at string) (string, error) {
	return a.mark(c, textList+list, []byte(at))
}

// textList keeps the lists of texts apart from those of ids.
const textList = "text/"

func (a *Authority) mark(c Caller, list string, at []byte) (string, error) {
	versions := a.writer.ring.Versions(string(c.Stand()), useTokens)
	if len(versions) == 0 {
		return "", E(Unavailable, "no key to seal with")
	}
	text, err := a.writer.ring.Seal(string(c.Stand()), useTokens, versions[0], markAAD(c, list), at)
	if err != nil {
		return "", Wrap(Unavailable, "the mark could not be written", err)
	}
	return text, nil
}

// ReadMark reads what Mark wrote for the same principal and list. Anything else
// is InvalidValue.
func (a *Authority) ReadMark(c Caller, list, text string) (ID, error) {
	plain, err := a.readMark(c, list, text)
	if err != nil || len(plain) != markBytes {
		return 0, noMark()
	}
	return ID(binary.BigEndian.Uint64(plain)), nil
}

// ReadMarkText reads what MarkText wrote for the same principal and list. Anything
// else is InvalidValue.
func (a *Authority) ReadMarkText(c Caller, list, text string) (string, error) {
	plain, err := a.readMark(c, textList+list, text)
	if err != nil {
		return "", noMark()
	}
	return string(plain), nil
}

func (a *Authority) readMark(c Caller, list, text string) ([]byte, error) {
	return a.writer.ring.Open(string(c.Stand()), useTokens, markAAD(c, list), text)
}

func noMark() error {
	return E(InvalidValue, "the cursor is not one of this list").With("parameter", "cursor")
}

// markAAD binds a mark to its list. It begins otherwise than what tokens are
// bound to.
func markAAD(c Caller, list string) []byte {
	return []byte("mark/" + strconv.FormatInt(int64(c.Account().ID), 10) + "/" +
		strconv.FormatInt(int64(c.Principal().ID), 10) + "/" + list)
}
