package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"propusk/internal/authority"
)

// Log reads the audit for a Verifier; package store does.
type Log interface {
	// AuditPage reads rows after a position in rising order, limit at most, with
	// everything that has left between that position and the last row (or the end,
	// when there are fewer rows than limit), and the head, at one moment.
	AuditPage(ctx context.Context, after authority.ID, limit int) (Page, error)
	// AuditSince gives the position of the last entry before a time; 0 = none.
	AuditSince(ctx context.Context, since time.Time) (authority.ID, error)
}

// Page is a part of the log.
type Page struct {
	Rows []Row
	Gone []Gone
	Head Head
}

// Kind tells what is wrong.
type Kind string

// The kinds of finding.
const (
	Altered Kind = "altered" // something is not what was written
	Missing Kind = "missing" // something that was written is not there
	Unknown Kind = "unknown" // the key of a seal has ended: nothing can be said
)

// Finding is something wrong at positions.
type Finding struct {
	Kind Kind         `json:"kind"`
	From authority.ID `json:"from"`
	To   authority.ID `json:"to"`
	Time time.Time    `json:"time,omitzero"` // of the entry, or the newest one before it
	What string       `json:"what"`
}

// Purge sums up what has left on purpose.
type Purge struct {
	Account authority.ID `json:"account"`
	Actor   authority.ID `json:"actor"`
	Reason  string       `json:"reason"`
	Entries int          `json:"entries"`
	Last    time.Time    `json:"last"`
}

// Report is what a verification found.
type Report struct {
	From    authority.ID `json:"from"`   // first position looked at
	To      authority.ID `json:"to"`     // last one
	Begun   time.Time    `json:"begun"`  // when the chain began
	Before  authority.ID `json:"before"` // positions up to this one are from before the chain
	Entries int          `json:"entries"`
	Purged  int          `json:"purged"`
	Altered int          `json:"altered"`
	Missing int          `json:"missing"`
	Unknown int          `json:"unknown"`
	Anchors int          `json:"anchors"` // that were held against the log
	// Anchored is how far an anchor proves that nothing was cut off; 0 = not at
	// all: without one nobody can tell.
	Anchored authority.ID `json:"anchored"`
	Purges   []Purge      `json:"purges"`
	Findings []Finding    `json:"findings"` // the first ones of many
}

const (
	pageSize    = 1000
	maxFindings = 200
	// slack is how far entries may stand out of the order of their times.
	slack = 2 * time.Minute
)

// Verifier checks the log. Make one for each run.
type Verifier struct {
	log     Log
	sealer  *Sealer
	anchors []Anchor

	report Report
	at     authority.ID // everything up to here has been accounted for
	former []byte       // seal at that position
	loose  bool         // that seal is not known
	time   time.Time    // of the newest entry seen
	purges map[Purge]*Purge
	noted  map[authority.ID]bool // notes of purges that were counted, by first position
}

// NewVerifier makes one. anchors may be empty.
func NewVerifier(log Log, sealer *Sealer, anchors []Anchor) *Verifier {
	anchors = slices.Clone(anchors)
	slices.SortFunc(anchors, func(a, b Anchor) int { return int(min(max(a.Position-b.Position, -1), 1)) })
	return &Verifier{
		log: log, sealer: sealer, anchors: anchors,
		report: Report{Purges: []Purge{}, Findings: []Finding{}}, purges: map[Purge]*Purge{}, noted: map[authority.ID]bool{},
	}
}

// Run looks at everything since a time; zero = at all. Only a failure to look is
// an error.
func (v *Verifier) Run(ctx context.Context, since time.Time) (Report, error) {
	if err := v.begin(ctx, since); err != nil {
		return v.report, err
	}
	for {
		page, err := v.log.AuditPage(ctx, v.at, pageSize)
		if err != nil {
			return v.report, err
		}
		last := len(page.Rows) < pageSize
		if err := v.page(page, last); err != nil {
			return v.report, err
		}
		if last {
			return v.finish(page.Head), nil
		}
	}
}

// begin finds the first position to look at, and checks that the chain begins
// where it says.
func (v *Verifier) begin(ctx context.Context, since time.Time) error {
	page, err := v.log.AuditPage(ctx, 0, 1)
	if err != nil {
		return err
	}
	if page.Head.Unbegun {
		return ErrUnbegun
	}
	o := page.Head.Origin
	v.report.Before, v.report.Begun = o.Position, o.Time
	v.at, v.time = o.Position, o.Time
	if err := v.origin(page.Head); err != nil {
		return err
	}
	if len(v.anchors) > 0 && v.anchors[0].Position <= o.Position {
		v.find(Altered, 0, o.Position, fmt.Sprintf("the chain was begun anew after the anchor of %s", stamp(v.anchors[0].Time)))
	}
	if !since.IsZero() {
		at, err := v.log.AuditSince(ctx, since.Add(-slack))
		if err != nil {
			return err
		}
		if at > v.at {
			v.at, v.loose = at, true
		}
	}
	v.report.From = v.at + 1
	v.anchors = slices.DeleteFunc(v.anchors, func(a Anchor) bool { return a.Position <= v.at })
	return nil
}

// ErrUnbegun says that there is nothing to prove yet.
var ErrUnbegun = errors.New("audit: nothing was ever sealed here: the chain begins when the server starts")

