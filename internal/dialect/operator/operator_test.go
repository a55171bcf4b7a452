package operator_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/dialect/operator"
	"propusk/internal/testenv"
)

const (
	createPath  = "/api/v1/auth/integrationapi/create"
	refreshPath = "/api/v1/auth/integrationapi/refresh"
)

// world is a real server with the demo's data and a clock that stands.
type world struct {
	*testenv.Env

	clock *testenv.Clock
}

func newWorld(t *testing.T) *world {
	t.Helper()
	clock := testenv.NewClock(time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC))
	return &world{testenv.Start(t, testenv.Options{Clock: clock, Tasks: 1}), clock}
}

type pair struct {
	AccessToken, AccessTokenExpiredIn, RefreshToken, RefreshTokenExpiredIn string
}

func (w *world) ask(t *testing.T, stand authority.Stand, path, token string) testenv.Answer {
	t.Helper()
	a := w.Do(t, testenv.Call{Stand: stand, Path: path}.With(testenv.Bearer(token)...))
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: Cache-Control %q", path, a.Header.Get("Cache-Control"))
	}
	return a
}

func (w *world) pair(t *testing.T, path, token string) pair {
	t.Helper()
	a := w.ask(t, authority.Production, path, token)
	if a.Status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, a.Status, a.Body)
	}
	var p pair
	a.JSON(t, &p)
	return p
}

// alive asks the core whether an access token opens the dialect's methods.
func (w *world) alive(t *testing.T, token string) bool {
	t.Helper()
	_, err := w.Server.Data().Authority.Authenticate(t.Context(),
		authority.Origin{Stand: authority.Production, Dialect: operator.Name},
		authority.Presented{Scheme: authority.Bearer, Token: authority.NewSecret(token)})
	if code := authority.CodeOf(err); err != nil && code != authority.InvalidToken {
		t.Fatal(err)
	}
	return err == nil
}

func (w *world) denies(t *testing.T, path, token string) {
	t.Helper()
	a := w.ask(t, authority.Production, path, token)
	if a.Status != http.StatusUnauthorized || !strings.HasPrefix(a.Body, `{"error":{"errorMessage":"the `+map[string]string{createPath: "authorization", refreshPath: "refresh"}[path]+` token is not valid","errorCode":401}`) ||
		!strings.Contains(a.Header.Get("WWW-Authenticate"), `error="invalid_token"`) {
		t.Errorf("%s: %d %s %s", path, a.Status, a.Header.Get("WWW-Authenticate"), a.Body)
	}
}

// generate makes another authorization token, as the button in the console does.
func (w *world) generate(t *testing.T, a demo.Account, expires time.Time) string {
	t.Helper()
	service := w.Server.Data().Admin
	owner := authority.System(a.Stand, authority.Account{}, "", "test")
	found, err := service.AccountByContract(t.Context(), owner, a.Contract)
	if err != nil {
		t.Fatal(err)
	}
	made, err := service.GenerateAuthorizationToken(t.Context(), authority.System(a.Stand, found, "", "test"), admin.Generate{Expires: expires})
	if err != nil {
		t.Fatal(err)
	}
	return made.Secret.Reveal()
}

// claims are the documented ones.
type claims struct {
	TokenID  string `json:"token_id"`
	ParentID string `json:"p_token_id"`
	Roles    string `json:"roles"`
	Sub      string `json:"sub"`
	Contract string `json:"contract"`
	App      string `json:"app"`
	Exp      *int64 `json:"exp"`
}

func read(t *testing.T, token string) (header map[string]string, c claims) {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts", len(parts))
	}
	for i, into := range []any{&header, &c} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}
	return header, c
}

