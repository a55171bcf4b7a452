package cdr

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"propusk/internal/calls"
)

// SourceAsterisk is the source of calls from Asterisk.
const SourceAsterisk = "asterisk"

// Columns of cdr_csv: 16 always, then uniqueid and userfield as cdr.conf asks
// for them, then with newcdrcolumns peeraccount, linkedid and sequence.
const (
	colSrc = iota + 1
	colDst
	colContext
	colClid
	_
	colDstChannel
	colLastApp
	_
	colStart
	colAnswer
	colEnd
	colDuration
	colBillsec
	colDisposition

	fewest = 16
	most   = 21
	newer  = 3 // peeraccount, linkedid, sequence
)

// Asterisk reads the records of one cdr-csv file in their order. Make one for
// each file.
type Asterisk struct {
	Zone *time.Location // of its times

	last time.Time // when the record before ended
}

// Leg is one record: a part of a call.
type Leg struct {
	Key         string   // of the call; legs with the same one belong together
	Names       []string // ids
	Texts       []string // what else a recording of it can be named after
	From, To    calls.Party
	Context     string
	Begun       time.Time
	Ended       time.Time
	Answered    time.Time
	Talk        time.Duration
	Disposition calls.Disposition
}

// Leg reads one record.
func (a *Asterisk) Leg(fields []string) (Leg, error) {
	if len(fields) < fewest || len(fields) > most {
		return Leg{}, fmt.Errorf("has %d fields; cdr-csv has 16 to 21", len(fields))
	}
	ids := idsOf(fields)
	l := Leg{
		Key: ids.key(fields), Names: ids.names(), Texts: ids.texts(), Context: fields[colContext],
		From: calls.Party{Number: strings.TrimSpace(fields[colSrc])}, To: calls.Party{Number: strings.TrimSpace(fields[colDst])},
	}
	l.From.Name = callerName(fields[colClid], l.From.Number)
	if peer := device(fields[colDstChannel]); special(l.To.Number) && peer != "" {
		l.To.Number = peer
	}
	var err error
	if l.Disposition, err = disposition(fields[colDisposition], fields[colLastApp]); err != nil {
		return Leg{}, err
	}
	if err := a.times(&l, fields, ids.epoch()); err != nil {
		return Leg{}, err
	}
	a.last = l.Ended
	return l, nil
}

// times fills in when the leg took place. known is what its id says.
func (a *Asterisk) times(l *Leg, fields []string, known time.Time) error {
	lasted, err := seconds(fields[colDuration])
	if err != nil {
		return err
	}
	talk, err := seconds(fields[colBillsec])
	if err != nil {
		return err
	}
	s := span{lasted: lasted}
	if s.begun, err = moments(fields[colStart], a.Zone); err != nil {
		return err
	}
	if s.ended, err = moments(fields[colEnd], a.Zone); err != nil {
		if strings.TrimSpace(fields[colEnd]) != "" {
			return err
		}
		s.ended = nil
		for _, b := range s.begun {
			s.ended = append(s.ended, b.Add(lasted))
		}
	}
	l.Begun, l.Ended = s.settle(known, a.last)
	if l.Ended.Before(l.Begun) || l.Ended.Sub(l.Begun.Add(lasted)).Abs() > 2*time.Second { // the clock was set meanwhile
		l.Ended = l.Begun.Add(lasted)
	}
	if l.Disposition != calls.Answered && l.Disposition != calls.Voicemail {
		return nil
	}
	l.Talk = min(talk, l.Ended.Sub(l.Begun))
	l.Answered = l.Ended.Add(-l.Talk)
	if answer, err := moments(fields[colAnswer], a.Zone); err == nil {
		if at := nearest(answer, l.Answered); !at.Before(l.Begun) && !at.After(l.Ended) {
			l.Answered = at
		}
	}
	return nil
}

func seconds(text string) (time.Duration, error) {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || n < 0 || n > 30*24*3600 {
		return 0, errors.New("has a duration that is no number of seconds up to 30 days")
	}
	return time.Duration(n * float64(time.Second)), nil
}

// disposition reads how a record ended. A voicemail answers, too.
func disposition(text, app string) (calls.Disposition, error) {
	switch strings.ToUpper(strings.TrimSpace(text)) {
	case "ANSWERED":
		if strings.EqualFold(app, "VoiceMail") {
			return calls.Voicemail, nil
		}
		return calls.Answered, nil
	case "NO ANSWER", "NOANSWER", "":
		return calls.NoAnswer, nil
	case "BUSY":
		return calls.Busy, nil
	case "FAILED", "CONGESTION", "UNKNOWN":
		return calls.Failed, nil
	}
	return 0, errors.New("has a disposition that is none of ANSWERED, NO ANSWER, BUSY, FAILED, CONGESTION")
}

// ids is what a record says of who it is.
type ids struct{ unique, linked, userField string }

func idsOf(fields []string) (out ids) {
	rest := fields[fewest:]
	if len(rest) >= newer {
		out.linked = rest[len(rest)-newer+1]
		rest = rest[:len(rest)-newer]
	}
	switch {
	case len(rest) == 2:
		out.unique, out.userField = rest[0], rest[1]
	case len(rest) == 1 && !epochOf(rest[0]).IsZero():
		out.unique = rest[0]
	case len(rest) == 1:
		out.userField = rest[0]
	}
	return out
}

// key names the call: what links its records, or else the record itself.
func (i ids) key(fields []string) string {
	for _, id := range []string{i.linked, i.unique} {
		if id != "" {
			return id
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(fields, "\x1f")))
	return hex.EncodeToString(sum[:16])
}

// names is what a recording of the call is named after.
func (i ids) names() []string {
	var out []string
	for _, id := range []string{i.unique, i.linked} {
		if id != "" {
			out = append(out, id)
		}
	}
	return out
}

// texts is what a dialplan has written of a recording: its name or path, or a
// text within its name.
func (i ids) texts() []string {
	name := path.Base(strings.TrimPrefix(i.userField, "audio:"))
	if i.userField == "" || name == "." {
		return nil
	}
	if strings.Contains(sounds, "|"+strings.ToLower(path.Ext(name))+"|") {
		name = strings.TrimSuffix(name, path.Ext(name))
	}
	return []string{name}
}

// sounds are the endings of what Asterisk records, between bars: 1716190210.15
// has none.
const sounds = "|.wav|.wav49|.mp3|.gsm|.ogg|.opus|.sln|.sln16|.ulaw|.alaw|.pcm|.g722|.g729|.raw|"

// epoch is when the channel was made, as its id says.
func (i ids) epoch() time.Time { return epochOf(i.unique) }

// epochOf reads 1716190210 of 1716190210.15 or pbx1-1716190210.15; zero when
// the text is not like that.
func epochOf(id string) time.Time {
	id = id[strings.LastIndexByte(id, '-')+1:]
	whole, count, ok := strings.Cut(id, ".")
	if _, err := strconv.ParseUint(count, 10, 64); !ok || err != nil || len(whole) < 9 || len(whole) > 10 {
		return time.Time{}
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// IDIn gives the id of a channel that stands in the name of a recording, such as
// 1716190210.15 of out-79160000000-101-1716190210.15, or the UUID of one of
// FreeSWITCH; "" for none.
func IDIn(name string) string {
	found := idPattern.FindStringSubmatch(name)
	if found == nil {
		return ""
	}
	return found[1] + found[2]
}

var idPattern = regexp.MustCompile(`(?:^|[^0-9])([0-9]{9,10}\.[0-9]+)|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`)
