package demo

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/directory"
)

// speech holds short clips of a synthesised voice; data/speech/README.md says how
// they were made.
//
//go:embed data/speech/*.mp3
var speech embed.FS

// Shares of the calls, in percent, and how many have a recording: the newest
// talks of each account.
const (
	incoming    = 58
	internal    = 8 // else outgoing
	unanswered  = 14
	busy        = 4
	cancelling  = 5
	mailed      = 2
	listened    = 86
	recorded    = 24
	regulars    = 14 // calls of one customer's number, on average
	clipFrame   = 72 // bytes of one frame: 16 kbit/s, 16 kHz
	frameLength = 36 * time.Millisecond
)

// operators writes the calls of one account. What it writes depends on the seed
// and, for times, on now alone.
type operators struct {
	author

	lines     []string // the account's own numbers
	customers []string
	desks     []directory.Extension
}

// exchange is whose calls are made up.
type exchange struct {
	of   company
	seat uint64
	out  *Operator
}

// calls makes up the calls from and to the people and desks of an account.
func (f *filler) calls(ctx context.Context, c authority.Caller, desks []directory.Extension, e exchange) error {
	if f.amount.Calls == 0 {
		return nil
	}
	c = doing(c, "calls.add")
	r := rand.New(rand.NewPCG(seed, e.seat))
	desks = slices.DeleteFunc(slices.Clone(desks), func(e directory.Extension) bool { return e.Blocked || e.Kind != directory.Phone })
	o := &operators{author: author{company: e.of, r: r, now: f.now}, desks: desks}
	for i := range 3 {
		o.lines = append(o.lines, fmt.Sprintf("%s%03d%04d", e.of.Code, 200+e.of.Number%700, 1000+17*i))
	}
	for range 1 + f.amount.Calls/regulars {
		o.customers = append(o.customers, fmt.Sprintf("79%09d", r.IntN(1e9)))
	}
	drafts := o.write(f.amount.Calls)
	if err := o.record(drafts); err != nil {
		return err
	}
	for some := range slices.Chunk(drafts, calls.MaxBatch) {
		if _, err := f.data.Calls.Add(ctx, c, some); err != nil {
			return err
		}
	}
	e.out.Number = o.lines[0]
	return f.example(ctx, c, e.out)
}

// example finds a recording for the fixture.
func (f *filler) example(ctx context.Context, c authority.Caller, out *Operator) error {
	page, err := f.data.Calls.Recordings(ctx, c, calls.RecordingQuery{Limit: 1})
	if err == nil && len(page.Items) > 0 {
		out.RecordFileID = calls.FormatID(page.Items[0].ID)
	}
	return err
}

// write gives n calls, oldest first.
func (o *operators) write(n int) []calls.Draft {
	out := make([]calls.Draft, n)
	for i, at := range o.moments(n) {
		out[i].Call = o.call(at)
		out[i].Source, out[i].SourceID = "demo", strconv.Itoa(i+1)
	}
	return out
}

func (o *operators) call(at time.Time) calls.Call {
	c := calls.Call{Begun: at, Direction: calls.Outgoing, From: o.desk(), To: o.customer(), Read: o.chance(listened)}
	switch kind := o.r.IntN(100); {
	case kind < incoming:
		c.Direction, c.From, c.To = calls.Incoming, o.customer(), o.desk()
		c.To.Number = o.line()
	case kind < incoming+internal:
		c.Direction, c.To = calls.Internal, o.desk()
	default:
		c.From.Number = o.line()
	}
	o.end(&c)
	return c
}

// end says how the call went.
func (o *operators) end(c *calls.Call) {
	ring := time.Duration(3+o.r.IntN(24)) * time.Second
	c.Duration = ring
	switch n := o.r.IntN(100); {
	case n < unanswered:
		c.Disposition, c.Duration = calls.NoAnswer, ring+20*time.Second
	case n < unanswered+busy:
		c.Disposition = calls.Busy
	case n < unanswered+busy+cancelling:
		c.Disposition = calls.Cancelled
	case n < unanswered+busy+cancelling+mailed && c.Direction == calls.Incoming:
		c.Disposition, c.Read = calls.Voicemail, o.chance(50)
		o.talkFor(c, ring, time.Duration(8+o.r.IntN(30))*time.Second)
	default:
		c.Disposition = calls.Answered
		long := o.r.Float64()
		o.talkFor(c, ring, time.Duration(12+int(520*long*long*long))*time.Second)
	}
}

func (o *operators) talkFor(c *calls.Call, ring, talk time.Duration) {
	c.Answered, c.Talk, c.Duration = c.Begun.Add(ring), talk, ring+talk
}

func (o *operators) line() string { return o.lines[min(o.r.IntN(5), len(o.lines)-1)] }

func (o *operators) desk() calls.Party {
	at := o.desks[o.r.IntN(len(o.desks))]
	return calls.Party{Number: at.Number, Name: at.Label, Extension: at.ID}
}

// customer is more often one that calls often.
func (o *operators) customer() calls.Party {
	often := o.r.Float64()
	p := calls.Party{Number: o.customers[int(often*often*float64(len(o.customers)))]}
	if o.chance(35) {
		p.Name = pick(o.r, o.Customers)
	}
	return p
}

// record gives the newest talks a recording as long as they are.
func (o *operators) record(drafts []calls.Draft) error {
	left := recorded
	for i := len(drafts) - 1; i >= 0 && left > 0; i-- {
		c := &drafts[i].Call
		if c.Disposition != calls.Answered || c.Direction == calls.Internal {
			continue
		}
		sound, err := o.sound()
		if err != nil {
			return err
		}
		o.talkFor(c, c.Answered.Sub(c.Begun), time.Duration(len(sound)/clipFrame)*frameLength)
		drafts[i].Files = []calls.File{{Media: calls.MP3, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(sound)), nil
		}}}
		left--
	}
	return nil
}

// sound joins clips to a talk. Their frames stand alone, so whole clips may
// follow each other.
func (o *operators) sound() ([]byte, error) {
	names := strings.Fields(pick(o.r, []string{
		"a1 b1 a2 b2 a3 b4 a6 b6", "a1 b1 a2 b2 a5 b5 pause pause pause a3 b3 a4 b4 a6 b6",
		"a1 b1 a5 b5 pause pause a3 b4 b6", "a1 b1 a2 b2 pause a3 b3 a4 b4 b6",
	}))
	var out []byte
	var errs []error
	for _, name := range names {
		clip, err := speech.ReadFile("data/speech/" + name + ".mp3")
		pause, again := speech.ReadFile("data/speech/pause.mp3")
		out = append(append(out, clip...), pause...)
		errs = append(errs, err, again)
	}
	return out, errors.Join(errs...)
}
