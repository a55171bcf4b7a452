package signin_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/signin"
	"propusk/internal/store"
	rows "propusk/internal/store/signin"
)

func TestPasswordOpensASession(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		opened, c := s.enter()
		if c.Principal().ID != s.anna || !c.Can("TasksList") {
			t.Errorf("the caller is %+v", c.Principal())
		}
		got, err := s.in.Session(s.ctx(), c)
		s.must(err)
		want := opened.Session
		if got.Grant != want.Grant || got.Method != signin.MethodPassword || !got.Ends.Equal(s.clock.Now().Add(12*time.Hour)) ||
			got.Address != "192.0.2.7" || got.Agent != "Firefox" || !got.Fresh(s.clock.Now()) {
			t.Errorf("the session is %+v", got)
		}
		if n := s.audited(`verb = 'session.begin' AND outcome = 'done' AND door = 'password' AND actor = $1`, s.anna); n != 1 {
			t.Errorf("%d entries of the sign-in", n)
		}
	})
}

func TestPasswordRefusesAlike(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.exec(`UPDATE principals SET disabled = 1 WHERE id = $1`, s.boris)
		texts := map[string]bool{}
		for login, secret := range map[string]string{"anna@example.com": "falsch", "nobody": password, "boris": password, "": ""} {
			_, err := s.in.Password(s.ctx(), visit(), login, authority.NewSecret(secret))
			s.refused(err, authority.InvalidGrant)
			texts[err.Error()] = true
		}
		if len(texts) != 1 {
			t.Errorf("the answers differ: %v", texts)
		}
		if n := s.audited(`verb = 'session.begin' AND outcome = 'refused'`); n != 4 {
			t.Errorf("%d refusals in the audit", n)
		}
	})
}

func TestPasswordIsThrottled(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for range 10 {
			_, err := s.in.Password(s.ctx(), visit(), "anna@example.com", authority.NewSecret("falsch"))
			s.refused(err, authority.InvalidGrant)
		}
		_, err := s.in.Password(s.ctx(), visit(), "ANNA@example.com", authority.NewSecret(password))
		s.refused(err, authority.LimitExceeded)
		s.clock.Advance(5 * time.Minute)
		s.enter()
	})
}

func TestNoPageMeansNoSession(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		_, err := s.in.Password(s.ctx(), visit(), "boris", authority.NewSecret(password))
		s.refused(err, authority.Forbidden)
		if n := s.audited(`outcome = 'refused' AND reason = 'not_admitted' AND actor = $1`, s.boris); n != 1 {
			t.Errorf("%d refusals in the audit", n)
		}
		if n := s.count(`SELECT count(*) FROM grants`); n != 0 {
			t.Errorf("%d grants", n)
		}
	})
}

func TestSessionEndsWhenIdleAndAtItsLimit(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		opened, c := s.enter()
		for range 20 { // used every 29 minutes, it lives on
			s.clock.Advance(29 * time.Minute)
			_, err := s.in.Session(s.ctx(), c)
			s.must(err)
		}
		s.clock.Advance(31 * time.Minute)
		_, err := s.in.Session(s.ctx(), c)
		s.refused(err, authority.InvalidToken)
		_, err = s.authenticate(opened.Token)
		s.refused(err, authority.InvalidToken)
		if n := s.audited(`verb = 'session.use' AND reason = 'session_idle'`); n != 1 {
			t.Errorf("%d entries of its end", n)
		}
		opened, c = s.enter()
		for range 24 {
			s.clock.Advance(29 * time.Minute)
			_, err := s.in.Session(s.ctx(), c)
			s.must(err)
		}
		s.clock.Advance(24 * time.Minute)
		_, err = s.authenticate(opened.Token) // 12 hours
		s.refused(err, authority.InvalidToken)
		_, err = s.in.Session(s.ctx(), c)
		s.refused(err, authority.InvalidToken)
	})
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		first, one := s.enter()
		s.clock.Advance(time.Minute)
		second, two := s.enter()
		third, _ := s.enter()
		list, err := s.in.Sessions(s.ctx(), two)
		s.must(err)
		if len(list) != 3 || list[2].Grant != first.Session.Grant {
			t.Errorf("the list is %+v", list)
		}
		s.must(s.in.End(s.ctx(), two, first.Session.Grant))
		_, err = s.authenticate(first.Token)
		s.refused(err, authority.InvalidToken)
		s.must(s.in.EndOthers(s.ctx(), two))
		_, err = s.authenticate(third.Token)
		s.refused(err, authority.InvalidToken)
		_, err = s.authenticate(second.Token)
		s.must(err)
		if list, err = s.in.Sessions(s.ctx(), two); err != nil || len(list) != 1 || list[0].Grant != two.Grant() {
			t.Errorf("the list is %+v, %v", list, err)
		}
		s.must(s.in.SignOut(s.ctx(), two))
		_, err = s.authenticate(second.Token)
		s.refused(err, authority.InvalidToken)
		s.refused(s.in.End(s.ctx(), one, authority.NewGrantID()), authority.NotFound)
		s.enter()
		if n := s.count(`SELECT count(*) FROM signin_session`); n != 1 {
			t.Errorf("%d rows: those of ended sessions stay", n)
		}
	})
}