// origin checks that the chain begins where it says.
func (v *Verifier) origin(h Head) error {
	if h.Missing {
		v.find(Altered, 0, 0, "the row that says where the log begins and ends was taken away, or is not what was written")
		return nil
	}
	switch good, err := v.sealer.good(h.Origin.Seal, h.Origin.text()); {
	case errors.Is(err, errKey):
		v.find(Unknown, 0, 0, "the key under which the chain was begun has ended")
	case err != nil:
		return err
	case !good:
		v.find(Altered, 0, h.Origin.Position, "the chain does not begin where it says: the seal of its beginning was altered or taken away")
	}
	return nil
}

// page accounts for one page: rows and what has left, in the order of their
// positions.
func (v *Verifier) page(p Page, last bool) error {
	end := p.Head.Position
	switch {
	case !last:
		end = p.Rows[len(p.Rows)-1].ID
	case p.Head.Missing: // nobody says where the log ends
		end = math.MaxInt64
	}
	runs, err := v.gone(p.Gone, end)
	if err != nil {
		return err
	}
	for _, row := range p.Rows {
		for len(runs) > 0 && runs[0].First <= row.ID {
			v.run(runs[0])
			runs = runs[1:]
		}
		if last && row.ID > end {
			v.find(Altered, row.ID, row.ID, "stands behind the end of the log: it was put there by somebody else")
			continue
		}
		if err := v.row(row); err != nil {
			return err
		}
	}
	for _, r := range runs {
		v.run(r)
	}
	return nil
}

// row accounts for an entry that is there.
func (v *Verifier) row(r Row) error {
	switch {
	case r.ID <= v.at:
		v.find(Altered, r.ID, r.ID, "is there although it has left on purpose")
		return nil
	case r.ID > v.at+1:
		v.missing(v.at+1, r.ID-1, "was taken away, and nobody says so")
	}
	v.report.Entries++
	if !r.Time.IsZero() {
		v.time = r.Time
	}
	if err := v.check(r); err != nil {
		return err
	}
	v.pass(r.ID, r.Seal)
	return nil
}

// check holds an entry against its seals.
func (v *Verifier) check(r Row) error {
	good, err := true, error(nil)
	if !v.loose {
		good, err = v.sealer.good(r.Seal, entryText(v.former, r))
	}
	if good && err == nil && r.Gather != "" {
		good, err = v.sealer.good(r.Tally, tallyText(r.Entry))
	}
	switch {
	case errors.Is(err, errKey):
		v.find(Unknown, r.ID, r.ID, "the key that sealed it has ended")
	case err != nil:
		return err
	case !good && len(r.Seal) == 0:
		v.find(Altered, r.ID, r.ID, "has no seal: it was put there by somebody else")
	case good && r.Gather == "" && len(r.Tally) > 0:
		v.find(Altered, r.ID, r.ID, "has the seal of a count and counts nothing: it was put there by somebody else")
	case !good:
		v.find(Altered, r.ID, r.ID, "is not what was written here, or does not follow from the entry before it")
	}
	return nil
}

// run accounts for positions that have left on purpose.
func (v *Verifier) run(r Run) {
	if r.Last <= v.at {
		return
	}
	if r.First > v.at+1 {
		v.missing(v.at+1, r.First-1, "was taken away, and nobody says so")
	}
	v.report.Purged += int(r.Last - max(r.First, v.at+1) + 1)
	v.pass(r.Last, r.Seal)
}

// pass moves on to a position and holds the anchors up to there against it.
func (v *Verifier) pass(to authority.ID, seal []byte) {
	for len(v.anchors) > 0 && v.anchors[0].Position <= to {
		a := v.anchors[0]
		v.anchors = v.anchors[1:]
		v.report.Anchors++
		if a.Position == to && !bytes.Equal(a.Seal, seal) {
			v.find(Altered, to, to, fmt.Sprintf("is not the entry that the anchor of %s names: the log was written anew", stamp(a.Time)))
		} else {
			v.report.Anchored = a.Position
		}
	}
	v.at, v.former, v.loose = to, seal, false
}

// missing notes positions that nobody accounts for. The next entry was sealed
// over the last of them, so it cannot be checked.
func (v *Verifier) missing(from, to authority.ID, what string) {
	v.find(Missing, from, to, what)
	v.at, v.loose = to, true
}

// finish accounts for the end.
func (v *Verifier) finish(head Head) Report {
	if head.Position > v.at {
		v.missing(v.at+1, head.Position, "was taken away from the end, and nobody says so")
	} else if head.Position == v.at && !v.loose && v.at > v.report.Before && !bytes.Equal(head.Seal, v.former) {
		v.find(Altered, v.at, v.at, "is not the entry at which the log says it ends")
	}
	if n := len(v.anchors); n > 0 {
		a := v.anchors[n-1]
		v.report.Anchors += n
		v.find(Missing, v.at+1, a.Position, fmt.Sprintf("was cut off from the end: the anchor of %s knows of it", stamp(a.Time)))
	}
	v.report.To = v.at
	for _, p := range v.purges {
		v.report.Purges = append(v.report.Purges, *p)
	}
	slices.SortFunc(v.report.Purges, func(a, b Purge) int { return a.Last.Compare(b.Last) })
	return v.report
}

func (v *Verifier) find(kind Kind, from, to authority.ID, what string) {
	switch n := int(to - from + 1); kind {
	case Altered:
		v.report.Altered++
	case Missing:
		v.report.Missing += n
	case Unknown:
		v.report.Unknown++
	}
	if len(v.report.Findings) < maxFindings {
		v.report.Findings = append(v.report.Findings, Finding{kind, from, to, v.time, what})
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
