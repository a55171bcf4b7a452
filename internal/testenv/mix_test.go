package testenv_test

import (
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"propusk/internal/testenv"
)

// B76, short: round after round of every kind of work, with time passing between,
// leaves goroutines, open files and rows where they were.
func TestB76Mix(t *testing.T) {
	clock := noon()
	e := testenv.Start(t, testenv.Options{Clock: clock})
	home := e.Fixture.Accounts[0]
	boss := func() []string {
		return testenv.Bearer(e.Do(t, elementDoor(home.Stand, "/console/sys/token", home.Element.Key)).Field(t, "id_token"))
	}
	grants := func() string {
		list := e.Do(t, testenv.Call{Path: panel + "/grants?result=page&size=1"}.With(boss()...)).Body
		_, after, _ := strings.Cut(list, `"totalElements":`)
		total, _, _ := strings.Cut(after, ",")
		return total
	}
	var settled []left
	for round := range 4 {
		for i := range 60 {
			pair := e.HubEx(t, "", home.HubEx.ServiceToken)
			e.Do(t, testenv.Call{Path: taskPath + "?fetch=20"}.With(testenv.Bearer(pair.Access)...))
			e.Do(t, testenv.Call{Path: accessTokens, Body: `{"refreshJwt":"` + pair.Refresh + `"}`})
			e.Do(t, testenv.Call{Path: accessTokens, Body: `{"serviceToken":"wrong"}`})
			if i%3 == 0 {
				e.Revoke(t, home, pair.Access)
				e.Do(t, smartsForm(home, "/api/session", home.Smarts.External.Password))
			}
		}
		clock.Advance(200 * 24 * time.Hour)
		for n := 1; n > 0; {
			var err error
			if n, err = e.Server.Data().Store.Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		e.Settle(t)
		now := leftNow(t)
		now.grants = grants()
		t.Logf("round %d: %+v", round, now)
		settled = append(settled, now)
	}
	warm, last := settled[1], settled[3]
	if last.goroutines > warm.goroutines+20 || last.files > warm.files+10 || last.grants != warm.grants {
		t.Errorf("B76: %+v has become %+v", warm, last)
	}
}

// left is what work may leave behind.
type left struct {
	goroutines, files int
	grants            string
}

func leftNow(t *testing.T) left {
	t.Helper()
	out := left{goroutines: runtime.NumGoroutine()}
	if open, err := os.ReadDir("/proc/self/fd"); err == nil { // where there is none, goroutines tell alone
		out.files = len(open)
	}
	return out
}
