package cdr_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"propusk/internal/calls/cdr"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// say writes a call on one line. An id that is a hash is left out.
func say(line int, c cdr.Call) string {
	party := func(number, name string) string {
		if name != "" {
			number += " (" + name + ")"
		}
		return number
	}
	out := fmt.Sprintf("%d %s %s → %s %s %ds talk %ds %s", line, c.Direction, party(c.From.Number, c.From.Name),
		party(c.To.Number, c.To.Name), c.Begun.UTC().Format(time.RFC3339), int(c.Duration.Seconds()), int(c.Talk.Seconds()), c.Disposition)
	if len(c.SourceID) != 32 {
		out += " id " + c.SourceID
	}
	if names := slices.Concat(c.Names, c.Texts); len(names) > 0 {
		out += " names " + strings.Join(names, " ")
	}
	return out
}

// read gives the calls of a file and what is wrong with records, by line.
func read(t *testing.T, file []byte, z *time.Location) []string {
	t.Helper()
	in := csv.NewReader(bytes.NewReader(file))
	in.FieldsPerRecord = -1
	a, j := cdr.Asterisk{Zone: z}, cdr.Joiner{Source: cdr.SourceAsterisk}
	type said struct {
		line int
		text string
	}
	var all []said
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		line, _ := in.FieldPos(0)
		leg, err := a.Leg(fields)
		if err != nil {
			all = append(all, said{line, fmt.Sprintf("%d %v", line, err)})
			continue
		}
		j.Add(cdr.Place{Line: line}, leg, false)
	}
	for {
		at, call, ok := j.Flush()
		if !ok {
			break
		}
		line := at.Line
		if d := call.Call; d.Direction == 0 || d.Talk > d.Duration {
			t.Errorf("line %d: %+v", line, d)
		}
		all = append(all, said{line, say(line, call)})
	}
	slices.SortStableFunc(all, func(a, b said) int { return cmp.Compare(a.line, b.line) })
	var out []string
	for _, s := range all {
		out = append(out, s.text)
	}
	return out
}

func TestAsteriskInEveryNumberOfColumns(t *testing.T) {
	samples, err := txtar.ParseFile("testdata/asterisk.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(samples.Files); i += 2 {
		file, want := samples.Files[i], samples.Files[i+1]
		got := strings.Join(read(t, file.Data, zone(t, "Europe/Moscow")), "\n") + "\n"
		if got != string(want.Data) {
			t.Errorf("%s gives\n%swant\n%s", file.Name, got, want.Data)
		}
	}
}

func record(start, answer, end string, duration, billsec int, id string) string {
	return fmt.Sprintf("\"\",101,102,c,101,SIP/101-1,SIP/102-2,Dial,,%q,%q,%q,%d,%d,ANSWERED,DOCUMENTATION,%s\n", start, answer, end, duration, billsec, id)
}

// In the night of 27 October 2024 clocks in Berlin went from 03:00 back to
// 02:00, and on 31 March from 02:00 to 03:00.
func TestAsteriskWhenTheClockIsSet(t *testing.T) {
	const night = "2024-10-27 "
	for name, test := range map[string]struct {
		text string
		want []string // beginning in UTC and length
	}{
		"first, by its id":    {record(night+"02:30:00", night+"02:30:05", night+"02:31:00", 60, 55, "1729989000.1"), []string{"00:30:00 1m0s"}},
		"second, by its id":   {record(night+"02:30:00", night+"02:30:05", night+"02:31:00", 60, 55, "1729992600.1"), []string{"01:30:00 1m0s"}},
		"across, by length":   {record(night+"02:50:00", night+"02:50:10", night+"02:10:00", 1200, 1190, ""), []string{"00:50:00 20m0s"}},
		"long, into after":    {record(night+"02:30:00", night+"02:30:10", night+"03:30:00", 7200, 7190, ""), []string{"00:30:00 2h0m0s"}},
		"short, into after":   {record(night+"02:30:00", night+"02:30:10", night+"03:30:00", 3600, 3590, ""), []string{"01:30:00 1h0m0s"}},
		"from before":         {record(night+"01:30:00", night+"01:30:10", night+"02:30:00", 3600, 3590, ""), []string{"23:30:00 1h0m0s"}},
		"from before, twice":  {record(night+"01:30:00", night+"01:30:10", night+"02:30:00", 7200, 7190, ""), []string{"23:30:00 2h0m0s"}},
		"in the file's order": {record(night+"02:50:00", night+"02:50:01", night+"02:51:00", 60, 59, "") + record(night+"02:10:00", night+"02:10:01", night+"02:11:00", 60, 59, ""), []string{"00:50:00 1m0s", "01:10:00 1m0s"}},
		"across the gap":      {record("2024-03-31 01:59:00", "2024-03-31 01:59:10", "2024-03-31 03:01:00", 120, 110, ""), []string{"00:59:00 2m0s"}},
		"inside the gap":      {record("2024-03-31 02:30:00", "2024-03-31 02:30:10", "2024-03-31 02:32:00", 120, 110, ""), []string{"01:30:00 2m0s"}},
		"clock set by hand":   {record("2024-05-20 10:00:00", "2024-05-20 09:00:10", "2024-05-20 09:02:00", 120, 110, ""), []string{"08:00:00 2m0s"}},
	} {
		in := csv.NewReader(strings.NewReader(test.text))
		in.FieldsPerRecord = -1
		a := cdr.Asterisk{Zone: zone(t, "Europe/Berlin")}
		var got []string
		for {
			fields, err := in.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			leg, err := a.Leg(fields)
			if err != nil {
				t.Fatal(name, err)
			}
			got = append(got, leg.Begun.UTC().Format(time.TimeOnly)+" "+leg.Ended.Sub(leg.Begun).String())
			if leg.Answered.Before(leg.Begun) || leg.Answered.After(leg.Ended) {
				t.Errorf("%s: answered %v", name, leg.Answered)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestIDIn(t *testing.T) {
	for name, want := range map[string]string{
		"out-79161234567-101-20240520-101010-1716190210.15": "1716190210.15",
		"pbx1-1716190210.15":                     "1716190210.15",
		"rec_1716190210.15_mix":                  "1716190210.15",
		"79161234567.15":                         "",
		"x-5282f87c-368c-43a2-babd-bc63ff12dc79": "5282f87c-368c-43a2-babd-bc63ff12dc79",
		"greeting":                               "",
	} {
		if got := cdr.IDIn(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// Whatever the fields say: an error, or a leg that can be.
func FuzzAsterisk(f *testing.F) {
	f.Add("a,101,102,c,\"x\" <101>,SIP/101-1,SIP/102-2,Dial,,2024-10-27 02:30:00,2024-10-27 02:30:05,2024-10-27 02:31:00,60,55,ANSWERED,D,1729989000.1")
	f.Add(",,s,,,,,,,2024-03-31 02:30:00,,,0,0,BUSY,,,,,,")
	z := zone(f, "Europe/Berlin")
	f.Fuzz(func(t *testing.T, text string) {
		a := cdr.Asterisk{Zone: z}
		leg, err := a.Leg(strings.Split(text, ","))
		if err != nil {
			return
		}
		call := cdr.Join("x", []cdr.Leg{leg, leg})
		if call.Duration < 0 || call.Talk < 0 || call.Talk > call.Duration || call.Direction == 0 || call.SourceID == "" {
			t.Fatalf("%+v", call)
		}
	})
}
