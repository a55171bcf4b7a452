package authority_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"propusk/internal/authority"
)

const springPassword = "пароль Весна-2026"

// What bcrypt 5.0, passlib 1.7.4, Django 6.0 and argon2-cffi 25.1 made of
// springPassword, the examples of ASP.NET Core's
// PasswordHasherTest, and its present form by Python's hashlib.
func foreignHashes() map[string]string {
	return map[string]string{
		"$2b$05$V2GqaMLR1Pos.SbEoLUJae8iasdCu7dCf/lVjae9UEqqBpPYVEGTS":                                                                      springPassword,
		"$2a$05$vp5dVVObfQ.5HesY5QT7F.DVWFT1QPw/fUJqTiePDVqDZ1tIC.7v6":                                                                      springPassword,
		"$2y$05$ZijEa0oY3Z.E.CXXCsrmT.hWViRhcZovTfwILWYUxZ6I/fn0zf70a":                                                                      springPassword,
		"$pbkdf2$1212$aK11DuEc4xxjTOndG6N0Dg$ujMYoCOm/D/A.TQoSylbAyv0wxo":                                                                   springPassword,
		"$pbkdf2-sha256$1212$mRNi7F0LoZSyNibkPAdACA$IUgdJpf1nZfNiMptmYTH7iqs45qGdnzEYcipmHNemWo":                                            springPassword,
		"$pbkdf2-sha512$1212$mnNuTckZozRmbE0JYYzRmg$37xWglCWQPfvNzALhcvKHAKfaU/uzqjX.vwSX2ca.QgsmjQse0L.lwfLEwqaQeIEPzKzZFxQIba73WSj/2S57Q": springPassword,
		"pbkdf2_sha256$2000$seasalt2$1+p77to8n/A8VTOF6f3b/YwuVQTZGqtNgCik49tBXKc=":                                                          springPassword,
		"pbkdf2_sha1$2000$seasalt2$kwUHCKB8gzoSPIK1KJORcsC5ogU=":                                                                            springPassword,
		"$argon2id$v=19$m=1024,t=1,p=4$nsZ8UdOmpS7Sg1dXdWrHsg$ZhMXmA9ZzFl8ZiGUp3gREoWby2+gEi4BoxYvtR6EQCY":                                  springPassword,
		"$argon2id$v=19$m=64,t=1,p=1$xHSPDkDxwTZcNwK5N8bEVw$gTYnruq+80SsMZ1CjA6MwA":                                                         springPassword,
		"ANXrDknc7fGPpigibZXXZFMX4aoqz44JveK6jQuwY3eH/UyPhvr5xTPeGYEckLxz9A==":                                                              "my password",
		"AQAAAAEAA9CQAAAAIESkQuj2Du8Y+kbc5lcN/W/3NiAZFEm11P27nrSN5/tId+bR1SwV8CO1Jd72r4C08OLvplNlCDc3oQZ8efcW+jQ=":                          "my password",
		"AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==":                                              "my password",
	}
}

func TestHashesOfOtherSystemsOpen(t *testing.T) {
	p := authority.NewPasswords(authority.PasswordCost{MemoryKiB: 64, Passes: 1})
	for hash, password := range foreignHashes() {
		if err := authority.CheckPasswordHash(hash); err != nil {
			t.Errorf("%s: %v", hash, err)
		}
		match, stale, err := p.Check(t.Context(), hash, authority.NewSecret(password))
		if !match || !stale || err != nil {
			t.Errorf("%s: match %v, stale %v, %v", hash, match, stale, err)
		}
		for _, wrong := range []string{password + "x", strings.ToUpper(password), password + "\x00", " "} {
			if match, _, _ := p.Check(t.Context(), hash, authority.NewSecret(wrong)); match {
				t.Errorf("%s opens with %q", hash, wrong)
			}
		}
	}
}

// bcrypt looks at 72 bytes, and repeats what ends in a NUL.
func TestBcryptIsNotOpenedByAnotherText(t *testing.T) {
	p := authority.NewPasswords(authority.PasswordCost{MemoryKiB: 64, Passes: 1})
	long, short := bcryptOf(t, strings.Repeat("a", 72)), bcryptOf(t, "abc")
	for _, test := range []struct {
		hash, password string
		want           bool
	}{
		{long, strings.Repeat("a", 72), true},
		{long, strings.Repeat("a", 73), false},
		{long, strings.Repeat("a", 71), false},
		{short, "abc", true},
		{short, "abc\x00abc", false},
	} {
		got, _, err := p.Check(t.Context(), test.hash, authority.NewSecret(test.password))
		if err != nil || got != test.want {
			t.Errorf("%q: %v, %v", test.password, got, err)
		}
	}
}

