package signin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"pgregory.net/rapid"

	"propusk/internal/authority"
	"propusk/internal/signin"
)

// withTOTP gives anna a code generator.
func (s *stage) withTOTP() (secret string, recovery []authority.Secret) {
	s.t.Helper()
	_, c := s.enter()
	e, err := s.in.BeginTOTP(s.ctx(), c)
	s.must(err)
	secret = e.Text.Reveal()
	recovery, err = s.in.ConfirmTOTP(s.ctx(), c, e.Ticket, s.code(secret))
	s.must(err)
	s.clock.Advance(30 * time.Second) // that code is used up
	return secret, recovery
}

func (s *stage) code(secret string) string {
	s.t.Helper()
	code, err := totp.GenerateCode(secret, s.clock.Now())
	s.must(err)
	return code
}

func TestCodeIsTheSecondStep(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		secret, recovery := s.withTOTP()
		if len(recovery) != 10 {
			t.Errorf("%d recovery codes", len(recovery))
		}
		pending := s.step()
		_, err := s.in.Code(s.ctx(), visit(), pending, "000000")
		s.refused(err, authority.InvalidGrant)
		opened, err := s.in.Code(s.ctx(), visit(), pending, " "+s.code(secret)[:3]+" "+s.code(secret)[3:])
		s.must(err)
		if opened.Session.Method != signin.MethodTOTP || s.caller(opened.Token).Principal().ID != s.anna {
			t.Errorf("the session is %+v", opened.Session)
		}
		_, err = s.in.Code(s.ctx(), visit(), s.step(), s.code(secret))
		s.refused(err, authority.InvalidGrant) // each code once
		if n := s.audited(`verb = 'factor.check' AND reason = 'code_used'`); n != 1 {
			t.Errorf("%d entries of a code used twice", n)
		}
	})
}

func TestCodesOfAMinuteAgoAndOfTomorrow(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		secret, _ := s.withTOTP()
		s.clock.Advance(time.Hour)
		for off, taken := range map[time.Duration]bool{
			-90 * time.Second: false, 90 * time.Second: false, 24 * time.Hour: false,
		} {
			code, err := totp.GenerateCode(secret, s.clock.Now().Add(off))
			s.must(err)
			if _, err = s.in.Code(s.ctx(), visit(), s.step(), code); (err == nil) != taken {
				t.Errorf("%s: %v", off, err)
			}
		}
		code, err := totp.GenerateCode(secret, s.clock.Now().Add(-30*time.Second))
		s.must(err)
		_, err = s.in.Code(s.ctx(), visit(), s.step(), code)
		s.must(err)
	})
}

func TestPendingStepEnds(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		secret, _ := s.withTOTP()
		for name, spoil := range map[string]func(pending string) string{
			"late":         func(p string) string { s.clock.Advance(5 * time.Minute); return p },
			"changed":      func(p string) string { return p[:len(p)-2] + "AA" },
			"empty":        func(string) string { return "" },
			"long":         func(p string) string { return p + strings.Repeat("A", 4000) },
			"new password": func(p string) string { s.exec(`UPDATE credentials SET revision = revision + 1`); return p },
			"disabled":     func(p string) string { s.exec(`UPDATE principals SET disabled = 1`); return p },
		} {
			s.exec(`UPDATE principals SET disabled = 0`)
			s.clock.Advance(time.Minute)
			pending := authority.NewSecret(spoil(s.step().Reveal()))
			_, err := s.in.Code(s.ctx(), visit(), pending, s.code(secret))
			if authority.CodeOf(err) != authority.InvalidGrant {
				t.Errorf("%s: %v", name, err)
			}
		}
		other := visit()
		other.Origin.Stand = authority.Test
		s.exec(`UPDATE principals SET disabled = 0`)
		s.clock.Advance(time.Minute)
		_, err := s.in.Code(s.ctx(), other, s.step(), s.code(secret))
		s.refused(err, authority.InvalidGrant)
	})
}

// A step makes one session, whatever factor is shown at it again, and on whatever
// node; what is shown at a step that is over is not used up.
func TestPendingStepOpensOnce(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		secret, recovery := s.withTOTP()
		pending := s.step()
		_, err := s.in.Code(s.ctx(), visit(), pending, s.code(secret))
		s.must(err)
		s.start(nil) // another node
		_, err = s.in.RecoveryCode(s.ctx(), visit(), pending, recovery[0].Reveal())
		s.refused(err, authority.InvalidGrant)
		_, err = s.in.Pending(s.ctx(), visit(), pending)
		s.refused(err, authority.InvalidGrant)
		if n := s.audited(`verb = 'session.begin' AND reason = 'step_used'`); n != 2 {
			t.Errorf("%d entries of a step used twice", n)
		}
		_, err = s.in.RecoveryCode(s.ctx(), visit(), s.step(), recovery[0].Reveal())
		s.must(err)
	})
}

func TestPendingStepHasOneWinner(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		_, recovery := s.withTOTP()
		before := s.count(`SELECT count(*) FROM signin_session`)
		pending, opened := s.step(), make(chan error)
		for _, code := range recovery {
			go func() {
				_, err := s.in.RecoveryCode(s.ctx(), visit(), pending, code.Reveal())
				opened <- err
			}()
		}
		won := 0
		for range recovery {
			if err := <-opened; err == nil {
				won++
			} else if c := authority.CodeOf(err); c != authority.InvalidGrant && c != authority.LimitExceeded {
				t.Error(err)
			}
		}
		if n := s.count(`SELECT count(*) FROM signin_session`) - before; won != 1 || n != 1 {
			t.Errorf("%d winners with %d sessions", won, n)
		}
	})
}

func TestRecoveryCodeWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		_, recovery := s.withTOTP()
		typed := strings.ToUpper(strings.ReplaceAll(recovery[3].Reveal(), "-", " "))
		opened, err := s.in.RecoveryCode(s.ctx(), visit(), s.step(), typed)
		s.must(err)
		if opened.Session.Method != signin.MethodRecovery {
			t.Errorf("the session is %+v", opened.Session)
		}
		_, err = s.in.RecoveryCode(s.ctx(), visit(), s.step(), typed)
		s.refused(err, authority.InvalidGrant)
		c := s.caller(opened.Token)
		f, err := s.in.Factors(s.ctx(), c)
		if err != nil || f.Recovery != 9 {
			t.Errorf("%d are left, %v", f.Recovery, err)
		}
		again, err := s.in.NewRecoveryCodes(s.ctx(), c)
		s.must(err)
		_, err = s.in.RecoveryCode(s.ctx(), visit(), s.step(), recovery[4].Reveal())
		s.refused(err, authority.InvalidGrant)
		_, err = s.in.RecoveryCode(s.ctx(), visit(), s.step(), again[0].Reveal())
		s.must(err)
		if n := s.audited(`verb = 'factor.check' AND object = 'recovery_code' AND outcome = 'done'`); n != 2 {
			t.Errorf("%d entries of recovery codes", n)
		}
		if n := s.audited(`verb = 'factor.recovery_codes' AND outcome = 'done'`); n != 2 {
			t.Errorf("%d entries of new recovery codes", n)
		}
	})
}

func TestRemovedFactorsAreGone(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		secret, _ := s.withTOTP()
		opened, err := s.in.Code(s.ctx(), visit(), s.step(), s.code(secret))
		s.must(err)
		c := s.caller(opened.Token)
		s.must(s.in.RemoveTOTP(s.ctx(), c))
		s.refused(s.in.RemoveTOTP(s.ctx(), c), authority.NotFound)
		f, err := s.in.Factors(s.ctx(), c)
		if err != nil || f.Any() || f.Recovery != 0 {
			t.Errorf("left is %+v, %v", f, err)
		}
		_, err = s.in.NewRecoveryCodes(s.ctx(), c)
		s.refused(err, authority.Conflict)
		s.enter()
	})
}

func TestEnrolmentNeedsItsFirstCode(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		_, c := s.enter()
		e, err := s.in.BeginTOTP(s.ctx(), c)
		s.must(err)
		if !strings.Contains(e.Key.URL(), "otpauth://totp/Propusk:anna@example.com?") || e.Key.Secret() != e.Text.Reveal() || e.Key.Issuer() != "Propusk" {
			t.Errorf("the key is %s", e.Key.URL())
		}
		_, err = s.in.ConfirmTOTP(s.ctx(), c, e.Ticket, "000000")
		s.refused(err, authority.InvalidGrant)
		again, err := s.in.EnrolmentOf(c, e.Ticket)
		if err != nil || again.Text != e.Text {
			t.Errorf("the enrolment is lost: %v", err)
		}
		_, err = s.in.ConfirmTOTP(s.ctx(), c, authority.NewSecret("junk"), s.code(e.Text.Reveal()))
		s.refused(err, authority.InvalidGrant)
		s.enter() // nothing is asked for yet
	})
}

// Wrong codes from ever other addresses run into the limit that lies with the
// secret; a recovery code ends it.
func TestManyWrongCodesMustWait(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		secret, recovery := s.withTOTP()
		s.exec(`UPDATE signin_totp SET misses = 50, missed_ms = $1`, s.clock.Now().UnixMilli())
		s.clock.Advance(30 * time.Minute)
		_, err := s.in.Code(s.ctx(), visit(), s.step(), s.code(secret))
		s.refused(err, authority.LimitExceeded)
		_, err = s.in.RecoveryCode(s.ctx(), visit(), s.step(), recovery[0].Reveal())
		s.must(err)
		_, err = s.in.Code(s.ctx(), visit(), s.step(), s.code(secret))
		s.must(err)
		for range 3 {
			_, err = s.in.Code(s.ctx(), visit(), s.step(), "000000")
			s.refused(err, authority.InvalidGrant)
		}
		if n := s.count(`SELECT misses FROM signin_totp`); n != 3 {
			t.Errorf("%d misses", n)
		}
	})
}

// Whatever comes in whatever order and time: no code opens twice, and the code
// of no moment but about now opens at all.
func TestCodesOpenOnceInAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		secret, _ := s.withTOTP()
		s.clock.Advance(time.Hour)
		used := map[int64]bool{}
		last := int64(0)
		rapid.Check(t, func(r *rapid.T) {
			s.clock.Advance(time.Duration(rapid.IntRange(0, 60).Draw(r, "seconds")) * time.Second)
			s.exec(`UPDATE signin_totp SET misses = 0`)
			now := s.clock.Now().Unix() / 30
			step := now + int64(rapid.IntRange(-3, 3).Draw(r, "step"))
			code, err := totp.GenerateCode(secret, time.Unix(step*30, 0))
			s.must(err)
			_, err = s.in.Code(s.ctx(), visit(), s.step(), code)
			if authority.CodeOf(err) == authority.LimitExceeded {
				s.clock.Advance(5 * time.Minute)
				return
			}
			near := step >= now-1 && step <= now+1
			if fine := near && step > last; (err == nil) != fine || (err == nil && used[step]) {
				r.Fatalf("step %d at %d after %d: %v", step, now, last, err)
			}
			if err == nil {
				used[step], last = true, step
			}
		})
	})
}