func TestPairs(t *testing.T) {
	w := newWorld(t)
	home := w.Fixture.Accounts[0]
	root := home.Operator.AuthorizationToken
	t.Run("claims and dates", func(t *testing.T) { w.claimsAndDates(t, home) })
	t.Run("a new pair ends the former", func(t *testing.T) { w.endsFormer(t, root) })
	t.Run("levels", func(t *testing.T) { w.levels(t, root) })
	t.Run("foreign", func(t *testing.T) { w.foreign(t) })
	t.Run("ways of asking", func(t *testing.T) { w.ways(t, root) })
	t.Run("at the same time", func(t *testing.T) { w.race(t, root) })
	t.Run("documentation", func(t *testing.T) { w.docs(t) })
	t.Run("chosen lifetime", func(t *testing.T) { w.lifetime(t) })
	t.Run("expiry", func(t *testing.T) { w.expiry(t, root) })
	t.Run("a new authorization token ends all", func(t *testing.T) { w.regenerate(t, home) })
}

func (w *world) claimsAndDates(t *testing.T, home demo.Account) {
	root := home.Operator.AuthorizationToken
	a := w.ask(t, authority.Production, createPath, root)
	var p pair
	a.JSON(t, &p)
	if p.AccessTokenExpiredIn != "2024-05-21 13:00:00" || p.RefreshTokenExpiredIn != "2024-05-21 14:00:00" ||
		a.Header.Get("X-Time-Zone") != "Europe/Moscow" {
		t.Errorf("dates: %s %s in %q", p.AccessTokenExpiredIn, p.RefreshTokenExpiredIn, a.Header.Get("X-Time-Zone"))
	}
	rootHead, rootClaims := read(t, root)
	next := w.pair(t, refreshPath, p.RefreshToken)
	_, refresh := read(t, p.RefreshToken)
	tests := []struct{ name, token, role, parent string }{
		{"access", p.AccessToken, "access", rootClaims.TokenID},
		{"refresh", p.RefreshToken, "refresh", rootClaims.TokenID},
		{"next access", next.AccessToken, "access", refresh.TokenID},
		{"next refresh", next.RefreshToken, "refresh", refresh.TokenID},
	}
	seen := []string{rootClaims.TokenID}
	for _, test := range tests {
		head, c := read(t, test.token)
		if head["alg"] != "RS256" || head["typ"] != "JWT" || c.Roles != "api:integrationapi:"+test.role ||
			c.ParentID != test.parent || c.Contract != home.Contract || c.Sub == "" || c.App != c.Sub || c.Exp == nil {
			t.Errorf("%s: %v %+v", test.name, head, c)
		}
		if slices.Contains(seen, c.TokenID) || len(c.TokenID) != 36 {
			t.Errorf("%s: token_id %q", test.name, c.TokenID)
		}
		seen = append(seen, c.TokenID)
	}
	if rootHead["alg"] != "RS256" || rootClaims.Roles != "api:integrationapi:authorization" || rootClaims.Exp != nil ||
		rootClaims.Contract != home.Contract {
		t.Errorf("authorization token: %v %+v", rootHead, rootClaims)
	}
}

func (w *world) endsFormer(t *testing.T, root string) {
	first := w.pair(t, createPath, root)
	second := w.pair(t, createPath, root)
	if w.alive(t, first.AccessToken) || !w.alive(t, second.AccessToken) {
		t.Error("create leaves the former access token alive, or kills the new one")
	}
	w.denies(t, refreshPath, first.RefreshToken)
	third := w.pair(t, refreshPath, second.RefreshToken)
	if w.alive(t, second.AccessToken) || !w.alive(t, third.AccessToken) {
		t.Error("refresh leaves the former access token alive, or kills the new one")
	}
	w.denies(t, refreshPath, second.RefreshToken) // spent: no window, and the family ends
	w.denies(t, refreshPath, third.RefreshToken)
	w.alive(t, w.pair(t, createPath, root).AccessToken)
}

