package testenv

import (
	"net/http"
	"net/url"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/demo"
)

// Verifier and Challenge are those of RFC 7636, appendix B.
const (
	Verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// Authorize is what an application sends a user's browser with.
func Authorize(clientID, redirect string) url.Values {
	return url.Values{
		"response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {redirect}, "state": {"a state"},
		"code_challenge": {Challenge}, "code_challenge_method": {"S256"},
	}
}

// Code has somebody let an application act as him, on the page that asks, and
// gives the code.
func (c *Client) Code(tb testing.TB, stand authority.Stand, who demo.Person, clientID, redirect string) string {
	tb.Helper()
	form := Authorize(clientID, redirect)
	form.Set("answer", "allow")
	got := c.SignIn(tb, stand, who).Send(tb, "/authorize", form)
	to, err := url.Parse(got.To)
	if err != nil || got.Status != http.StatusSeeOther || to.Query().Get("code") == "" {
		tb.Fatalf("no code: %d %s %s", got.Status, got.To, got.Body)
	}
	return to.Query().Get("code")
}
