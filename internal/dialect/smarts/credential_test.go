package smarts_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"unicode/utf8"

	"propusk/internal/dialect/smarts"
)

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// B19: every way to write a pair, and everything that is none.
func TestReadPair(t *testing.T) {
	for _, c := range []struct{ name, value, login, password, door string }{
		{"raw", "user:pass", "user", "pass", "basic_raw"},
		{"raw, colons in the password", "user:a:b:", "user", "a:b:", "basic_raw"},
		{"raw, spaces", "us er: pa ss", "us er", " pa ss", "basic_raw"},
		{"raw, looks like base64", "dXNlcjpwYXNz:x", "dXNlcjpwYXNz", "x", "basic_raw"},
		{"raw in Russian", "кладовщик:пароль", "кладовщик", "пароль", "basic_raw"},
		{"raw in Latin-1", "Andr\xe9:\xfcber", "André", "über", "basic_raw"},
		{"raw, decomposed", "Andre\u0301:e\u0301", "André", "é", "basic_raw"},
		{"raw, no password", "user:", "user", "", "basic_raw"},
		{"base64", b64("user:pass"), "user", "pass", "basic"},
		{"base64, colons", b64("user:a:b"), "user", "a:b", "basic"},
		{"base64 in Russian", b64("кладовщик:пароль"), "кладовщик", "пароль", "basic"},
		{"base64 in Latin-1", b64("Andr\xe9:x"), "André", "x", "basic"},
		{"base64 without padding", strings.TrimRight(b64("user:pass1"), "="), "user", "pass1", "basic"},
	} {
		login, password, door, ok := smarts.ReadPair(c.value)
		if !ok || login != c.login || password != c.password || door != c.door {
			t.Errorf("%s: %q %q %q %v", c.name, login, password, door, ok)
		}
	}
	for name, value := range map[string]string{
		"nothing": "", "no base64": "????", "base64url": "_-_-", "no colon": b64("user"), "no login": ":pass", "no login in base64": b64(":pass"),
		"NUL": b64("us\x00er:pass"), "line feed": b64("user:pa\nss"), "delete": "us\x7fer:pass", "two values": b64("a:b") + " " + b64("c:d"),
		"long": "user:" + strings.Repeat("a", 5000), "long in base64": b64("user:" + strings.Repeat("a", 5000)), "very long": strings.Repeat("A", 1<<20),
	} {
		if login, _, _, ok := smarts.ReadPair(value); ok {
			t.Errorf("%s is read as %q", name, login)
		}
	}
}

func FuzzReadPair(f *testing.F) {
	for _, seed := range []string{"a:b", "YTpi", "\xff:\xfe", "", ":", "a:", "YQ==", strings.Repeat("A", 9000)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		login, password, door, ok := smarts.ReadPair(value)
		if !ok {
			return
		}
		if login == "" || strings.Contains(login, ":") || !utf8.ValidString(login+password) || (door == "basic_raw") != strings.Contains(value, ":") {
			t.Errorf("%q: %q %q %q", value, login, password, door)
		}
		if strings.ContainsAny(login+password, "\x00\r\n\x7f") {
			t.Errorf("%q: control characters", value)
		}
	})
}
