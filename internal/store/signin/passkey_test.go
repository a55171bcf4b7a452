package signin_test

import (
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/signin"
)

// withPasskey gives anna a passkey.
func (s *stage) withPasskey() (*device, []authority.Secret) {
	s.t.Helper()
	_, c := s.enter()
	d := s.device()
	codes, err := s.add(c, d)
	s.must(err)
	return d, codes
}

func (s *stage) add(c authority.Caller, d *device) ([]authority.Secret, error) {
	s.t.Helper()
	asked, err := s.in.BeginAddPasskey(s.ctx(), c)
	s.must(err)
	return s.in.AddPasskey(s.ctx(), c, signin.NewPasskey{Ticket: asked.Ticket, Name: " Ноутбук ", Answer: d.make(asked)})
}

func (s *stage) asked() signin.Ceremony {
	s.t.Helper()
	c, err := s.in.BeginSignIn(visit())
	s.must(err)
	return c
}

func TestPasskeyOpensASession(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		d, codes := s.withPasskey()
		if len(codes) != 10 {
			t.Errorf("%d recovery codes", len(codes))
		}
		asked := s.asked()
		answer := d.use(asked)
		opened, err := s.in.SignInWithPasskey(s.ctx(), visit(), asked.Ticket, answer)
		s.must(err)
		c := s.caller(opened.Token)
		if c.Principal().ID != s.anna || opened.Session.Method != signin.MethodPasskey {
			t.Errorf("the session is %+v", opened.Session)
		}
		_, err = s.in.SignInWithPasskey(s.ctx(), visit(), asked.Ticket, answer)
		s.refused(err, authority.InvalidGrant) // each answer once
		f, err := s.in.Factors(s.ctx(), c)
		if err != nil || len(f.Passkeys) != 1 || f.Passkeys[0].Name != "Ноутбук" || f.Passkeys[0].Used.IsZero() {
			t.Errorf("%+v, %v", f, err)
		}
	})
}

func TestPasskeyRefusals(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		d, _ := s.withPasskey()
		for name, spoil := range map[string]func(asked *signin.Ceremony){
			"another site":         func(*signin.Ceremony) { d.origin = "https://console.example.org" },
			"its user unverified":  func(*signin.Ceremony) { d.flags = 1 },
			"nobody there":         func(*signin.Ceremony) { d.flags = 0 },
			"a copy of the device": func(*signin.Ceremony) { d.count = 0 },
			"another's handle":     func(*signin.Ceremony) { d.handle = []byte("12345678") },
			"no handle":            func(*signin.Ceremony) { d.handle = nil },
			"another ceremony":     func(asked *signin.Ceremony) { asked.Ticket = s.asked().Ticket },
			"a late answer":        func(*signin.Ceremony) { s.clock.Advance(5 * time.Minute) },
			"a disabled user":      func(*signin.Ceremony) { s.exec(`UPDATE principals SET disabled = 1`) },
		} {
			good := *d
			asked := s.asked()
			spoil(&asked)
			if _, err := s.in.SignInWithPasskey(s.ctx(), visit(), asked.Ticket, d.use(asked)); authority.CodeOf(err) != authority.InvalidGrant {
				t.Errorf("%s: %v", name, err)
			}
			*d = good
			d.count += 10
			s.exec(`UPDATE principals SET disabled = 0`)
			s.clock.Advance(5 * time.Minute) // refused attempts are forgotten
		}
		asked := s.asked()
		_, err := s.in.SignInWithPasskey(s.ctx(), visit(), asked.Ticket, d.use(asked))
		s.must(err)
		_, err = s.in.SignInWithPasskey(s.ctx(), visit(), s.asked().Ticket, []byte(`{"id":`))
		s.refused(err, authority.Malformed)
	})
}

func TestPasskeyIsASecondStepAndAProof(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		d, _ := s.withPasskey()
		pending := s.step()
		asked, err := s.in.BeginSecond(s.ctx(), visit(), pending)
		s.must(err)
		opened, err := s.in.SecondWithPasskey(s.ctx(), visit(), pending, asked.Ticket, d.use(asked))
		s.must(err)
		if opened.Session.Method != signin.MethodSecond {
			t.Errorf("the session is %+v", opened.Session)
		}
		c := s.caller(opened.Token)
		s.clock.Advance(20 * time.Minute)
		_, err = s.in.BeginAddPasskey(s.ctx(), c)
		s.refused(err, authority.Forbidden)
		entry := s.asked() // one for another purpose proves nothing
		s.refused(s.in.ProvePasskey(s.ctx(), c, entry.Ticket, d.use(entry)), authority.InvalidGrant)
		proof, err := s.in.BeginProof(s.ctx(), c)
		s.must(err)
		s.must(s.in.ProvePasskey(s.ctx(), c, proof.Ticket, d.use(proof)))
		_, err = s.in.BeginAddPasskey(s.ctx(), c)
		s.must(err)
	})
}

func TestPasskeysAreNamedAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		d, _ := s.withPasskey()
		asked := s.asked()
		opened, err := s.in.SignInWithPasskey(s.ctx(), visit(), asked.Ticket, d.use(asked))
		s.must(err)
		c := s.caller(opened.Token)
		if _, err = s.add(c, d); authority.CodeOf(err) != authority.Conflict {
			t.Errorf("the same passkey twice: %v", err)
		}
		s.clock.Advance(time.Second)
		codes, err := s.add(c, s.device())
		if err != nil || len(codes) != 0 {
			t.Errorf("%d more recovery codes, %v", len(codes), err)
		}
		f, err := s.in.Factors(s.ctx(), c)
		s.must(err)
		id := f.Passkeys[0].ID
		s.must(s.in.RenamePasskey(s.ctx(), c, id, "Телефон"))
		s.refused(s.in.RenamePasskey(s.ctx(), c, id, "a\nb"), authority.InvalidValue)
		s.refused(s.in.RenamePasskey(s.ctx(), c, authority.NewID(), "x"), authority.NotFound)
		s.must(s.in.RemovePasskey(s.ctx(), c, id))
		s.refused(s.in.RemovePasskey(s.ctx(), c, id), authority.NotFound)
		again := s.asked()
		_, err = s.in.SignInWithPasskey(s.ctx(), visit(), again.Ticket, d.use(again))
		s.refused(err, authority.InvalidGrant)
		if n := s.audited(`verb IN ('factor.add', 'factor.rename', 'factor.remove') AND outcome = 'done'`); n != 4 {
			t.Errorf("%d entries of changes", n)
		}
	})
}

func TestPasskeysNeedAName(t *testing.T) {
	for address, here := range map[string]bool{
		"https://console.example.com": true, "http://127.0.0.1:8090": true, "http://localhost:8090": true, "http://[::1]:8090": true,
		"http://10.0.0.1:8090": false, "https://[2001:db8::1]": false, "": false,
	} {
		s := signin.New(signin.Config{URL: func() string { return address }})
		if got := s.PasskeysHere(); got != here {
			t.Errorf("%s: %v", address, got)
		}
	}
}
