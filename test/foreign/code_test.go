//go:build unix

package foreign_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"propusk/internal/authority"
	"propusk/internal/testenv"
)

// golang.org/x/oauth2 has a user let an application in, exchanges the code and
// renews the tokens by itself, with a secret and without.
func TestGolangCode(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	account := f.Test.Accounts[0]
	c := testenv.NewClient(f)
	t.Cleanup(c.Close)
	g := golang{f.TestBaseURL, account}
	endpoint := g.endpoint(oauth2.AuthStyleAutoDetect)
	endpoint.AuthURL = f.TestBaseURL + "/oauth/authorize"
	public := oauth2.Config{ClientID: account.Ringme.Public.ApplicationID, RedirectURL: account.Ringme.Public.RedirectURI, Endpoint: endpoint}
	public.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	verifier := oauth2.GenerateVerifier()
	ask := public.AuthCodeURL("a state", oauth2.S256ChallengeOption(verifier))
	got := c.Do(t, testenv.Call{Stand: authority.Test, Path: strings.TrimPrefix(ask, f.TestBaseURL)})
	at, err := url.Parse(got.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(at.String(), f.ConsoleURL+"/test/authorize?") {
		t.Fatalf("%d %s", got.Status, at)
	}
	form := at.Query()
	form.Set("answer", "allow")
	back, err := url.Parse(c.SignIn(t, authority.Test, account.Ringme.User).Send(t, "/authorize", form).To)
	if err != nil || back.Query().Get("state") != "a state" {
		t.Fatalf("back at %s", back)
	}
	ctx := renewing(t)
	token, err := public.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	client := public.Client(ctx, token)
	for range 2 {
		if who := g.login(t, client, "/api/ver1.0/user/"); who != account.Ringme.User.Login {
			t.Errorf("acts as %q", who)
		}
	}
	_, err = public.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if refused, ok := err.(*oauth2.RetrieveError); !ok || refused.ErrorCode != "invalid_grant" || refused.Response.StatusCode != http.StatusUnauthorized { //nolint:errorlint // the library gives it as it is
		t.Errorf("the code again: %v", err)
	}
	door := oauth2.Config{ClientID: account.OAuth.ClientID, ClientSecret: account.OAuth.ClientSecret, RedirectURL: account.OAuth.RedirectURI, Endpoint: endpoint}
	code := c.Code(t, authority.Test, account.Console.Administrator, door.ClientID, door.RedirectURL)
	if token, err = door.Exchange(ctx, code, oauth2.VerifierOption(testenv.Verifier)); err != nil || token.RefreshToken == "" {
		t.Fatalf("the standard door: %v", err)
	}
	next, err := door.TokenSource(ctx, &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil || next.AccessToken == token.AccessToken || next.RefreshToken == "" {
		t.Errorf("renewed: %v", err)
	}
}
