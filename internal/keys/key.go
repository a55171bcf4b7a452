package keys

import (
	"fmt"
)

// key is one opened key of a snapshot. It is never changed.
type key struct {
	Record
	verifier verifier // nil for MAC and PEPPER, and where the key does nothing any more
	signer   signer
	mac      *macKey
	pepper   *hmacKey
	headers  map[string]string // by typ; those that are in use
}

// commonTyps are the header types whose bytes are made once a key.
func commonTyps() [3]string { return [...]string{"", "JWT", "at+jwt"} }

func (k *key) header(typ string) (string, error) {
	if text, ok := k.headers[typ]; ok {
		return text, nil
	}
	return encodeHeader(k.Algorithm, k.ID, typ)
}

// openKey makes r ready for work. A retired or revoked key is not even opened.
func openKey(r Record, sealer *Sealer) (*key, error) {
	k := &key{Record: r}
	if r.State == Retired || r.State == Revoked {
		return k, nil
	}
	private, err := sealer.Open(r.Sealed, r.binding()...)
	if err != nil {
		return nil, fmt.Errorf("keys: key %s (%s, %s) does not open: the deployment key is another one than it was sealed with, or its row was changed",
			r.ID, r.Stand, r.Use)
	}
	if err := k.load(private); err != nil {
		return nil, fmt.Errorf("key %s (%s, %s): %w", r.ID, r.Stand, r.Use, err)
	}
	return k, nil
}

func (k *key) load(private []byte) (err error) {
	switch k.Algorithm {
	case MAC:
		k.mac, err = newMAC(private)
	case Pepper:
		k.pepper, err = newPepper(private)
	default:
		err = k.loadSigner(private)
	}
	return err
}

func (k *key) loadSigner(private []byte) error {
	s, err := newSigner(k.Algorithm, private, k.Public)
	if err != nil {
		return err
	}
	k.signer, k.verifier = s, s
	k.headers = make(map[string]string)
	for _, typ := range commonTyps() {
		if k.headers[typ], err = encodeHeader(k.Algorithm, k.ID, typ); err != nil {
			return err
		}
	}
	return nil
}
