package keys_test

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"propusk/internal/keys"
	"propusk/internal/testenv/fake"
)

func TestRotationKeepsOldTokensUntilTheirEnd(t *testing.T) { // B86
	m, c := &memory{}, newClock()
	r := open(t, m, c, quick())
	old := active(t, r, prod, "oauth")
	text := sign(t, r, prod, "oauth", claims)

	next, err := r.Prepare(t.Context(), prod, "oauth")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.Prepare(t.Context(), prod, "oauth"); err != nil || again != next {
		t.Errorf("prepared twice: %s and %s, %v", next, again, err)
	}
	if active(t, r, prod, "oauth") != old {
		t.Error("a prepared key signs already")
	}
	if _, err := r.Sign(next, keys.Header{}, []byte(claims)); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("the next key signed: %v", err)
	}
	if kids := kidsOf(r.JWKS(prod, "oauth")); !slices.Equal(kids, []string{next, old}) {
		t.Errorf("published %v, want the next key before it signs", kids)
	}

	got, err := r.Rotate(t.Context(), prod, "oauth", c.Now().Add(time.Hour))
	if err != nil || got != next || active(t, r, prod, "oauth") != next {
		t.Fatalf("rotated to %s, not %s: %v", got, next, err)
	}
	c.Advance(time.Hour - time.Nanosecond)
	if _, err := r.Verify(prod, []string{"oauth"}, text); err != nil {
		t.Errorf("a living token of the former key: %v", err)
	}
	if again, err := r.Sign(old, keys.Header{Typ: "JWT"}, []byte(claims)); err != nil || again != text {
		t.Errorf("the former key does not say the same again: %v", err)
	}
	c.Advance(time.Nanosecond)
	if _, err := r.Verify(prod, []string{"oauth"}, text); !errors.Is(err, keys.ErrInvalid) {
		t.Errorf("the former key outlived its time: %v", err)
	}
	if _, err := r.Sign(old, keys.Header{Typ: "JWT"}, []byte(claims)); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("the former key signs after its time: %v", err)
	}
	if kids := kidsOf(r.JWKS(prod, "oauth")); !slices.Equal(kids, []string{next}) {
		t.Errorf("published %v after the end of the former key", kids)
	}

	if err := errors.Join(r.RetireExpired(t.Context()), r.RetireExpired(t.Context())); err != nil {
		t.Fatal(err)
	}
	if s := stateOf(t, m, old); s != keys.Retired {
		t.Errorf("the former key is %s", s)
	}
	reopened := open(t, m, c, quick())
	if _, err := reopened.Verify(prod, []string{"oauth"}, text); !errors.Is(err, keys.ErrInvalid) {
		t.Errorf("a retired key that is still on disk verifies: %v", err)
	}
}

func kidsOf(set keys.JWKS) []string {
	var kids []string
	for _, k := range set.Keys {
		kids = append(kids, k.Kid)
	}
	return kids
}

func stateOf(t *testing.T, m *memory, id string) keys.State {
	t.Helper()
	for _, row := range m.rows {
		if row.ID == id {
			return row.State
		}
	}
	t.Fatalf("no row %s", id)
	return ""
}

func TestRotateWithoutPrepare(t *testing.T) {
	m, c := &memory{}, newClock()
	r := open(t, m, c, quick())
	for _, use := range []string{"hubex", "token", keys.UseCredential} {
		old := active(t, r, prod, use)
		id, err := r.Rotate(t.Context(), prod, use, c.Now().Add(time.Hour))
		if err != nil || id == old || active(t, r, prod, use) != id {
			t.Errorf("%s: from %s to %s, %v", use, old, id, err)
		}
		if v, err := r.ActiveVersion(prod, use); err != nil || v != 2 || !slices.Equal(r.Versions(prod, use), []int{2, 1}) {
			t.Errorf("%s: version %d of %v, %v", use, v, r.Versions(prod, use), err)
		}
	}
	if _, err := r.Rotate(t.Context(), prod, "absent", c.Now()); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("an unknown use: %v", err)
	}
}

