package authority

import (
	"time"

	"propusk/internal/keys"
)

// Digests makes the keyed hashes under which machine secrets are stored. The
// core compares with it; whoever makes a secret stores with it. Safe for
// concurrent use.
type Digests struct{ ring *keys.Ring }

// NewDigests makes Digests over the peppers of ring.
func NewDigests(ring *keys.Ring) Digests { return Digests{ring} }

// Digest is the keyed hash under which a new secret is stored, and the version
// of its pepper.
func (d Digests) Digest(stand Stand, kind CredentialKind, secret Secret) (digest []byte, version int, err error) {
	version = d.newest(stand)
	digest, err = d.under(stand, version, kind, secret)
	return digest, version, err
}

// Every gives the keyed hash of a secret under each version of the pepper, the
// newest first: what a stored one may look like.
func (d Digests) Every(stand Stand, kind CredentialKind, secret Secret) ([][]byte, error) {
	var all [][]byte
	for _, version := range d.ring.Versions(string(stand), useCredentials) {
		digest, err := d.under(stand, version, kind, secret)
		if err != nil {
			return nil, err
		}
		all = append(all, digest)
	}
	return all, nil
}

// under is the keyed hash of a secret under one version of the pepper.
func (d Digests) under(stand Stand, version int, kind CredentialKind, secret Secret) ([]byte, error) {
	sum, err := d.ring.Digest(string(stand), version, []byte(kind), []byte(secret.Reveal()))
	if err != nil {
		return nil, Wrap(Unavailable, "no key to compare with", err)
	}
	return sum[:], nil
}

func (d Digests) newest(stand Stand) int {
	if v := d.ring.Versions(string(stand), useCredentials); len(v) > 0 {
		return v[0]
	}
	return 0
}

// NothingAlive is when no access token issued before now can be alive: how long
// the feed must remember a revocation that is made now.
func NothingAlive(now time.Time) time.Time { return now.Add(maxAccess) }
