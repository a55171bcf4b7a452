package smarts

import "propusk/internal/authority"

// WireOf gives status and words of a code; false for one that the table lacks.
func WireOf(code authority.Code) (status int, set, session string, ok bool) {
	w, ok := wireOf(code)
	return w.status, w.code, w.session, ok
}

// ReadPair reads what stands behind Basic.
func ReadPair(value string) (login, password, door string, ok bool) {
	p, ok := readPair(value)
	return p.Login, p.Secret.Reveal(), p.Door, ok
}

// ReadBodies reads text as products and as a document.
func ReadBodies(text []byte) (products error, doc error) {
	_, _, products = addRequest{Body: text}.read()
	_, _, doc = readDoc("PodborZakaza", text)
	return products, doc
}

// KeyOf reads a key of a path.
func KeyOf(text string) (string, error) { return keyOf(text) }