func TestHostileHashesAreRefused(t *testing.T) {
	key := "$" + base64.RawStdEncoding.EncodeToString(make([]byte, 16)) + "$" + base64.RawStdEncoding.EncodeToString(make([]byte, 32))
	v3 := func(head string) string {
		return base64.StdEncoding.EncodeToString([]byte(head + strings.Repeat("x", 48)))
	}
	for _, hash := range []string{
		"", "plain text", "d41d8cd98f00b204e9800998ecf8427e", strings.Repeat("$2b$", 200), "$1$salt$key", "{SSHA}abc",
		"$2b$31$V2GqaMLR1Pos.SbEoLUJae8iasdCu7dCf/lVjae9UEqqBpPYVEGTS", // four days
		"$2b$05$V2GqaMLR1Pos.SbEoLUJae8iasdCu7dCf/lVjae9UEqqBpPYVEGT",
		"$2x$05$V2GqaMLR1Pos.SbEoLUJae8iasdCu7dCf/lVjae9UEqqBpPYVEGTS",
		"$argon2id$v=19$m=4194304,t=1,p=1" + key, "$argon2id$v=19$m=262144,t=32,p=1" + key, "$argon2id$v=19$m=64,t=0,p=1" + key,
		"$argon2id$v=19$m=64,t=1,p=255" + key, "$argon2id$v=19$m=8,t=1,p=4" + key, "$argon2id$v=16$m=64,t=1,p=1" + key,
		"$argon2i$v=19$m=64,t=1,p=1" + key, "$argon2id$v=19$m=-1,t=1,p=1" + key, "$argon2id$v=19$t=1,m=64,p=1" + key,
		"$argon2id$v=19$m=64,t=1,p=1$$", "$argon2id$v=19$m=99999999999999999999,t=1,p=1" + key,
		"pbkdf2_sha256$2000000000$salt$" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"pbkdf2_sha256$1$salt$" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"pbkdf2_md5$20000$salt$" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"pbkdf2_sha256$20000$salt$", "pbkdf2_sha256$20000$$" + base64.StdEncoding.EncodeToString(make([]byte, 32)),
		"$pbkdf2-sha256$+1212$mRNi7F0LoZSyNibkPAdACA$IUgdJpf1nZfNiMptmYTH7iqs45qGdnzEYcipmHNemWo",
		"$pbkdf2-sha256$1212$mRNi7F0LoZSyNibkPAdACA",
		v3("\x01\x00\x00\x00\x09\x00\x00\x30\x00\x00\x00\x00\x10"),
		v3("\x01\x00\x00\x00\x01\x00\x00\x30\x00\xff\xff\xff\xff"),
		v3("\x01\x00\x00\x00\x01\xff\xff\xff\xff\x00\x00\x00\x10"),
		v3("\x07\x00\x00\x00\x01\x00\x00\x30\x00\x00\x00\x00\x10"),
	} {
		if err := authority.CheckPasswordHash(hash); authority.CodeOf(err) != authority.InvalidValue {
			t.Errorf("%q: %v", hash, err)
		}
	}
}

// Whatever is imported, checking a password ends soon and never panics.
func FuzzCheckPasswordHash(f *testing.F) {
	for hash := range foreignHashes() {
		f.Add(hash)
	}
	f.Fuzz(func(_ *testing.T, hash string) { _ = authority.CheckPasswordHash(hash) })
}

func bcryptOf(t *testing.T, password string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

// Rule 19: a password is one text however it is spelled; hashes of another
// spelling, from elsewhere or before, open too and are made anew.
func TestSpellingsOfAPassword(t *testing.T) {
	const composed, decomposed, other = "Йод-ёлка-2026", "\u0418\u0306\u043e\u0434-\u0435\u0308\u043b\u043a\u0430-2026", "Йод-елка-2026"
	p := authority.NewPasswords(authority.PasswordCost{MemoryKiB: 64, Passes: 1})
	foreign, err := bcrypt.GenerateFromPassword([]byte(decomposed), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	hashes := map[string]bool{string(foreign): true} // and whether they are stale
	for _, set := range []string{composed, decomposed} {
		hash, err := p.Hash(t.Context(), authority.NewSecret(set))
		if err != nil {
			t.Fatal(err)
		}
		hashes[hash] = false
	}
	for hash, old := range hashes {
		for _, shown := range []string{composed, decomposed, other} {
			match, stale, err := p.Check(t.Context(), hash, authority.NewSecret(shown))
			if err != nil || match != (shown != other) || (match && stale != old) {
				t.Errorf("%s for %q: %v, stale %v, %v", shown, hash, match, stale, err)
			}
		}
	}
}
