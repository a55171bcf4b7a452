package testenv_test

import (
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/testenv"
)

// noon is when the clocks of these tests begin.
func noon() *testenv.Clock { return testenv.NewClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) }

// Rules 1, 4, 7, 8, 10, 11 as a conversation, on both engines.
func TestTranscript(t *testing.T) {
	for _, driver := range []string{store.SQLite, store.Postgres} {
		t.Run(driver, func(t *testing.T) {
			e := testenv.Start(t, testenv.Options{Driver: driver, Clock: noon()})
			a := e.Fixture.Accounts[0]
			e.Play(t, "testdata/first_token.txtar", map[string]string{
				"service": a.HubEx.ServiceToken, "basic": testenv.Basic(a.OAuth.ClientID, a.OAuth.ClientSecret)[1],
			})
		})
	}
}

// A token lives as long as was said, whatever the clock does then (B7, B12).
func TestRule10Expiry(t *testing.T) {
	clock := noon()
	e := testenv.Start(t, testenv.Options{Clock: clock})
	a := e.Fixture.Accounts[0]
	pair := e.HubEx(t, authority.Production, a.HubEx.ServiceToken)
	status := func() int {
		return e.Do(t, testenv.Call{Path: taskPath}.With(testenv.Bearer(pair.Access)...)).Status
	}
	for _, step := range []struct {
		advance time.Duration
		want    int
	}{
		{0, 200}, {time.Duration(pair.Expires)*time.Second - time.Minute, 200}, {2 * time.Minute, 401}, {time.Hour, 401},
	} {
		if clock.Advance(step.advance); status() != step.want {
			t.Errorf("after %v: not %d", step.advance, step.want)
		}
	}
	if got := e.Ask(t, a, pair.Access); got.Body != `{"active":false}` {
		t.Errorf("an expired token: %s", got.Body)
	}
}

// A spent refresh token is said again for thirty seconds and ends the family
// after; an expired one is refused and ends nothing (B27).
func TestRule08Window(t *testing.T) {
	clock := noon()
	e := testenv.Start(t, testenv.Options{Clock: clock})
	refresh := func(token string) testenv.Answer {
		return e.Do(t, testenv.Call{Path: accessTokens, Body: `{"refreshJwt":"` + token + `"}`})
	}
	alive := func(token string) bool {
		return e.Do(t, testenv.Call{Path: taskPath}.With(testenv.Bearer(token)...)).Status == 200
	}
	first := e.HubEx(t, authority.Production, e.Fixture.Accounts[0].HubEx.ServiceToken)
	second := refresh(first.Refresh)
	clock.Advance(29 * time.Second)
	again := refresh(first.Refresh)
	if again.Status != 200 || again.Field(t, "refresh_token") != second.Field(t, "refresh_token") || again.Field(t, "access_token") != second.Field(t, "access_token") {
		t.Errorf("within the window: %d", again.Status)
	}
	if !alive(first.Access) {
		t.Error("the former access token died before its time")
	}
	clock.Advance(3 * time.Second)
	if late := refresh(first.Refresh); late.Status != 401 {
		t.Errorf("behind the window: %d", late.Status)
	}
	if alive(second.Field(t, "access_token")) || refresh(second.Field(t, "refresh_token")).Status != 401 {
		t.Error("the family lives on after the reuse")
	}
	old := e.HubEx(t, authority.Production, e.Fixture.Accounts[0].HubEx.ServiceToken)
	clock.Advance(31 * 24 * time.Hour)
	if expired := refresh(old.Refresh); expired.Status != 401 {
		t.Errorf("an expired refresh token: %d", expired.Status)
	}
}

// Revoking beside refreshing ends all of the family, whoever came first (B29).
func TestRule08RevokeBesideRefresh(t *testing.T) {
	e := testenv.Start(t, testenv.Options{})
	a := e.Fixture.Accounts[0]
	for range 20 {
		first := e.HubEx(t, authority.Production, a.HubEx.ServiceToken)
		answers := make(chan testenv.Answer, 8)
		for range cap(answers) {
			go func() {
				got, _ := e.Try(t, testenv.Call{Path: accessTokens, Body: `{"refreshJwt":"` + first.Refresh + `"}`})
				answers <- got
			}()
		}
		if got := e.Revoke(t, a, first.Refresh); got.Status != 200 {
			t.Fatalf("revoke: %d", got.Status)
		}
		tokens := []string{first.Access}
		for range cap(answers) {
			switch got := <-answers; got.Status {
			case 200:
				tokens = append(tokens, got.Field(t, "access_token"))
			case 401:
			default:
				t.Errorf("a refresh beside: %d %s", got.Status, got.Body)
			}
		}
		for _, token := range tokens {
			if got := e.Do(t, testenv.Call{Path: taskPath}.With(testenv.Bearer(token)...)); got.Status != 401 {
				t.Errorf("alive after the revocation: %d", got.Status)
			}
		}
	}
}
