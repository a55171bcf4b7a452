package spelling_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"propusk/internal/spelling"
)

func TestCleanAndLine(t *testing.T) {
	for _, test := range []struct {
		in, clean, line string
		err             error
	}{
		{in: "  a \n\t b  ", clean: "a \n\t b", line: "a b"},
		{in: "е\u0308лка", clean: "ёлка", line: "ёлка"}, // ё written as two characters
		{in: " \u00a0 ", clean: "", line: ""},
		{in: strings.Repeat("я", 10), clean: strings.Repeat("я", 10), line: strings.Repeat("я", 10)},
		{in: strings.Repeat("я", 11), err: spelling.TooLong(10)},
		{in: "a\x00b", err: spelling.ErrNUL},
		{in: "a\xffb", err: spelling.ErrUTF8},
	} {
		clean, err := spelling.Clean(test.in, 10)
		if clean != test.clean || !errors.Is(err, test.err) {
			t.Errorf("Clean(%q) = %q, %v; want %q, %v", test.in, clean, err, test.clean, test.err)
		}
		line, err := spelling.Line(test.in, 10)
		if line != test.line || !errors.Is(err, test.err) {
			t.Errorf("Line(%q) = %q, %v; want %q, %v", test.in, line, err, test.line, test.err)
		}
	}
	if line, err := spelling.Line("a"+strings.Repeat(" ", 20)+"b", 3); line != "a b" || err != nil {
		t.Errorf("white space that goes away is counted: %q, %v", line, err)
	}
}

func TestFold(t *testing.T) {
	for _, test := range []struct{ in, fold, search string }{
		{"Не Работает ПРИНТЕР", "не работает принтер", "не работает принтер"},
		{"Ёлка ёж", "ёлка ёж", "елка еж"},
		{"е\u0308лка", "ёлка", "елка"},
		{"и\u0306од ЙОД", "йод йод", "йод йод"},
		{"Straße", "strasse", "strasse"},
		{"ADMIN_1@x.ru", "admin_1@x.ru", "admin_1@x.ru"},
		{"  a \n\t b  ", "  a \n\t b  ", "a b"},
		{"", "", ""},
	} {
		if got := spelling.Fold(test.in); got != test.fold {
			t.Errorf("Fold(%q) = %q, want %q", test.in, got, test.fold)
		}
		if got := spelling.Search(test.in); got != test.search {
			t.Errorf("Search(%q) = %q, want %q", test.in, got, test.search)
		}
	}
}

// However a text is composed, and in capitals or not, it folds to one.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "Ёж", "İstanbul", "ΐ", "\xff", "ﬁ", "\u0345α", "admin"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			return
		}
		once := spelling.Fold(s)
		for _, other := range []string{norm.NFC.String(s), norm.NFD.String(s), once} {
			if again := spelling.Fold(other); again != once {
				t.Errorf("Fold(%q) = %q, but of %q it is %q", s, once, other, again)
			}
		}
	})
}
