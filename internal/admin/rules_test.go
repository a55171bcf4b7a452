package admin_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"propusk/internal/admin"
	"propusk/internal/authority"
)

func TestTexts(t *testing.T) {
	line := func(value string) (string, error) { return admin.Line("name", value, 5) }
	tests := []struct {
		name  string
		check func(string) (string, error)
		in    string
		want  string
		ok    bool
	}{
		{"plain", line, "Ромаш", "Ромаш", true},
		{"space around goes", line, "  a b\t", "a b", true},
		{"NFD becomes NFC", line, "и\u0306", "й", true},
		{"six characters are too many", line, "Ромашк", "", false},
		{"NUL", line, "a\x00b", "", false},
		{"line end inside", line, "a\nb", "", false},
		{"broken UTF-8", line, "a\xff", "", false},
		{"writing direction", line, "a\u202eb", "", false},
		{"zero width", line, "a\u200bb", "", false},
		{"line separator", line, "a\u2028b", "", false},
		{"login", admin.Login, "Иванов", "Иванов", true},
		{"login with a colon", admin.Login, "a:b", "", false},
		{"empty login", admin.Login, " ", "", false},
		{"contract", admin.Contract, "D-15_a", "D-15_a", true},
		{"contract without a digit", admin.Contract, "console", "", false},
		{"contract with a slash", admin.Contract, "1/2", "", false},
		{"contract with dots", admin.Contract, "1..2", "", false},
		{"contract that starts with a hyphen", admin.Contract, "-1", "", false},
		{"contract in Russian", admin.Contract, "Д1", "", false},
		{"long contract", admin.Contract, strings.Repeat("1", 65), "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.check(test.in)
			if (err == nil) != test.ok || got != test.want {
				t.Errorf("got %q, %v", got, err)
			}
			if err != nil && authority.CodeOf(err) != authority.InvalidValue {
				t.Errorf("code %s", authority.CodeOf(err))
			}
		})
	}
}

func TestPasswords(t *testing.T) {
	for text, ok := range map[string]bool{
		"k7mq29zx": true, "сирень-47": true, "12345678": false, "пароль12": false, "яяяяяяяяя": false, "Somebody": false, "1234567": false, "": false, "with space ": true,
		"12345678\x00": false, "1234567\xff": false,
		strings.Repeat("ян", 256): true, strings.Repeat("ян", 257): false,
	} {
		if err := admin.CheckSecret("somebody", authority.NewSecret(text)); (err == nil) != ok {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
}

func FuzzLine(f *testing.F) {
	f.Add("Ромашка")
	f.Add("a\u202e\x00\xff")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := admin.Line("name", in, 50)
		if err != nil {
			return
		}
		again, err := admin.Line("name", got, 50)
		if err != nil || again != got {
			t.Errorf("%q became %q, %v", got, again, err)
		}
		if !utf8.ValidString(got) || !norm.NFC.IsNormalString(got) || strings.ContainsAny(got, "\x00\n\r\x1b") {
			t.Errorf("%q passed", got)
		}
	})
}

// A replaced secret dies at the earliest of the moments it was given, and at
// once when the last replacement said so.
func TestOverIsNeverLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := time.Unix(1_700_000_000, 0)
		var ends time.Time
		for i := range rapid.IntRange(1, 6).Draw(t, "replacements") {
			f := admin.Former{Replaced: true, Ends: base.Add(time.Duration(rapid.IntRange(1, 1000).Draw(t, "ends")) * time.Second)}
			next := f.Over(ends)
			if next.After(f.Ends) || (i > 0 && next.After(ends)) || next.IsZero() {
				t.Fatalf("from %v by %v to %v", ends, f.Ends, next)
			}
			ends = next
		}
		if !(admin.Former{Replaced: true}).Over(ends).IsZero() {
			t.Fatal("a replacement without overlap does not end it at once")
		}
	})
}

func TestLimit(t *testing.T) {
	read, write := authority.Permission("Read"), authority.Permission("Write")
	all, one, two := authority.Areas{All: true}, authority.Areas{IDs: []authority.ID{1}}, authority.Areas{IDs: []authority.ID{1, 2}}
	tests := []struct {
		name        string
		limit       admin.Limit
		permissions []authority.Permission
		areas       authority.Areas
		ok          bool
	}{
		{"the system", admin.Limit{All: true}, []authority.Permission{read, write}, all, true},
		{"nobody gives nothing", admin.Limit{}, nil, authority.Areas{}, true},
		{"nobody gives something", admin.Limit{}, []authority.Permission{read}, authority.Areas{}, false},
		{"what he has", admin.Limit{Permissions: []authority.Permission{read}, Areas: one}, []authority.Permission{read}, one, true},
		{"a permission more", admin.Limit{Permissions: []authority.Permission{read}, Areas: all}, []authority.Permission{read, write}, one, false},
		{"an area more", admin.Limit{Permissions: []authority.Permission{read}, Areas: one}, nil, two, false},
		{"every area", admin.Limit{Areas: two}, nil, all, false},
		{"a part of his areas", admin.Limit{Areas: two}, nil, one, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.limit.Covers(test.permissions, test.areas)
			if (err == nil) != test.ok {
				t.Errorf("got %v", err)
			}
			if err != nil && authority.CodeOf(err) != authority.Forbidden {
				t.Errorf("code %s", authority.CodeOf(err))
			}
		})
	}
}