func (w *world) levels(t *testing.T, root string) {
	p := w.pair(t, createPath, root)
	for _, token := range []string{p.AccessToken, p.RefreshToken, "junk", "a.b.c"} {
		w.denies(t, createPath, token)
	}
	for _, token := range []string{p.AccessToken, root, "junk", "a.b.c"} {
		w.denies(t, refreshPath, token)
	}
	for _, token := range []string{p.RefreshToken, root} {
		if w.alive(t, token) {
			t.Error("a token of another level opens a method")
		}
	}
	if !w.alive(t, p.AccessToken) {
		t.Error("refused tokens have ended the pair")
	}
}

func (w *world) foreign(t *testing.T) {
	w.denies(t, createPath, w.Fixture.Test.Accounts[0].Operator.AuthorizationToken)
	w.denies(t, createPath, w.Fixture.Accounts[0].HubEx.ServiceToken)
	away := w.pair(t, createPath, w.Fixture.Accounts[1].Operator.AuthorizationToken)
	if _, c := read(t, away.AccessToken); c.Contract != w.Fixture.Accounts[1].Contract {
		t.Errorf("contract %s", c.Contract)
	}
}

// ways are all that the documentation's readers send.
func (w *world) ways(t *testing.T, root string) {
	for name, call := range map[string]testenv.Call{
		"as printed":       {Path: createPath, Header: []string{"accept", "application/json", "Authorization", "Bearer " + root}},
		"quotes":           {Path: createPath, Header: []string{"Authorization", `Bearer "` + root + `"`}},
		"quotes round all": {Path: createPath, Header: []string{"Authorization", `"Bearer ` + root + `"`}},
		"POST":             {Method: "POST", Path: createPath, Header: testenv.Bearer(root)},
		"POST with a body": {Path: createPath, Body: `{}`, Header: testenv.Bearer(root)},
		"without prefix":   {Path: "/auth/integrationapi/create", Header: testenv.Bearer(root)},
		"slash":            {Path: createPath + "/", Header: testenv.Bearer(root)},
	} {
		if a := w.Do(t, call); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	refused := map[string]struct {
		call testenv.Call
		want int
	}{
		"HEAD":         {testenv.Call{Method: "HEAD", Path: createPath, Header: testenv.Bearer(root)}, 405},
		"prefetch":     {testenv.Call{Path: createPath, Header: testenv.Bearer(root)}.With("Sec-Purpose", "prefetch"), 403},
		"X-Moz":        {testenv.Call{Path: createPath, Header: testenv.Bearer(root)}.With("X-Moz", "prefetch"), 403},
		"PUT":          {testenv.Call{Method: "PUT", Path: createPath, Header: testenv.Bearer(root)}, 405},
		"no token":     {testenv.Call{Path: createPath}, 401},
		"in query":     {testenv.Call{Path: createPath + "?token=" + root}, 401},
		"two fields":   {testenv.Call{Path: createPath, Header: testenv.Bearer(root)}.With(testenv.Bearer(root)...), 400},
		"huge body":    {testenv.Call{Path: createPath, Header: testenv.Bearer(root), Body: strings.Repeat(" ", 1<<20+1)}, 413},
		"unknown":      {testenv.Call{Path: "/api/v1/auth/other"}, 404},
		"no such call": {testenv.Call{Path: "/api/v1/request/nothing", Header: testenv.Bearer(root)}, 404},
	}
	for name, test := range refused {
		a := w.Do(t, test.call)
		var e struct {
			Error  struct{ ErrorCode int }
			Result *string
		}
		if a.Body != "" {
			a.JSON(t, &e)
		}
		if a.Status != test.want || (a.Body != "" && e.Error.ErrorCode != test.want) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
}

// race asks for many pairs at once: one lives.
func (w *world) race(t *testing.T, root string) {
	const askers = 32
	pairs := make([]pair, askers)
	var wait sync.WaitGroup
	for i := range pairs {
		wait.Go(func() {
			if a := w.ask(t, authority.Production, createPath, root); a.Status == http.StatusOK {
				_ = json.Unmarshal([]byte(a.Body), &pairs[i])
			}
		})
	}
	wait.Wait()
	living := 0
	for _, p := range pairs {
		if p.AccessToken == "" {
			t.Error("create was refused")
		} else if w.alive(t, p.AccessToken) {
			living++
			w.pair(t, refreshPath, p.RefreshToken)
		} else {
			w.denies(t, refreshPath, p.RefreshToken)
		}
	}
	if living != 1 {
		t.Errorf("%d pairs live", living)
	}
}

func (w *world) docs(t *testing.T) {
	a := w.Do(t, testenv.Call{Path: "/docs"})
	if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "text/html; charset=utf-8" ||
		!strings.Contains(a.Header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	for _, rt := range w.Server.Routes(authority.Production) {
		if rt.Dialect == operator.Name && strings.HasPrefix(rt.Pattern, "/api/v1/") && !strings.Contains(a.Body, rt.Pattern) {
			t.Errorf("the page does not speak of %s", rt.Pattern)
		}
	}
}

func (w *world) lifetime(t *testing.T) {
	call := testenv.Call{Stand: authority.Test, Path: createPath}.
		With(testenv.Bearer(w.Fixture.Test.Accounts[0].Operator.AuthorizationToken)...).With("X-Propusk-Token-Lifetime", "60")
	var p pair
	w.Do(t, call).JSON(t, &p)
	if p.AccessTokenExpiredIn != w.clock.Now().Add(time.Minute).In(time.FixedZone("", 3*60*60)).Format(time.DateTime) {
		t.Errorf("lives until %s", p.AccessTokenExpiredIn)
	}
}

func (w *world) expiry(t *testing.T, root string) {
	p := w.pair(t, createPath, root)
	w.clock.Advance(24*time.Hour + time.Second)
	if w.alive(t, p.AccessToken) {
		t.Error("the access token lives after 24 hours")
	}
	p = w.pair(t, refreshPath, p.RefreshToken) // the 25th hour
	w.clock.Advance(25*time.Hour + time.Second)
	w.denies(t, refreshPath, p.RefreshToken)
	w.pair(t, createPath, root)
}

// endsBy checks that a pair says what holds: neither token outlives the chosen
// expiry of its authorization token.
func (w *world) endsBy(t *testing.T, p pair, until time.Time) {
	t.Helper()
	date := until.In(time.FixedZone("", 3*60*60)).Format(time.DateTime)
	if p.AccessTokenExpiredIn != date || p.RefreshTokenExpiredIn != date {
		t.Errorf("says %s and %s, want %s", p.AccessTokenExpiredIn, p.RefreshTokenExpiredIn, date)
	}
	for _, token := range []string{p.AccessToken, p.RefreshToken} {
		if _, c := read(t, token); *c.Exp != until.Unix() {
			t.Errorf("exp %d, want %d", *c.Exp, until.Unix())
		}
	}
}

func (w *world) regenerate(t *testing.T, home demo.Account) {
	p := w.pair(t, createPath, home.Operator.AuthorizationToken)
	until := w.clock.Now().Add(time.Hour)
	second := w.generate(t, home, until)
	if w.alive(t, p.AccessToken) {
		t.Error("an access token outlives its authorization token")
	}
	w.denies(t, refreshPath, p.RefreshToken)
	w.denies(t, createPath, home.Operator.AuthorizationToken)
	p = w.pair(t, createPath, second)
	if _, c := read(t, second); c.Exp == nil || *c.Exp != until.Unix() {
		t.Errorf("exp %v", c.Exp)
	}
	w.endsBy(t, p, until)
	p = w.pair(t, refreshPath, p.RefreshToken)
	w.endsBy(t, p, until)
	w.clock.Advance(time.Hour)
	w.denies(t, createPath, second)
	w.denies(t, refreshPath, p.RefreshToken)
	third := w.generate(t, home, time.Time{})
	if third == second || third == home.Operator.AuthorizationToken {
		t.Error("an authorization token was made twice")
	}
	w.pair(t, createPath, third)
}
