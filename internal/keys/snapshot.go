package keys

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"
)

// slot is what a key is for.
type slot struct{ stand, use string }

func (s slot) String() string { return s.stand + ", " + s.use }

func (r *Record) slot() slot { return slot{r.Stand, r.Use} }

// snapshot is every key at one moment. It is never changed.
type snapshot struct {
	keys  map[string]*key
	slots map[slot][]*key // newest version first
	// headers holds the headers that are written here, so that only foreign
	// spellings are parsed.
	headers map[string]joseHeader
	// replaced is closed when another snapshot has taken this one's place.
	replaced chan struct{}
}

// newSnapshot opens records. Keys that old already opened are taken over, so
// that a reload parses only what is new.
func newSnapshot(records []Record, sealer *Sealer, old *snapshot) (*snapshot, error) {
	s := &snapshot{
		keys: make(map[string]*key, len(records)), slots: make(map[slot][]*key), headers: make(map[string]joseHeader),
		replaced: make(chan struct{}),
	}
	for _, r := range records {
		if err := checkRecord(r); err != nil {
			return nil, err
		}
		if s.keys[r.ID] != nil {
			return nil, fmt.Errorf("keys: two keys are called %s", r.ID)
		}
		k := old.reuse(r)
		if k == nil {
			var err error
			if k, err = openKey(r.clone(), sealer); err != nil {
				return nil, err
			}
		}
		s.keys[r.ID] = k
		s.slots[r.slot()] = append(s.slots[r.slot()], k)
		for typ, text := range k.headers {
			s.headers[text] = joseHeader{Alg: string(k.Algorithm), Typ: typ, Kid: k.ID}
		}
	}
	for at, keys := range s.slots {
		slices.SortFunc(keys, func(a, b *key) int { return cmp.Compare(b.Version, a.Version) })
		if err := checkSlot(at, keys); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// reuse gives the opened key of r when nothing but its state changed.
func (s *snapshot) reuse(r Record) *key {
	if s == nil || r.State == Retired || r.State == Revoked {
		return nil
	}
	k := s.keys[r.ID]
	if k == nil || k.State == Retired || k.State == Revoked ||
		!slices.Equal(k.binding(), r.binding()) ||
		!bytes.Equal(k.Sealed, r.Sealed) || !bytes.Equal(k.Public, r.Public) {
		return nil
	}
	moved := *k
	moved.State, moved.Retires = r.State, r.Retires
	return &moved
}

// minKeyID is the least length of a kid that cannot be met by chance.
const minKeyID = 16

func checkRecord(r Record) error {
	if len(r.ID) < minKeyID || r.Stand == "" || r.Use == "" {
		return fmt.Errorf("keys: a row without id, stand or use: %q (%s)", r.ID, r.slot())
	}
	if r.Version < 1 || r.Version > maxVersion {
		return fmt.Errorf("keys: key %s has version %d", r.ID, r.Version)
	}
	switch r.State {
	case Next, Active, Former, Retired, Revoked:
		return nil
	default:
		return fmt.Errorf("keys: key %s has unknown state %q", r.ID, r.State)
	}
}

func checkSlot(at slot, keys []*key) error {
	active := 0
	for i, k := range keys {
		if i > 0 && k.Version == keys[i-1].Version {
			return fmt.Errorf("keys: two keys of (%s) have version %d", at, k.Version)
		}
		if k.State == Active {
			active++
		}
	}
	if active > 1 {
		return fmt.Errorf("keys: two keys of (%s) are active", at)
	}
	return nil
}

// in gives the newest key of at in state; nil when there is none.
func (s *snapshot) in(at slot, state State) *key {
	for _, k := range s.slots[at] {
		if k.State == state {
			return k
		}
	}
	return nil
}

// version gives the live key of at with that version; nil when there is none.
func (s *snapshot) version(at slot, version int, now time.Time) *key {
	for _, k := range s.slots[at] {
		if k.Version == version && k.live(now) {
			return k
		}
	}
	return nil
}

// newest is the highest version ever used in at; 0 when there is none.
func (s *snapshot) newest(at slot) int {
	if keys := s.slots[at]; len(keys) > 0 {
		return keys[0].Version
	}
	return 0
}
