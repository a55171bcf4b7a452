package audit

import (
	"encoding/binary"
	"errors"
	"time"

	"propusk/internal/authority"
)

// Gone notes that entries have left on purpose. It is sealed over the newest
// entry that there was then, so that its place in the log is fixed too.
type Gone struct {
	First, Last authority.ID // positions, both included
	Count       int
	Time        time.Time
	Account     authority.ID // whose entries
	Actor       authority.ID // who had them purged; 0 = the system
	Reason      string       // "retention", "account.delete"
	Runs        []byte       // which positions, as Write writes them
	Head        authority.ID // the newest position then
	HeadSeal    []byte
	Seal        []byte
}

func (g Gone) text() []byte {
	w := newText("gone")
	w.ids(g.First, g.Last, g.Account, g.Actor, g.Head)
	w.number(int64(g.Count))
	w.time(g.Time)
	w.texts(g.Reason, string(g.Runs), string(g.HeadSeal))
	return w.Bytes()
}

// Run is positions without a gap that have left. Seal is that of the last one,
// over which the next entry is sealed.
type Run struct {
	First, Last authority.ID
	Seal        []byte
}

// Add takes in the next position that leaves, in rising order.
func (g *Gone) Add(runs []Run, id authority.ID, seal []byte) []Run {
	g.Count++
	if g.First == 0 {
		g.First = id
	}
	if n := len(runs); n > 0 && runs[n-1].Last == id-1 {
		runs[n-1].Last, runs[n-1].Seal = id, seal
	} else {
		runs = append(runs, Run{id, id, seal})
	}
	g.Last = id
	return runs
}

// Write keeps runs in g: for each how far it begins behind the former one, how
// long it is, and its seal.
func (g *Gone) Write(runs []Run) {
	at := authority.ID(0)
	g.Runs = nil
	for _, r := range runs {
		g.Runs = binary.AppendUvarint(g.Runs, uint64(r.First-at))
		g.Runs = binary.AppendUvarint(g.Runs, uint64(r.Last-r.First))
		var seal [sealSize]byte
		copy(seal[:], r.Seal)
		g.Runs = append(g.Runs, seal[:]...)
		at = r.Last
	}
}

var errRuns = errors.New("audit: the positions of a purge cannot be read")

// runs reads what Write wrote.
func (g Gone) runs() ([]Run, error) {
	var out []Run
	at, rest := authority.ID(0), g.Runs
	for len(rest) > 0 {
		gap, n := binary.Uvarint(rest)
		if n <= 0 || gap == 0 || gap > 1<<62 {
			return nil, errRuns
		}
		rest = rest[n:]
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > 1<<62 || len(rest) < n+sealSize {
			return nil, errRuns
		}
		r := Run{First: at + authority.ID(gap), Seal: rest[n : n+sealSize]}
		r.Last = r.First + authority.ID(length)
		if r.First <= at || r.Last < r.First {
			return nil, errRuns
		}
		out, at, rest = append(out, r), r.Last, rest[n+sealSize:]
	}
	return out, nil
}

// Origin is where the chain begins: entries up to Position are from before it.
type Origin struct {
	Position authority.ID
	Time     time.Time
	Seal     []byte
}

func (o Origin) text() []byte {
	w := newText("origin")
	w.ids(o.Position)
	w.time(o.Time)
	return w.Bytes()
}

// Head is the newest end of the log.
type Head struct {
	Position authority.ID
	Seal     []byte
	Origin   Origin
	Missing  bool // it is not there, though every log has one
	Unbegun  bool // nothing was ever sealed: there is no chain yet
}
