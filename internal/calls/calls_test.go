package calls_test

import (
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
)

func TestNumberKey(t *testing.T) {
	for _, test := range []struct{ number, want string }{
		{"", ""},
		{"  ", ""},
		{"-", ""},
		{"+7 (495) 123-45-67", "74951234567"},
		{"84951234567", "74951234567"},
		{"74951234567", "74951234567"},
		{"4951234567", "74951234567"},
		{"9120001122", "79120001122"},
		{"8 10 49 30 1234567", "49301234567"},
		{"0049301234567", "49301234567"},
		{"+49301234567", "49301234567"},
		{"2025550123", "2025550123"},
		{"101", "101"},
		{"*98", "*98"},
		{"#31#84951234567", "#31#84951234567"},
		{"Anonymous", "anonymous"},
		{"ИВАНОВ Ёж", "ивановёж"},
		{"88005553535", "78005553535"},
	} {
		if got := calls.NumberKey(test.number); got != test.want {
			t.Errorf("%q: %q, want %q", test.number, got, test.want)
		}
	}
}

func TestIDs(t *testing.T) {
	for range 1000 {
		id := authority.NewID()
		text := calls.FormatID(id)
		got, err := calls.ParseID(strings.ToUpper(text))
		if err != nil || got != id || len(text) != 36 || text[14] != '4' || !strings.ContainsRune("89ab", rune(text[19])) {
			t.Fatal(id, text, got, err)
		}
	}
}

// FuzzParseID: what is read is written the same way again.
func FuzzParseID(f *testing.F) {
	f.Add(calls.FormatID(1))
	f.Add("bec3e80f-2197-4f2e-87d8-44ae05e60eb7")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		id, err := calls.ParseID(text)
		if err != nil && authority.CodeOf(err) != authority.NotFound {
			t.Fatal(err)
		}
		if err == nil && !strings.EqualFold(calls.FormatID(id), text) {
			t.Fatalf("%q is %d", text, id)
		}
	})
}

func good() calls.Draft {
	begun := time.Date(2024, 5, 20, 10, 0, 0, 1, time.UTC)
	return calls.Draft{Call: calls.Call{
		Source: "test", SourceID: " 1 ", Direction: calls.Incoming, Disposition: calls.Busy, Begun: begun,
		From: calls.Party{Name: "Иван\nИванов"}, Duration: time.Second,
	}}
}

func TestChecked(t *testing.T) {
	d, err := good().Checked()
	if err != nil || d.From.Name != "Иван Иванов" || d.SourceID != "1" || d.Begun.Nanosecond() != 0 || !d.Answered.IsZero() {
		t.Fatal(d, err)
	}
	for name, spoil := range map[string]func(*calls.Draft){
		"source":      func(d *calls.Draft) { d.Source = "" },
		"source id":   func(d *calls.Draft) { d.SourceID = " " },
		"direction":   func(d *calls.Draft) { d.Direction = 0 },
		"disposition": func(d *calls.Draft) { d.Disposition = 77 },
		"begun":       func(d *calls.Draft) { d.Begun = time.Time{} },
		"answered":    func(d *calls.Draft) { d.Answered = d.Begun.Add(-time.Hour) },
		"duration":    func(d *calls.Draft) { d.Duration = -1e9 },
		"long":        func(d *calls.Draft) { d.Duration = 1000 * time.Hour },
		"talk":        func(d *calls.Draft) { d.Talk = time.Minute },
		"number":      func(d *calls.Draft) { d.To.Number = strings.Repeat("1", 65) },
		"name":        func(d *calls.Draft) { d.To.Name = "a\x00" },
		"utf-8":       func(d *calls.Draft) { d.To.Name = "\xff" },
		"media":       func(d *calls.Draft) { d.Files = []calls.File{{Media: "ogg"}} },
	} {
		d := good()
		spoil(&d)
		if _, err := d.Checked(); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryWordIsKnown(t *testing.T) {
	for _, d := range calls.Directions() {
		if d.String() == "unknown" {
			t.Error(int(d))
		}
	}
	for _, d := range calls.Dispositions() {
		if d.String() == "UNKNOWN" {
			t.Error(int(d))
		}
	}
}

// Who lacks the permission gets nowhere near the store, which is nil here.
func TestServiceAsksForThePermission(t *testing.T) {
	s := calls.New(nil, nil, time.Now)
	var nobody authority.Caller
	ctx := t.Context()
	errs := map[string]error{
		"delete": s.DeleteRecording(ctx, nobody, 1),
	}
	_, errs["calls"] = s.Calls(ctx, nobody, calls.Query{Limit: 1})
	_, errs["call"] = s.Call(ctx, nobody, 1)
	_, errs["recordings"] = s.Recordings(ctx, nobody, calls.RecordingQuery{Limit: 1})
	_, errs["recording"] = s.Recording(ctx, nobody, 1)
	_, _, errs["open"] = s.Open(ctx, nobody, 1)
	_, errs["add"] = s.Add(ctx, nobody, nil)
	for name, err := range errs {
		if authority.CodeOf(err) != authority.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestQueriesThatCannotBe(t *testing.T) {
	s := calls.New(nil, nil, time.Now)
	c := authority.System(authority.Test, authority.Account{ID: 1}, "", "test")
	minus := -time.Second
	for name, q := range map[string]calls.Query{
		"no limit": {}, "limit": {Limit: calls.MaxPage + 1}, "offset": {Limit: 1, Offset: -1},
		"deep":      {Limit: 1, Offset: calls.MaxOffset + 1},
		"direction": {Limit: 1, Directions: []calls.Direction{9}},
		"min":       {Limit: 1, MinDuration: -1}, "max": {Limit: 1, MaxDuration: &minus},
		"number": {Limit: 1, Numbers: []string{"--"}}, "numbers": {Limit: 1, Numbers: make([]string, calls.MaxNumbers+1)},
		"long": {Limit: 1, Numbers: []string{strings.Repeat("1", 200)}},
	} {
		if _, err := s.Calls(t.Context(), c, q); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("%s: %v", name, err)
		}
	}
}