func TestSettingsPatch(t *testing.T) {
	base := authority.Settings{
		AccessLifetime: map[string]time.Duration{"hubex": time.Hour, "oauth": time.Minute},
		TimeZone:       "Asia/Omsk", Strict: map[string]bool{"hubex": true},
	}
	zone := ""
	got := admin.Patch(admin.SettingsPatch{
		AccessLifetime: map[string]time.Duration{"hubex": 0, "smarts": time.Hour}, TimeZone: &zone,
		Shape: map[string]string{"hubex": "map"},
	}, base)
	want := authority.Settings{
		AccessLifetime: map[string]time.Duration{"oauth": time.Minute, "smarts": time.Hour},
		Strict:         map[string]bool{"hubex": true}, Shape: map[string]string{"hubex": "map"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if base.AccessLifetime["hubex"] != time.Hour {
		t.Error("the former settings were changed in place")
	}
}

func TestSettingsAreChecked(t *testing.T) {
	s := admin.New(admin.Config{Dialects: []admin.Dialect{
		{Name: "hubex", Shapes: []string{"map"}}, {Name: "oauth"}, {Name: "operator", LongestAccess: 25*time.Hour - time.Second},
	}})
	caller := authority.System(authority.Test, authority.Account{ID: 1}, "", "test")
	text := func(s string) *string { return &s }
	bad := map[string]admin.SettingsPatch{
		"under a minute":        {AccessLifetime: map[string]time.Duration{"hubex": 59 * time.Second}},
		"over 30 days":          {AccessLifetime: map[string]time.Duration{"hubex": 30*24*time.Hour + time.Second}},
		"negative":              {AccessLifetime: map[string]time.Duration{"hubex": -time.Hour}},
		"a refresh token's":     {AccessLifetime: map[string]time.Duration{"operator": 25 * time.Hour}},
		"a fraction":            {AccessLifetime: map[string]time.Duration{"hubex": time.Minute + time.Millisecond}},
		"no such dialect":       {AccessLifetime: map[string]time.Duration{"soap": time.Hour}},
		"strict of none":        {Strict: map[string]bool{"soap": true}},
		"accepts itself":        {AcceptTokensFrom: map[string][]string{"hubex": {"hubex"}}},
		"accepts an unknown":    {AcceptTokensFrom: map[string][]string{"hubex": {"soap"}}},
		"shape not known there": {Shape: map[string]string{"oauth": "map"}},
		"zone":                  {TimeZone: text("Moscow")},
		"the machine's zone":    {TimeZone: text("Local")},
		"a path":                {TimeZone: text("../../etc/passwd")},
	}
	for name, patch := range bad {
		if _, err := s.ChangeSettings(t.Context(), caller, patch); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is refused before storage is reached: without ports, reaching it would
// panic.
func TestRefusedBeforeStorage(t *testing.T) {
	s := admin.New(admin.Config{Dialects: []admin.Dialect{{Name: "oauth"}}})
	ctx := t.Context()
	inside := authority.System(authority.Test, authority.Account{ID: 1}, "", "test")
	outside := authority.System(authority.Test, authority.Account{}, "", "test")
	nobody := authority.Caller{}
	only := func(_ any, err error) error { return err }
	tests := map[string]struct {
		err  error
		want authority.Code
	}{
		"no account":          {only(s.CreateServiceUser(ctx, outside, admin.NewServiceUser{Name: "x"})), authority.InvalidRequest},
		"nobody":              {only(s.ServiceUsers(ctx, nobody, admin.Page{})), authority.Forbidden},
		"nobody's accounts":   {only(s.Accounts(ctx, nobody, admin.Page{})), authority.Forbidden},
		"nobody's account":    {only(s.Account(ctx, nobody, 0)), authority.Forbidden},
		"size":                {only(s.Users(ctx, inside, admin.Page{Size: 1001})), authority.InvalidValue},
		"offset":              {only(s.Users(ctx, inside, admin.Page{Offset: -1})), authority.InvalidValue},
		"overlap of 8 days":   {only(s.GenerateServiceToken(ctx, inside, admin.Generate{Overlap: 8 * 24 * time.Hour})), authority.InvalidValue},
		"negative overlap":    {only(s.GenerateServiceToken(ctx, inside, admin.Generate{Overlap: -1})), authority.InvalidValue},
		"expired when made":   {only(s.GenerateServiceToken(ctx, inside, admin.Generate{Expires: time.Unix(1, 0)})), authority.InvalidValue},
		"unknown permission":  {only(s.CreateRole(ctx, inside, "x", []authority.Permission{"Everything"})), authority.InvalidValue},
		"unknown dialect":     {only(s.CreateApplication(ctx, inside, admin.NewApplication{Name: "x", Dialect: "soap"})), authority.InvalidValue},
		"login of no user":    {only(s.ChangeServiceUser(ctx, inside, admin.PrincipalEdit{ID: 1, Login: new(string)})), authority.InvalidValue},
		"account's number":    {only(s.CreateAccount(ctx, outside, admin.NewAccount{Name: "x", Number: -1})), authority.InvalidValue},
		"account's name":      {only(s.CreateAccount(ctx, outside, admin.NewAccount{})), authority.InvalidValue},
		"administrator's key": {only(s.CreateAccount(ctx, outside, admin.NewAccount{Name: "x", Login: "x", Password: authority.NewSecret("short")})), authority.InvalidValue},
	}
	for name, test := range tests {
		if authority.CodeOf(test.err) != test.want {
			t.Errorf("%s: got %v, want %s", name, test.err, test.want)
		}
	}
}
