package spelling_test

import (
	"strings"
	"testing"

	"propusk/internal/spelling"
)

func TestASCIIAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://пример.рф/cb":             "https://xn--e1afmkfd.xn--p1ai/cb",
		"https://ПРИМЕР.рф:8443/cb?a=b":    "https://xn--e1afmkfd.xn--p1ai:8443/cb?a=b",
		"https://пример.рф":                "https://xn--e1afmkfd.xn--p1ai",
		"https://Example.com/CB":           "https://Example.com/CB",
		"https://xn--e1afmkfd.xn--p1ai/cb": "https://xn--e1afmkfd.xn--p1ai/cb",
		"https://e.com/путь":               "https://e.com/путь",
		"https://a@пример.рф/":             "https://a@пример.рф/",
		"схема://пример.рф/":               "схема://пример.рф/",
		"com.example.app:/cb":              "com.example.app:/cb",
		"https://пример..рф/":              "https://пример..рф/",
		"":                                 "",
	} {
		if got := spelling.ASCIIAddress(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func FuzzASCIIAddress(f *testing.F) {
	f.Add("https://пример.рф:1/путь?#")
	f.Fuzz(func(t *testing.T, in string) {
		got := spelling.ASCIIAddress(in)
		if again := spelling.ASCIIAddress(got); again != got {
			t.Errorf("%q is %q, and then %q", in, got, again)
		}
		if spelling.IsASCII(in) && got != in {
			t.Errorf("%q is %q", in, got)
		}
		if _, after, _ := strings.Cut(in, "://"); !strings.ContainsAny(after, "/?#") && strings.ContainsAny(got, "\r\n") && !strings.ContainsAny(in, "\r\n") {
			t.Errorf("%q is %q", in, got)
		}
	})
}
