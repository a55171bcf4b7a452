package hubex_test

import (
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/hubex"
	"propusk/internal/tasks"
)

func TestParseRange(t *testing.T) {
	tests := []struct {
		value         string
		fetch, offset int
		contentRange  string // of 150 items
	}{
		{"items=1-50", 50, 0, "items 1-50/150"},
		{"items=0-49", 49, 0, "items 1-49/150"}, // 1 to 49, as the live service reads it
		{"items=0-0", 1, 0, "items 1-1/150"},
		{"items=51-100", 50, 50, "items 51-100/150"},
		{"items=101-200", 100, 100, "items 101-150/150"},
		{"items=150-150", 1, 149, "items 150-150/150"},
		{"items=151-151", 1, 150, ""},
		{"items=140-", 1000, 139, "items 140-150/150"},
		{" Items = 1-2 ", 2, 0, "items 1-2/150"},
		{"items=1-100000", 1000, 0, "items 1-150/150"},
		{"items=007-009", 3, 6, "items 7-9/150"},
		{"items=1-99999999999999999999", 1000, 0, "items 1-150/150"},
		{"items=99999999999999999999-", 1, 1<<63 - 2, ""},
	}
	for _, test := range tests {
		fetch, offset, contentRange, asked, err := hubex.ParseRange(test.value, 150)
		if err != nil || !asked || fetch != test.fetch || offset != test.offset || contentRange != test.contentRange {
			t.Errorf("%q: %d from %d, %q, asked %v, %v", test.value, fetch, offset, contentRange, asked, err)
		}
	}
}

func TestParseRangeOfNothing(t *testing.T) {
	for _, value := range []string{"", "bytes=0-9", "items", "item=1-2", "1-50"} {
		if _, _, _, asked, err := hubex.ParseRange(value, 1); asked || err != nil {
			t.Errorf("%q: asked %v, %v", value, asked, err)
		}
	}
	for _, value := range []string{
		"items=", "items=5", "items=-5", "items=5-3", "items=a-b", "items=1-2,4-5", "items=+1-2",
		"items=1 - 2", "items=1-2-3", "items=1.5-2", "items=٣-٤", "items=0x1-2",
	} {
		_, _, _, asked, err := hubex.ParseRange(value, 1)
		if !asked || authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("%q: asked %v, %v", value, asked, err)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	for _, seed := range []string{"items=1-50", "items=0-0", "items=5-", "items=-5", "bytes=1-2", "items=9-1"} {
		f.Add(seed, int64(150))
	}
	f.Fuzz(func(t *testing.T, value string, total int64) {
		total &= 1<<53 - 1 // no list is longer, or shorter than nothing
		fetch, offset, contentRange, asked, err := hubex.ParseRange(value, total)
		if err != nil || !asked {
			return
		}
		if fetch < 1 || fetch > tasks.MaxFetch || offset < 0 {
			t.Errorf("%q: %d rows from %d", value, fetch, offset)
		}
		if (contentRange == "") != (int64(offset) >= total) {
			t.Errorf("%q of %d: %q", value, total, contentRange)
		}
	})
}
