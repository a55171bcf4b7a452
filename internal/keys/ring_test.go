package keys_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"propusk/internal/keys"
	"propusk/internal/testenv/fake"
)

// memory is a Store with the promises of the real one, and faults by name.
type memory struct {
	mu       sync.Mutex
	rows     []keys.Record
	conflict int                     // so many AddKey calls lose a race: rival runs first
	rival    func(m *memory)         // what the other writer does
	fail     error                   // every call fails
	moves    func([]keys.Transition) // seen before they are applied
}

func (m *memory) Keys(context.Context) ([]keys.Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.rows), m.fail
}

func (m *memory) AddKey(_ context.Context, r keys.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if m.conflict > 0 {
		m.conflict--
		m.rival(m)
	}
	for _, row := range m.rows {
		if row.Stand == r.Stand && row.Use == r.Use &&
			(row.Version == r.Version || row.State == keys.Active && r.State == keys.Active) {
			return keys.ErrConflict
		}
	}
	m.rows = append(m.rows, r)
	return nil
}

func (m *memory) MoveKeys(_ context.Context, moves []keys.Transition) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	if m.moves != nil {
		m.moves(moves)
	}
	rows := slices.Clone(m.rows)
	for _, move := range moves {
		i := slices.IndexFunc(rows, func(r keys.Record) bool { return r.ID == move.ID })
		if i < 0 || rows[i].State != move.From {
			return keys.ErrConflict
		}
		rows[i].State, rows[i].Retires = move.To, move.Retires
	}
	active := map[string]bool{}
	for _, r := range rows {
		at := r.Stand + "/" + r.Use
		if r.State == keys.Active && active[at] {
			return keys.ErrConflict
		}
		active[at] = active[at] || r.State == keys.Active
	}
	m.rows = rows
	return nil
}

func newClock() *fake.Clock { return fake.NewClock(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) }

const (
	prod = "production"
	test = "test"
)

// specs is one key of every algorithm on both stands.
func specs() []keys.Spec {
	var out []keys.Spec
	for _, stand := range []string{prod, test} {
		out = append(out,
			keys.Spec{Stand: stand, Use: "hubex", Algorithm: keys.HS256},
			keys.Spec{Stand: stand, Use: "operator", Algorithm: keys.RS256},
			keys.Spec{Stand: stand, Use: "element", Algorithm: keys.RS512},
			keys.Spec{Stand: stand, Use: "oauth", Algorithm: keys.EdDSA},
			keys.Spec{Stand: stand, Use: "token", Algorithm: keys.MAC},
			keys.Spec{Stand: stand, Use: keys.UseCredential, Algorithm: keys.Pepper})
	}
	return out
}

// quick is specs without RSA, on one stand.
func quick() []keys.Spec {
	return slices.DeleteFunc(specs(), func(s keys.Spec) bool {
		return s.Stand != prod || s.Algorithm == keys.RS256 || s.Algorithm == keys.RS512
	})
}

