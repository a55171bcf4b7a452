package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"time"

	"propusk/internal/authority"
	"propusk/internal/keys"
)

// A seal is the version of its key (2 bytes) and half of an HMAC-SHA-256.
const (
	versionSize = 2
	macSize     = 16
	sealSize    = versionSize + macSize
)

// use names the key of the ring. The audit is one for both stands, and so is its
// key: it lies with the production stand.
const (
	use   = "audit"
	stand = string(authority.Production)
)

// Specs are the keys that the audit needs.
func Specs() []keys.Spec { return []keys.Spec{{Stand: stand, Use: use, Algorithm: keys.MAC}} }

// Keys makes MACs; *keys.Ring does.
type Keys interface {
	ActiveVersion(stand, use string) (int, error)
	MAC(stand, use string, version int, msg []byte) ([]byte, error)
}

// Sealer seals entries and checks seals. Safe for concurrent use.
type Sealer struct{ keys Keys }

// NewSealer makes a Sealer.
func NewSealer(k Keys) *Sealer { return &Sealer{k} }

// Row is an entry as it is stored. Its ID is its position.
type Row struct {
	authority.Entry

	AddressText string // as stored; Address is what it means
	Seal        []byte // nil = from before the chain
	Tally       []byte // of entries with Gather
}

// Entry seals e, whose ID is its position, over the seal of the former entry.
func (s *Sealer) Entry(former []byte, e authority.Entry) ([]byte, error) {
	return s.seal(entryText(former, Row{Entry: e, AddressText: address(e)}))
}

// Tally covers what changes of an entry that goes on counting.
func (s *Sealer) Tally(e authority.Entry) ([]byte, error) { return s.seal(tallyText(e)) }

// Gone seals the note of a purge.
func (s *Sealer) Gone(g Gone) ([]byte, error) { return s.seal(g.text()) }

// Origin seals the place at which the chain begins.
func (s *Sealer) Origin(o Origin) ([]byte, error) { return s.seal(o.text()) }

// Begun reports whether o is a beginning that was sealed.
func (s *Sealer) Begun(o Origin) (bool, error) {
	good, err := s.good(o.Seal, o.text())
	if errors.Is(err, errKey) { // it ended since: nothing speaks against o
		return true, nil
	}
	return good, err
}

// errKey says that nothing can be said about a seal.
var errKey = errors.New("audit: the key of a seal has ended")

func (s *Sealer) seal(text []byte) ([]byte, error) {
	version, err := s.keys.ActiveVersion(stand, use)
	if err != nil {
		return nil, err
	}
	return s.sealWith(version, text)
}

func (s *Sealer) sealWith(version int, text []byte) ([]byte, error) {
	mac, err := s.keys.MAC(stand, use, version, text)
	if err != nil {
		return nil, err
	}
	out := make([]byte, sealSize)
	binary.BigEndian.PutUint16(out, uint16(version)) // #nosec G115 -- versions have 16 bits
	copy(out[versionSize:], mac)
	return out, nil
}

// good reports whether seal is that of text. errKey says that its key is not
// there, or not any longer.
func (s *Sealer) good(seal, text []byte) (bool, error) {
	if len(seal) != sealSize {
		return false, nil
	}
	want, err := s.sealWith(int(binary.BigEndian.Uint16(seal)), text)
	if errors.Is(err, keys.ErrUnknownKey) {
		return false, errKey
	}
	if err != nil {
		return false, err
	}
	return hmac.Equal(seal, want), nil
}

// writer writes fields so that no two texts are alike: each with its length.
type writer struct{ bytes.Buffer }

func newText(kind string) *writer {
	w := &writer{}
	w.Grow(384)
	w.text("propusk/audit/v1/" + kind)
	return w
}

func (w *writer) number(n int64) {
	w.Write(binary.BigEndian.AppendUint64(w.AvailableBuffer(), uint64(n)))
}

func (w *writer) text(s string) {
	w.number(int64(len(s)))
	w.WriteString(s)
}

func (w *writer) texts(list ...string) {
	for _, s := range list {
		w.text(s)
	}
}

func (w *writer) ids(list ...authority.ID) {
	for _, id := range list {
		w.number(int64(id))
	}
}

func (w *writer) time(t time.Time) {
	if t.IsZero() {
		w.number(0)
		return
	}
	w.number(t.UnixMilli())
}

func entryText(former []byte, e Row) []byte {
	w := newText("entry")
	w.text(string(former))
	w.ids(e.ID, e.Account, e.Actor, e.Credential)
	w.texts(string(e.Stand), e.Dialect, e.Door, e.AddressText, e.Verb, e.Object, string(e.Outcome), e.Reason, e.Gather)
	if e.Gather == "" {
		w.change(e.Entry)
	}
	return w.Bytes()
}

func tallyText(e authority.Entry) []byte {
	w := newText("tally")
	w.ids(e.ID)
	w.change(e)
	return w.Bytes()
}

// change writes what counting changes.
func (w *writer) change(e authority.Entry) {
	w.time(e.Time)
	w.ids(e.Grant)
	w.text(e.RequestID)
	w.number(int64(max(e.Count, 1)))
}

func address(e authority.Entry) string {
	if !e.Address.IsValid() {
		return ""
	}
	return e.Address.String()
}

// Rotator changes the key that seals; *keys.Ring does.
type Rotator interface {
	Rotate(ctx context.Context, stand, use string, retires time.Time) (keyID string, err error)
}

// Rotate has another key seal from now on. The former ones verify for ever: what
// they sealed stays.
func Rotate(ctx context.Context, r Rotator) error {
	_, err := r.Rotate(ctx, stand, use, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))
	return err
}
