package audit

import (
	"cmp"
	"errors"
	"slices"

	"propusk/internal/authority"
)

// gone gives the positions that have left, from the notes whose seals are good,
// up to end.
func (v *Verifier) gone(notes []Gone, end authority.ID) ([]Run, error) {
	var out []Run
	for _, g := range notes {
		good, err := v.sealer.good(g.Seal, g.text())
		if errors.Is(err, errKey) {
			v.noteOnce(g, Unknown, "the key that sealed this note of a purge has ended")
			good, err = true, nil
		}
		if err != nil {
			return nil, err
		}
		runs, bad := g.runs()
		if !good || bad != nil {
			v.noteOnce(g, Altered, "the note that these entries have left on purpose is not what was written")
			continue
		}
		v.count(g)
		for _, r := range runs {
			if r.Last > v.at && r.First <= end {
				out = append(out, r)
			}
		}
	}
	slices.SortFunc(out, func(a, b Run) int { return cmp.Compare(a.First, b.First) })
	return out, nil
}

// noteOnce files what is wrong with a note, though several pages meet it.
func (v *Verifier) noteOnce(g Gone, kind Kind, what string) {
	if !v.noted[g.First] {
		v.noted[g.First] = true
		v.find(kind, g.First, g.Last, what)
	}
}

// count sums up a note, though several pages meet it.
func (v *Verifier) count(g Gone) {
	if v.noted[g.First] {
		return
	}
	v.noted[g.First] = true
	key := Purge{Account: g.Account, Actor: g.Actor, Reason: g.Reason}
	p := v.purges[key]
	if p == nil {
		p = &Purge{Account: g.Account, Actor: g.Actor, Reason: g.Reason}
		v.purges[key] = p
	}
	p.Entries += g.Count
	if g.Time.After(p.Last) {
		p.Last = g.Time
	}
}