const keyText = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func sealer(t testing.TB, text string) *keys.Sealer {
	t.Helper()
	k, err := keys.ParseDeploymentKey(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := keys.NewSealer(k, keys.PurposeKeys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t testing.TB, m *memory, c *fake.Clock, specs []keys.Spec) *keys.Ring {
	t.Helper()
	r, err := keys.Open(t.Context(), keys.Config{Store: m, Sealer: sealer(t, keyText), Specs: specs, Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// allRows makes the rows of specs() once: RSA keys are slow to make.
var allRows = sync.OnceValues(func() ([]keys.Record, error) {
	k, err := keys.ParseDeploymentKey(keyText)
	if err != nil {
		return nil, err
	}
	s, err := keys.NewSealer(k, keys.PurposeKeys)
	if err != nil {
		return nil, err
	}
	m := &memory{}
	_, err = keys.Open(context.Background(), keys.Config{Store: m, Sealer: s, Specs: specs()})
	return m.rows, err
})

// full opens a ring with a key of every algorithm on both stands.
func full(t testing.TB) (*keys.Ring, *memory, *fake.Clock) {
	t.Helper()
	rows, err := allRows()
	if err != nil {
		t.Fatal(err)
	}
	m, c := &memory{rows: slices.Clone(rows)}, newClock()
	return open(t, m, c, specs()), m, c
}

func active(t testing.TB, r *keys.Ring, stand, use string) string {
	t.Helper()
	id, err := r.Active(stand, use)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func sign(t testing.TB, r *keys.Ring, stand, use, claims string) string {
	t.Helper()
	text, err := r.Sign(active(t, r, stand, use), keys.Header{Typ: "JWT"}, []byte(claims))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

const claims = `{"iss":"https://example.org","sub":"1","exp":1900000000}`

func signingUses() []string { return []string{"hubex", "operator", "element", "oauth"} }

func TestSignedTokenVerifiesForItsStandAndUseOnly(t *testing.T) { // B8
	r, _, _ := full(t)
	for _, use := range signingUses() {
		text := sign(t, r, prod, use, claims)
		got, err := r.Verify(prod, []string{use}, text)
		if err != nil {
			t.Fatalf("%s: %v", use, err)
		}
		want := keys.Verified{KeyID: active(t, r, prod, use), Use: use, Typ: "JWT"}
		if got.KeyID != want.KeyID || got.Use != want.Use || got.Typ != want.Typ || string(got.Payload) != claims {
			t.Errorf("%s: got %+v", use, got)
		}
		if _, err := r.Verify(prod, signingUses(), text); err != nil {
			t.Errorf("%s among all uses: %v", use, err)
		}
		others := slices.DeleteFunc(append(signingUses(), "token", "credential", "", "absent"), func(u string) bool { return u == use })
		for _, other := range others {
			if _, err := r.Verify(prod, []string{other}, text); !errors.Is(err, keys.ErrInvalid) {
				t.Errorf("a token of %s as one of %s: %v", use, other, err)
			}
		}
		for _, stand := range []string{test, "", "absent"} {
			if _, err := r.Verify(stand, []string{use}, text); !errors.Is(err, keys.ErrInvalid) {
				t.Errorf("a token of %s on stand %q: %v", use, stand, err)
			}
		}
		if _, err := r.Verify(prod, nil, text); !errors.Is(err, keys.ErrInvalid) {
			t.Errorf("no uses: %v", err)
		}
	}
}

func TestSignIsDeterministicAndSurvivesReopening(t *testing.T) { // rule 8
	r, m, c := full(t)
	again := open(t, m, c, specs())
	for _, use := range signingUses() {
		id := active(t, r, prod, use)
		for _, typ := range []string{"JWT", "", "at+jwt", "x-other"} {
			one, err1 := r.Sign(id, keys.Header{Typ: typ}, []byte(claims))
			two, err2 := again.Sign(id, keys.Header{Typ: typ}, []byte(claims))
			if err1 != nil || err2 != nil || one != two {
				t.Errorf("%s, typ %q: %v %v, texts equal: %v", use, typ, err1, err2, one == two)
			}
			if v, err := r.Verify(prod, []string{use}, one); err != nil || v.Typ != typ {
				t.Errorf("%s: typ %q came back as %q: %v", use, typ, v.Typ, err)
			}
		}
	}
}

func TestSignRefusesWhatVerifyWouldRefuse(t *testing.T) {
	r, _, _ := full(t)
	id := active(t, r, prod, "hubex")
	for _, bad := range []string{
		``, `null`, `1`, `"x"`, `[]`, `{`, `{}x`, `{} {}`, `{"a":1,"a":2}`, `{"a":1,"A":2}`, "{\"a\":\"\xff\"}",
		`{"a":"` + strings.Repeat("x", 8000) + `"}`,
	} {
		if text, err := r.Sign(id, keys.Header{}, []byte(bad)); err == nil {
			t.Errorf("signed %.40q: %s", bad, text)
		}
	}
	for _, id := range []string{"", "absent", active(t, r, prod, "token"), active(t, r, prod, keys.UseCredential)} {
		if _, err := r.Sign(id, keys.Header{}, []byte(claims)); !errors.Is(err, keys.ErrUnknownKey) {
			t.Errorf("signed with %q: %v", id, err)
		}
	}
}

func TestHostileStringsStayData(t *testing.T) { // B10
	r, _, _ := full(t)
	for _, s := range []string{`","sub":"admin`, "a\r\nb", `\u0022`, `"}.{"`, "\u2028", "\x00", `é"`, "ſub"} {
		payload, err := json.Marshal(map[string]string{"sub": "1", "name": s})
		if err != nil {
			t.Fatal(err)
		}
		v, err := r.Verify(prod, []string{"hubex"}, sign(t, r, prod, "hubex", string(payload)))
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		var got struct{ Sub, Name string }
		type wire struct {
			Sub  string `json:"sub"`
			Name string `json:"name"`
		}
		w, err := decode[wire](v.Payload)
		if err != nil {
			t.Fatal(err)
		}
		if got.Sub, got.Name = w.Sub, w.Name; got.Sub != "1" || got.Name != s {
			t.Errorf("%q came back as %+v", s, got)
		}
	}
}

func TestRowsOpenOnlyAsWhatTheyAre(t *testing.T) {
	_, m, _ := full(t)
	row := func(use string) int {
		return slices.IndexFunc(m.rows, func(r keys.Record) bool { return r.Stand == prod && r.Use == use })
	}
	hubex, token, oauth, operator := row("hubex"), row("token"), row("oauth"), row("operator")
	cases := map[string]func(rows []keys.Record){
		"stand moved":       func(rows []keys.Record) { rows[hubex].Stand = "elsewhere" },
		"use moved":         func(rows []keys.Record) { rows[hubex].Use = "other" },
		"version moved":     func(rows []keys.Record) { rows[hubex].Version = 7 },
		"id moved":          func(rows []keys.Record) { rows[hubex].ID = "0123456789abcdef" },
		"algorithm changed": func(rows []keys.Record) { rows[operator].Algorithm = keys.RS512 },
		"secrets swapped": func(rows []keys.Record) {
			rows[hubex].Sealed, rows[token].Sealed = rows[token].Sealed, rows[hubex].Sealed
		},
		"one bit changed":        func(rows []keys.Record) { rows[hubex].Sealed = flip(rows[hubex].Sealed, 40) },
		"first byte changed":     func(rows []keys.Record) { rows[hubex].Sealed = flip(rows[hubex].Sealed, 0) },
		"cut":                    func(rows []keys.Record) { rows[hubex].Sealed = rows[hubex].Sealed[:9] },
		"empty":                  func(rows []keys.Record) { rows[hubex].Sealed = nil },
		"public half exchanged":  func(rows []keys.Record) { rows[operator].Public = rows[oauth].Public },
		"public half of Ed25519": func(rows []keys.Record) { rows[oauth].Public = flip(rows[oauth].Public, 20) },
		"unknown state":          func(rows []keys.Record) { rows[hubex].State = "sleeping" },
		"version 0":              func(rows []keys.Record) { rows[hubex].Version = 0 },
		"short kid":              func(rows []keys.Record) { rows[hubex].ID = "k1" },
		"doubled kid":            func(rows []keys.Record) { rows[hubex].ID = rows[token].ID },
		"two of one version": func(rows []keys.Record) {
			rows[oauth].Use = "hubex"
			private, _ := keys.MaterialOf(sealer(t, keyText), m.rows[oauth])
			keys.SealRecord(sealer(t, keyText), &rows[oauth], private)
		},
		"two active": func(rows []keys.Record) {
			rows[oauth].Use, rows[oauth].Version = "hubex", 2
			private, _ := keys.MaterialOf(sealer(t, keyText), m.rows[oauth])
			keys.SealRecord(sealer(t, keyText), &rows[oauth], private)
		},
		"unknown algorithm": func(rows []keys.Record) {
			rows[hubex].Algorithm = "HS384"
			keys.SealRecord(sealer(t, keyText), &rows[hubex], make([]byte, 32))
		},
		"short secret": func(rows []keys.Record) {
			keys.SealRecord(sealer(t, keyText), &rows[hubex], make([]byte, 31))
		},
		"short MAC": func(rows []keys.Record) {
			keys.SealRecord(sealer(t, keyText), &rows[token], make([]byte, 31))
		},
	}
	for name, change := range cases {
		rows := make([]keys.Record, len(m.rows))
		copy(rows, m.rows)
		change(rows)
		_, err := keys.Open(t.Context(), keys.Config{Store: &memory{rows: rows}, Sealer: sealer(t, keyText)})
		if err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	other := sealer(t, "ICECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	_, err := keys.Open(t.Context(), keys.Config{Store: m, Sealer: other})
	if err == nil || !strings.Contains(err.Error(), "deployment key") {
		t.Errorf("with another deployment key: %v", err)
	}
}

func flip(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 1
	return b
}

func TestSecretsDoNotLieInTheRows(t *testing.T) {
	r, m, _ := full(t)
	for _, row := range m.rows {
		private, err := keys.MaterialOf(sealer(t, keyText), row)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(row.Sealed, private) || bytes.Contains(row.Public, private) {
			t.Errorf("%s %s lies in the clear", row.Stand, row.Use)
		}
	}
	for _, row := range r.Records() {
		if row.Sealed != nil {
			t.Errorf("%s %s is listed with its material", row.Stand, row.Use)
		}
	}
}

func TestOpenRefusesBadConfig(t *testing.T) {
	good := keys.Config{Store: &memory{}, Sealer: sealer(t, keyText)}
	cases := map[string]func(c *keys.Config){
		"no store":     func(c *keys.Config) { c.Store = nil },
		"no sealer":    func(c *keys.Config) { c.Sealer = nil },
		"store fails":  func(c *keys.Config) { c.Store = &memory{fail: errors.New("disk")} },
		"no stand":     func(c *keys.Config) { c.Specs = []keys.Spec{{Use: "x", Algorithm: keys.MAC}} },
		"no use":       func(c *keys.Config) { c.Specs = []keys.Spec{{Stand: prod, Algorithm: keys.MAC}} },
		"no algorithm": func(c *keys.Config) { c.Specs = []keys.Spec{{Stand: prod, Use: "x"}} },
		"weak RSA": func(c *keys.Config) {
			c.Specs = []keys.Spec{{Stand: prod, Use: "x", Algorithm: keys.RS256, Bits: 1024}}
		},
		"endless RSA": func(c *keys.Config) {
			c.Specs = []keys.Spec{{Stand: prod, Use: "x", Algorithm: keys.RS256, Bits: 1 << 20}}
		},
		"two specs": func(c *keys.Config) {
			c.Specs = []keys.Spec{{Stand: prod, Use: "x", Algorithm: keys.MAC}, {Stand: prod, Use: "x", Algorithm: keys.HS256}}
		},
	}
	for name, change := range cases {
		c := good
		change(&c)
		if _, err := keys.Open(t.Context(), c); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	_, m, c := full(t)
	changed := []keys.Spec{{Stand: prod, Use: "hubex", Algorithm: keys.EdDSA}}
	_, err := keys.Open(t.Context(), keys.Config{Store: m, Sealer: sealer(t, keyText), Specs: changed, Now: c.Now})
	if err == nil || !strings.Contains(err.Error(), "keeps its algorithm") {
		t.Errorf("another algorithm for a use: %v", err)
	}
}