func TestVersionsLeadWithTheActiveOne(t *testing.T) {
	m, c := &memory{}, newClock()
	r := open(t, m, c, quick())
	if _, err := r.Prepare(t.Context(), prod, "token"); err != nil {
		t.Fatal(err)
	}
	if got := r.Versions(prod, "token"); !slices.Equal(got, []int{1}) {
		t.Errorf("with a next key: %v", got)
	}
	for range 2 {
		if _, err := r.Rotate(t.Context(), prod, "token", c.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.Versions(prod, "token"); !slices.Equal(got, []int{3, 2, 1}) {
		t.Errorf("after two rotations: %v", got)
	}
	c.Advance(time.Hour)
	if got := r.Versions(prod, "token"); !slices.Equal(got, []int{3}) {
		t.Errorf("after their end: %v", got)
	}
	if got := r.Versions(prod, "absent"); got != nil {
		t.Errorf("an unknown use: %v", got)
	}
	if _, err := r.ActiveVersion(test, "token"); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("an unknown stand: %v", err)
	}
}

func TestCompromisedKeyDiesAtOnce(t *testing.T) { // B87
	for name, prepare := range map[string]bool{"with next": true, "without next": false} {
		m, c := &memory{}, newClock()
		r := open(t, m, c, quick())
		bad := active(t, r, prod, "hubex")
		text := sign(t, r, prod, "hubex", claims)
		next := ""
		if prepare {
			next, _ = r.Prepare(t.Context(), prod, "hubex")
		}
		if err := r.MarkCompromised(t.Context(), bad); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		refused(t, r, name, text)
		if _, err := r.Sign(bad, keys.Header{}, []byte(claims)); !errors.Is(err, keys.ErrUnknownKey) {
			t.Errorf("%s: a revoked key signs: %v", name, err)
		}
		now := active(t, r, prod, "hubex")
		if now == bad || prepare && now != next {
			t.Errorf("%s: replaced by %s, next was %q", name, now, next)
		}
		if _, err := r.Verify(prod, []string{"hubex"}, sign(t, r, prod, "hubex", claims)); err != nil {
			t.Errorf("%s: new tokens: %v", name, err)
		}
		if err := errors.Join(r.MarkCompromised(t.Context(), bad), r.Retire(t.Context(), bad)); err != nil {
			t.Errorf("%s: again: %v", name, err)
		}
		refused(t, open(t, m, c, quick()), name+", reopened", text)
		if s := stateOf(t, m, bad); s != keys.Revoked {
			t.Errorf("%s: state %s", name, s)
		}
	}
}

func TestRetire(t *testing.T) {
	m, c := &memory{}, newClock()
	r := open(t, m, c, quick())
	old := active(t, r, prod, "hubex")
	text := sign(t, r, prod, "hubex", claims)
	if err := r.Retire(t.Context(), old); err == nil {
		t.Error("an active key was retired")
	}
	if err := errors.Join(r.Retire(t.Context(), "absent"), r.MarkCompromised(t.Context(), "absent")); !errors.Is(err, keys.ErrUnknownKey) {
		t.Errorf("an unknown key: %v", err)
	}
	if _, err := r.Rotate(t.Context(), prod, "hubex", c.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(r.Retire(t.Context(), old), r.Retire(t.Context(), old)); err != nil {
		t.Fatal(err)
	}
	refused(t, r, "retired", text)
	next, err := r.Prepare(t.Context(), prod, "hubex")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Retire(t.Context(), next); err != nil {
		t.Errorf("a next key: %v", err)
	}
	if again, err := r.Prepare(t.Context(), prod, "hubex"); err != nil || again == next {
		t.Errorf("after retiring the next key: %s, %v", again, err)
	}
}

// TestNodesFollowTheStore has two rings on one store. B86.
func TestNodesFollowTheStore(t *testing.T) {
	m, c := &memory{}, newClock()
	a, b := open(t, m, c, quick()), open(t, m, c, quick())
	if active(t, a, prod, "oauth") != active(t, b, prod, "oauth") {
		t.Fatal("two nodes made two keys")
	}
	if _, err := a.Prepare(t.Context(), prod, "oauth"); err != nil {
		t.Fatal(err)
	}
	if err := b.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Rotate(t.Context(), prod, "oauth", c.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	// b has not heard of the promotion yet, and takes the new token all the same.
	text := sign(t, a, prod, "oauth", claims)
	if _, err := b.Verify(prod, []string{"oauth"}, text); err != nil {
		t.Errorf("before the reload: %v", err)
	}
	old := active(t, b, prod, "oauth")
	if err := b.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if active(t, b, prod, "oauth") != active(t, a, prod, "oauth") {
		t.Error("the nodes sign with two keys after the reload")
	}
	// b decides on what the store says, not on its old snapshot.
	if err := a.Retire(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if err := b.MarkCompromised(t.Context(), old); err != nil {
		t.Errorf("a key that another node retired: %v", err)
	}
}

func TestAnotherNodeIsFirst(t *testing.T) {
	c := newClock()
	other := &memory{}
	open(t, other, c, quick())
	m := &memory{conflict: 1, rival: func(m *memory) { m.rows = append(m.rows, other.rows...) }}
	r := open(t, m, c, quick())
	for _, row := range other.rows {
		if active(t, r, row.Stand, row.Use) != row.ID {
			t.Errorf("%s: the first node's key is not taken over", row.Use)
		}
	}
	stubborn := &memory{conflict: 100, rival: func(m *memory) { m.rows = append(m.rows, taken(m, c)) }}
	_, err := keys.Open(t.Context(), keys.Config{Store: stubborn, Sealer: sealer(t, keyText), Specs: quick()[:1], Now: c.Now})
	if !errors.Is(err, keys.ErrConflict) {
		t.Errorf("a store that always conflicts: %v", err)
	}
}

// taken is a retired row that takes the next version.
func taken(m *memory, c *fake.Clock) keys.Record {
	spec := quick()[0]
	return keys.Record{
		ID: strings.Repeat("x", 20) + string(rune('a'+len(m.rows))), Stand: spec.Stand, Use: spec.Use,
		Algorithm: spec.Algorithm, Version: len(m.rows) + 1, State: keys.Retired, Created: c.Now(),
	}
}

// TestCrashBetweenSteps cuts off the store after n calls and opens again.
func TestCrashBetweenSteps(t *testing.T) {
	m, c := &memory{}, newClock()
	r := open(t, m, c, quick())
	// A crash after the next key was stored, and after the active one was lost.
	if _, err := r.Prepare(t.Context(), prod, "hubex"); err != nil {
		t.Fatal(err)
	}
	m.fail = errors.New("disk full")
	if _, err := r.Rotate(t.Context(), prod, "hubex", c.Now().Add(time.Hour)); err == nil {
		t.Error("rotated without a store")
	}
	text := sign(t, r, prod, "hubex", claims)
	if _, err := r.Verify(prod, []string{"hubex"}, text); err != nil {
		t.Errorf("a failed rotation broke the ring: %v", err)
	}
	if err := r.Reload(t.Context()); err == nil {
		t.Error("reloaded without a store")
	}
	m.fail = nil
	i := slices.IndexFunc(m.rows, func(row keys.Record) bool { return row.Use == "hubex" && row.State == keys.Active })
	m.rows[i].State = keys.Revoked
	r = open(t, m, c, quick())
	if v, err := r.ActiveVersion(prod, "hubex"); err != nil || v != 2 {
		t.Errorf("the next key was not promoted: version %d, %v", v, err)
	}
	refused(t, r, "of the revoked key", text)
}

func TestFirstStartMakesEachKeyOnce(t *testing.T) {
	m, c := &memory{}, newClock()
	open(t, m, c, append(quick(), quick()...))
	if len(m.rows) != len(quick()) {
		t.Errorf("made %d keys for %d specs", len(m.rows), len(quick()))
	}
	before := len(m.rows)
	open(t, m, c, quick())
	if len(m.rows) != before {
		t.Errorf("the second start made keys")
	}
	ids := map[string]bool{}
	for _, row := range m.rows {
		ids[row.ID] = true
		if len(row.ID) != 22 || strings.Trim(row.ID, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("kid %q", row.ID)
		}
	}
	if len(ids) != before {
		t.Error("a kid is repeated")
	}
}

func TestJWKSHoldsPublicMembersOnly(t *testing.T) { // B11
	r, _, _ := full(t)
	set := r.JWKS(prod, append(signingUses(), "token", keys.UseCredential, "oauth", "absent")...)
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Keys []map[string]any `json:"keys"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{
		"RSA": {"alg", "e", "kid", "kty", "n", "use"},
		"OKP": {"alg", "crv", "kid", "kty", "use", "x"},
	}
	kids := map[any]bool{}
	for _, k := range got.Keys {
		var names []string
		for name := range k {
			names = append(names, name)
		}
		slices.Sort(names)
		if kty, _ := k["kty"].(string); !slices.Equal(names, want[kty]) {
			t.Errorf("members %v of %v", names, kty)
		}
		kids[k["kid"]] = true
	}
	if len(got.Keys) != 3 || len(kids) != 3 {
		t.Errorf("%d keys with %d kids, want operator, element and oauth", len(got.Keys), len(kids))
	}
	if empty, err := json.Marshal(r.JWKS(prod, "hubex")); err != nil || string(empty) != `{"keys":[]}` {
		t.Errorf("without public keys: %s, %v", empty, err)
	}
}

func TestMadeRSAKeysAreSound(t *testing.T) { // B11
	_, m, _ := full(t)
	for _, row := range m.rows {
		if row.Algorithm != keys.RS256 && row.Algorithm != keys.RS512 {
			continue
		}
		public := rsaOf(t, row.Public)
		if public.N.BitLen() != 2048 || public.E != 65537 || keys.CheckRSAPublic(public) != nil {
			t.Errorf("%s: %d bits, exponent %d", row.Use, public.N.BitLen(), public.E)
		}
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil || !slices.Equal(der, row.Public) {
			t.Errorf("%s: the public half is not canonical: %v", row.Use, err)
		}
	}
}

// TestReadersSeeWholeSnapshots signs and verifies while keys rotate under them.
func TestReadersSeeWholeSnapshots(t *testing.T) {
	m, c := &memory{}, newClock()
	r := open(t, m, c, quick())
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				id, err := r.Active(prod, "hubex")
				if err != nil {
					t.Error(err)
					return
				}
				text, err := r.Sign(id, keys.Header{}, []byte(claims))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := r.Verify(prod, []string{"hubex"}, text); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for range 50 {
		if _, err := r.Rotate(t.Context(), prod, "hubex", c.Now().Add(time.Hour)); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	readers.Wait()
}

// TestDeadKeysStayDead runs random lives of keys and holds them against a
// model: a token verifies exactly while its key may.
func TestDeadKeysStayDead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m, c := &memory{}, newClock()
		specs := quick()[:1]
		r := open(t, m, c, specs)
		ends := map[string]time.Time{} // by kid; missing = alive
		texts := map[string]string{}
		use := specs[0].Use
		note := func() {
			id := active(t, r, prod, use)
			texts[id] = sign(t, r, prod, use, claims)
		}
		note()
		pick := func(rt *rapid.T) string {
			var ids []string
			for _, row := range m.rows {
				ids = append(ids, row.ID)
			}
			return rapid.SampledFrom(ids).Draw(rt, "key")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"rotate": func(rt *rapid.T) {
				old := active(t, r, prod, use)
				ends[old] = c.Now().Add(time.Duration(rapid.IntRange(-2, 5).Draw(rt, "hours")) * time.Hour)
				if _, err := r.Rotate(t.Context(), prod, use, ends[old]); err != nil {
					rt.Fatal(err)
				}
				note()
			},
			"prepare": func(rt *rapid.T) {
				if _, err := r.Prepare(t.Context(), prod, use); err != nil {
					rt.Fatal(err)
				}
			},
			"compromise": func(rt *rapid.T) {
				id := pick(rt)
				if err := r.MarkCompromised(t.Context(), id); err != nil {
					rt.Fatal(err)
				}
				ends[id] = time.Unix(0, 0)
				note()
			},
			"retire": func(rt *rapid.T) {
				if id := pick(rt); id != active(t, r, prod, use) {
					if err := r.Retire(t.Context(), id); err != nil {
						rt.Fatal(err)
					}
					ends[id] = time.Unix(0, 0)
				}
			},
			"sweep":  func(rt *rapid.T) { _ = r.RetireExpired(t.Context()) },
			"reload": func(rt *rapid.T) { _ = r.Reload(t.Context()) },
			"reopen": func(rt *rapid.T) { r = open(t, m, c, specs) },
			"wait":   func(rt *rapid.T) { c.Advance(time.Hour) },
			"": func(rt *rapid.T) {
				for id, text := range texts {
					alive := ends[id].IsZero() || c.Now().Before(ends[id])
					if _, err := r.Verify(prod, []string{use}, text); (err == nil) != alive {
						rt.Fatalf("key %s, end %v, now %v: %v", id, ends[id], c.Now(), err)
					}
				}
			},
		})
	})
}
