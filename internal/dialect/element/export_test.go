package element

import (
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// WireOf gives status, number and name of a code; false for one that the table
// lacks.
func WireOf(code authority.Code) (status, number int, word string, ok bool) {
	w, ok := wireOf(code)
	return w.status, w.code, w.word, ok
}

// FormatUUID and ParseUUID are the outer form of ids.
func FormatUUID(id authority.ID) string { return formatUUID(id) }

// ParseUUID gives Stranger for a UUID that is none of ours; false for no UUID.
func ParseUUID(text string) (authority.ID, bool) { return parseUUID(text) }

// Stranger is the id of a UUID that is none of ours.
const Stranger = stranger

// ReadKey gives the access key that a request shows.
func ReadKey(r *http.Request, f web.Form) (id, secret string, err error) {
	k, err := readKey(r, f)
	return k.ID, k.Secret.Reveal(), err
}

// ReadSettings gives the code with which a body of switches is refused; "" when
// it is taken.
func ReadSettings(key string, value []byte) authority.Code {
	p := patch{}
	return authority.CodeOf(p.read(key, value))
}

// ReadAreas reads areas as a body has them.
func ReadAreas(text []byte) (authority.Areas, error) {
	var a areas
	if err := a.UnmarshalJSON(text); err != nil {
		return authority.Areas{}, err
	}
	return a.need()
}
