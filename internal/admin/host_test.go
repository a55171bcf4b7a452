package admin_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"propusk/internal/admin"
)

func TestHostNames(t *testing.T) {
	for in, want := range map[string]string{
		"API.Example.com": "api.example.com", "пример.рф": "xn--e1afmkfd.xn--p1ai", "Пример.РФ": "xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd.xn--p1ai": "xn--e1afmkfd.xn--p1ai",
		"münchen.example": "xn--mnchen-3ya.example", "президент.рф": "xn--d1abbgf6aiiy.xn--p1ai", "他们为什么不说中文.example": "xn--ihqwcrb4cv8a8dqg056pqjye.example",
		"intranet": "intranet", "a_b.example": "a_b.example", "1c.example": "1c.example",
		"-x": "", "x-": "", "a.-b.example": "", "127.0.0.1": "", "[::1]": "", "::1": "", "localhost": "", "api.localhost": "", "a..b": "", "": "",
		"a b": "", "пример.рф:80": "", "xn--": "", "１２７.0.0.1": "", "a/b": "", strings.Repeat("ы", 70) + ".рф": "",
	} {
		got, err := admin.HostName(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", in, got, err, want)
		}
	}
	if got := admin.ShowHost("xn--e1afmkfd.xn--p1ai"); got != "пример.рф" {
		t.Error(got)
	}
	if got := admin.ShowHost("xn--80ak6aa92e--.example"); !strings.HasPrefix(got, "xn--") {
		t.Errorf("what stands for nothing is shown as %s", got)
	}
}

// Every name comes back with the letters it had.
func TestHostNamesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[а-яa-z0-9ß你-來]{1,12}`).Draw(t, "name")
		ascii, err := admin.HostName(name + ".example")
		if err != nil {
			return
		}
		again, err := admin.HostName(admin.ShowHost(ascii))
		if err != nil || again != ascii {
			t.Fatalf("%s is shown as %s, which is %s: %v", ascii, admin.ShowHost(ascii), again, err)
		}
	})
}

func FuzzShowHost(f *testing.F) {
	f.Add("xn--e1afmkfd.xn--p1ai")
	f.Add("xn--a-0.xn--99999999999")
	f.Fuzz(func(t *testing.T, host string) {
		if shown := admin.ShowHost(host); shown != host {
			if again, err := admin.HostName(shown); err == nil && again != host {
				t.Errorf("%q is shown as %q, which is %q", host, shown, again)
			}
		}
	})
}
