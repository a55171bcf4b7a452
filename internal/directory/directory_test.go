package directory_test

import (
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/directory"
)

// Addresses that lie inside somebody's network are refused by their text, in
// every spelling that some parser reads.
func TestURLs(t *testing.T) {
	for url, good := range map[string]bool{
		"https://crm.example.com/hook":      true,
		"http://crm.example.com:8080/?a=b":  true,
		"https://xn--e1afmkfd.xn--p1ai/":    true,
		"https://8.8.8.8/":                  true,
		"https://[2a00:1450:4010:c0e::8b]/": true,

		"":                                     false,
		"crm.example.com":                      false,
		"/hook":                                false,
		"ftp://crm.example.com/":               false,
		"javascript:alert(1)":                  false,
		"file:///etc/passwd":                   false,
		"https:crm.example.com":                false,
		"https:///hook":                        false,
		"https://user@crm.example.com/":        false,
		"https://8.8.8.8@127.0.0.1/":           false,
		"https://crm.example.com/#a":           false,
		"https://crm.example.com/#":            false,
		"https://crm.example.com:0/":           false,
		"https://crm.example.com:/":            false,
		"https://crm.example.com:65536/":       false,
		"https://crm.example.com\\@127.0.0.1/": false,
		"https://crm.example.com/ a":           false,
		"https://crm.example.com/\n":           false,
		"https://пример.рф/":                   false,
		"https://１２７.0.0.1/":                   false,
		"https://localhost/":                   false,
		"https://localhost./":                  false,
		"https://a.localhost/":                 false,
		"https://printer/":                     false,
		"https://printer.local/":               false,
		"https://db.internal/":                 false,
		"https://metadata.google.internal/":    false,
		"https://127.0.0.1/":                   false,
		"https://127.0.0.1./":                  false,
		"https://127.1/":                       false,
		"https://2130706433/":                  false,
		"https://0x7f000001/":                  false,
		"https://0x7f.0.0.1/":                  false,
		"https://0177.0.0.1/":                  false,
		"https://a.0x7f/":                      false,
		"https://10.0.0.1/":                    false,
		"https://172.16.0.1/":                  false,
		"https://192.168.0.1/":                 false,
		"https://169.254.169.254/latest":       false,
		"https://100.64.0.1/":                  false,
		"https://0.0.0.0/":                     false,
		"https://224.0.0.1/":                   false,
		"https://255.255.255.255/":             false,
		"https://198.18.0.1/":                  false,
		"https://[::1]/":                       false,
		"https://[::]/":                        false,
		"https://[::ffff:127.0.0.1]/":          false,
		"https://[::ffff:8.8.8.8]/":            false,
		"https://[fe80::1]/":                   false,
		"https://[fe80::1%25eth0]/":            false,
		"https://[fd00::1]/":                   false,
		"https://[64:ff9b::7f00:1]/":           false,
		"https://[2002:7f00:1::]/":             false,
		"https://a..example.com/":              false,
		"https://" + strings.Repeat("a", 2048): false,
		"https://crm.example.com/%zz":          false,
		"https://crm.example.com/" + "\x00":    false,
		"https://[::1%25lo]:80/":               false,
		"https://[2001:db8::1]/":               false,
		"https://localhost.localdomain/":       false,
		"https://db.localdomain/":              false,
		"https://a.localhost.localdomain./":    false,
		"https://nas.home.arpa/":               false,
		"https://crm.example/":                 false,
		"https://crm.workgroup/":               false,
		"https://crm.example.com:22/":          false,
		"https://crm.example.com:25/":          false,
		"https://crm.example.com:443/":         true,
		"http://crm.example.com:80/":           true,
		"https://crm.example.com:1024/":        true,
	} {
		if err := directory.CheckURL(url); (err == nil) != good {
			t.Errorf("%q: %v", url, err)
		}
		if err := directory.CheckURL(url); err != nil && authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// Plain HTTP passes only where it is asked for.
func TestSecureURLs(t *testing.T) {
	for url, good := range map[string]bool{
		"https://crm.example.com/hook": true, "http://crm.example.com/hook": false, "HTTP://crm.example.com/hook": false,
	} {
		if err := directory.CheckSecureURL(url); (err == nil) != good {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// Whatever is sent, what passes is an absolute address without user or fragment.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"https://crm.example.com/hook", "http://[::1]/", "https://a@b.c/", "https://127.1/", "http://a.b:80/?x#y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if directory.CheckURL(text) != nil {
			return
		}
		if !strings.HasPrefix(strings.ToLower(text), "http") || strings.ContainsAny(text, "#\\ \t\r\n\x00") || !strings.Contains(text, "://") {
			t.Fatalf("%q passes", text)
		}
	})
}