func TestAnotherPasswordEndsSessions(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		_, c := s.enter()
		s.exec(`UPDATE credentials SET revision = revision + 1 WHERE principal = $1`, s.anna)
		s.must(s.auth.Revoke(s.ctx(), c, authority.Target{Scope: authority.ScopePrincipal, ID: s.anna}))
		list, err := s.in.Sessions(s.ctx(), c)
		if err != nil || len(list) != 0 {
			t.Errorf("the list is %+v, %v", list, err)
		}
	})
}

func TestSessionOfOthersIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		opened, _ := s.enter()
		s.exec(`UPDATE roles SET permissions = '["KeysManage"]' WHERE name = 'boris'`)
		step, err := s.in.Password(s.ctx(), visit(), "boris", authority.NewSecret(password))
		s.must(err)
		s.refused(s.in.End(s.ctx(), s.caller(step.Token), opened.Session.Grant), authority.NotFound)
		_, err = s.in.Session(s.ctx(), authority.Caller{})
		s.refused(err, authority.InvalidToken)
		_, err = s.authenticate(opened.Token)
		s.must(err)
	})
}

func TestChoicesAreKept(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		_, c := s.enter()
		s.must(s.in.SetLanguage(s.ctx(), c, "ru"))
		s.must(s.in.SetTheme(s.ctx(), c, "dark"))
		s.must(s.in.SetLanguage(s.ctx(), c, "en"))
		s.refused(s.in.SetTheme(s.ctx(), c, "pink"), authority.InvalidValue)
		s.refused(s.in.SetLanguage(s.ctx(), authority.Caller{}, "en"), authority.InvalidToken)
		_, c = s.enter()
		if got, err := s.in.Session(s.ctx(), c); err != nil || got.Language != "en" || got.Theme != "dark" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestAProofGrowsOld(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		_, c := s.enter()
		s.clock.Advance(10*time.Minute + time.Second)
		_, err := s.in.BeginTOTP(s.ctx(), c)
		s.refused(err, authority.Forbidden)
		s.refused(s.in.ProvePassword(s.ctx(), c, authority.NewSecret("falsch")), authority.InvalidGrant)
		_, err = s.in.BeginTOTP(s.ctx(), c)
		s.refused(err, authority.Forbidden)
		s.must(s.in.ProvePassword(s.ctx(), c, authority.NewSecret(password)))
		_, err = s.in.BeginTOTP(s.ctx(), c)
		s.must(err)
		s.refused(s.in.ProveCode(s.ctx(), c, "123456"), authority.InvalidGrant)
	})
}

func TestAgentsAreMadeFitToShow(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		v := visit()
		v.Agent = "a\x00\x1b[31m\r\nb\xff" + strings.Repeat("ж", 300)
		step, err := s.in.Password(s.ctx(), v, "anna@example.com", authority.NewSecret(password))
		s.must(err)
		if a := step.Session.Agent; !strings.HasPrefix(a, "a[31mbж") || len(a) > 256 {
			t.Errorf("the agent is %q", a)
		}
	})
}

// Whoever works in another account ends his own sessions all the same.
func TestSignOutFromAnotherAccount(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		other := authority.Account{ID: authority.NewID(), Stand: authority.Production}
		first, _ := s.enter()
		second, c := s.enter()
		away := c.In(other, "KeysManage")
		if !away.Away() || away.Home().Away() {
			t.Fatal("he is not away")
		}
		s.must(s.in.EndOthers(s.ctx(), away))
		_, err := s.authenticate(first.Token)
		s.refused(err, authority.InvalidToken)
		s.must(s.in.SignOut(s.ctx(), away))
		_, err = s.authenticate(second.Token)
		s.refused(err, authority.InvalidToken)
	})
}

// What has ended leaves without anybody signing in, a step at a time; the rest
// stays.
func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		const many = 1200
		now := s.clock.Now()
		for i := range many {
			s.exec(`INSERT INTO signin_session (grant_id, stand, account, principal, method, created_ms, seen_ms, proven_ms, ends_ms, address, agent)
				VALUES ($1, 'production', 1, 2, 'password', 0, 0, 0, $2, '', '')`, int64(i+1), store.Millis(now)-int64(i))
			s.exec(`INSERT INTO signin_spent (digest, until_ms) VALUES ($1, $2)`, []byte(strconv.Itoa(i)), store.Millis(now)-int64(i))
		}
		s.exec(`INSERT INTO signin_spent (digest, until_ms) VALUES ($1, $2)`, []byte("alive"), store.Millis(now)+1)
		_, c := s.enter()
		purger, steps := rows.New(s.db), 0
		for {
			n, err := purger.Purge(s.ctx(), now)
			s.must(err)
			if n == 0 {
				break
			}
			if steps++; n > 1000 {
				t.Errorf("%d rows in one step", n)
			}
		}
		sessions, spent := s.count(`SELECT count(*) FROM signin_session`), s.count(`SELECT count(*) FROM signin_spent`)
		if sessions != 1 || spent != 1 || steps != 3 {
			t.Errorf("%d sessions and %d notes are left after %d steps", sessions, spent, steps)
		}
		_, err := s.in.Session(s.ctx(), c)
		s.must(err)
	})
}
