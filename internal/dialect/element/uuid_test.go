package element_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"propusk/internal/authority"
	"propusk/internal/dialect/element"
)

// RFC 9562 §5.8: version 8, variant 10.
var eighth = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestUUIDCarriesEveryID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := authority.ID(rapid.Int64Range(1, 1<<59-1).Draw(t, "id"))
		text := element.FormatUUID(id)
		if !eighth.MatchString(text) {
			t.Fatalf("%d is %s", id, text)
		}
		for _, spelling := range []string{text, strings.ToUpper(text)} {
			if got, ok := element.ParseUUID(spelling); !ok || got != id {
				t.Fatalf("%s is %d, want %d", spelling, got, id)
			}
		}
	})
}

// What is not a UUID is told from what is not ours.
func TestUUIDsThatAreNone(t *testing.T) {
	good := element.FormatUUID(4503599627370495)
	for _, text := range []string{
		"", "1111", "x", good + "0", good[:35], "{" + good + "}", strings.ReplaceAll(good, "-", ""), good[:35] + "g",
		strings.Replace(good, "-", "_", 1), "urn:uuid:" + good, " " + good[1:], "../../../../../../../../../../../../",
		"00000000-0000-0000-0000-00000000000\xff", "00000000-0000-0000-0000-0000000000é",
	} {
		if id, ok := element.ParseUUID(text); ok {
			t.Errorf("%q is %d", text, id)
		}
	}
	for _, text := range []string{
		"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "25d2757d-ed6b-48ae-9abf-a563d00052ae",
		"00000000-0000-8000-8000-000000000001",
	} {
		if id, ok := element.ParseUUID(text); !ok || id != element.Stranger {
			t.Errorf("%s is %d, %v", text, id, ok)
		}
	}
}

// One id has one UUID: each other spelling of its bits is nobody's.
func FuzzUUID(f *testing.F) {
	f.Add(element.FormatUUID(1))
	f.Add("25d2757d-ed6b-48ae-9abf-a563d00052ae")
	f.Add("1111")
	f.Fuzz(func(t *testing.T, text string) {
		id, ok := element.ParseUUID(text)
		if !ok {
			return
		}
		if len(text) != 36 {
			t.Fatalf("%q is a UUID", text)
		}
		if id != element.Stranger && element.FormatUUID(id) != strings.ToLower(text) {
			t.Fatalf("%s is %d, which is %s", text, id, element.FormatUUID(id))
		}
	})
}
