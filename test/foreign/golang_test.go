//go:build unix

package foreign_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"propusk/internal/demo"
)

// soon asks for tokens that live for five seconds, where this may be chosen. The
// library renews ten seconds before the end: at every call.
type soon struct{}

func (soon) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Propusk-Token-Lifetime", "5")
	return http.DefaultTransport.RoundTrip(r)
}

func renewing(t *testing.T) context.Context {
	t.Helper()
	return context.WithValue(t.Context(), oauth2.HTTPClient, &http.Client{Transport: soon{}})
}

// golang is the door of one account for golang.org/x/oauth2.
type golang struct {
	url     string
	account demo.Account
}

func (g golang) endpoint(style oauth2.AuthStyle) oauth2.Endpoint {
	return oauth2.Endpoint{TokenURL: g.url + "/oauth/token", AuthStyle: style}
}

// login calls path with a client of the library and gives who it acts as.
func (g golang) login(t *testing.T, c *http.Client, path string) string {
	t.Helper()
	answer, err := c.Get(g.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var who struct{ Login string }
	if err := json.NewDecoder(answer.Body).Decode(&who); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %v", path, answer.Status, err)
	}
	return who.Login
}

// golang.org/x/oauth2 gets tokens of each kind and renews them by itself.
func TestGolang(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	g := golang{f.TestBaseURL, f.Test.Accounts[0]}
	for name, style := range map[string]oauth2.AuthStyle{
		"auto": oauth2.AuthStyleAutoDetect, "params": oauth2.AuthStyleInParams, "header": oauth2.AuthStyleInHeader,
	} {
		t.Run("ringme "+name, func(t *testing.T) { g.ringme(t, style) })
		t.Run("ringme user "+name, func(t *testing.T) { g.ringmeUser(t, style) })
		t.Run("oauth "+name, func(t *testing.T) { g.oauth(t, style) })
		t.Run("element "+name, func(t *testing.T) { g.element(t, style) })
		t.Run("smarts "+name, func(t *testing.T) { g.smarts(t, style) })
	}
}

// another asks a source twice and wants two tokens.
func another(t *testing.T, source oauth2.TokenSource) {
	t.Helper()
	first, err := source.Token()
	if err != nil {
		t.Fatal(err)
	}
	second, err := source.Token()
	if err != nil {
		t.Fatal(err)
	}
	if first.AccessToken == second.AccessToken || first.ExpiresIn > 5 || first.Type() != "Bearer" {
		t.Errorf("not renewed: %d s, %s", first.ExpiresIn, first.Type())
	}
}

func (g golang) credentials(id, secret, path string, style oauth2.AuthStyle) *clientcredentials.Config {
	return &clientcredentials.Config{ClientID: id, ClientSecret: secret, TokenURL: g.url + path, AuthStyle: style}
}

// refused wants the library to understand why it got no token.
func refused(t *testing.T, err error, status int, code string) {
	t.Helper()
	var e *oauth2.RetrieveError
	if !errors.As(err, &e) || e.Response.StatusCode != status || e.ErrorCode != code {
		t.Errorf("%v, want %d %s", err, status, code)
	}
}

func (g golang) ringme(t *testing.T, style oauth2.AuthStyle) {
	app := g.account.Ringme.Trusted
	c := g.credentials(app.ApplicationID, app.ApplicationSecret, "/oauth/token", style)
	another(t, c.TokenSource(renewing(t)))
	if who := g.login(t, c.Client(t.Context()), "/api/ver1.0/user/"); who != g.account.Ringme.User.Login {
		t.Errorf("acts as %s", who)
	}
	c.ClientSecret = app.ApplicationID
	_, err := c.Token(t.Context())
	refused(t, err, http.StatusUnauthorized, "invalid_client")
}

func (g golang) ringmeUser(t *testing.T, style oauth2.AuthStyle) {
	app, user := g.account.Ringme.Password, g.account.Ringme.User
	c := oauth2.Config{ClientID: app.ApplicationID, ClientSecret: app.ApplicationSecret, Endpoint: g.endpoint(style)}
	token, err := c.PasswordCredentialsToken(renewing(t), user.Login, user.Password)
	if err != nil {
		t.Fatal(err)
	}
	source := c.TokenSource(renewing(t), token)
	another(t, source)
	if who := g.login(t, oauth2.NewClient(t.Context(), source), "/api/ver1.0/user/"); who != user.Login {
		t.Errorf("acts as %s", who)
	}
	_, err = c.PasswordCredentialsToken(t.Context(), user.Login, user.Password+"!")
	refused(t, err, http.StatusUnauthorized, "invalid_grant")
	_, err = c.TokenSource(t.Context(), &oauth2.Token{RefreshToken: "junk"}).Token()
	refused(t, err, http.StatusUnauthorized, "invalid_grant")
}

func (g golang) oauth(t *testing.T, style oauth2.AuthStyle) {
	c := g.credentials(g.account.OAuth.ClientID, g.account.OAuth.ClientSecret, "/oauth/token", style)
	another(t, c.TokenSource(renewing(t)))
	c.Scopes = []string{"Everything"}
	_, err := c.Token(t.Context())
	refused(t, err, http.StatusBadRequest, "invalid_scope")
}

func (g golang) element(t *testing.T, style oauth2.AuthStyle) {
	key := g.account.Element
	c := g.credentials(key.ClientID, key.ClientSecret, "/console/sys/token", style)
	another(t, c.TokenSource(renewing(t)))
	if who := g.login(t, c.Client(t.Context()), "/console/api/v2/me"); who != g.account.Console.Administrator.Login {
		t.Errorf("acts as %s", who)
	}
	token, err := c.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id, _ := token.Extra("id_token").(string)
	with := oauth2.NewClient(t.Context(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: id}))
	if who := g.login(t, with, "/console/api/v2/me"); who != g.account.Console.Administrator.Login {
		t.Errorf("with the id token it acts as %s", who)
	}
	c.ClientSecret = key.ClientID
	_, err = c.Token(t.Context())
	refused(t, err, http.StatusUnauthorized, "")
}

// Package encoding/json reads names without their case, so capitalised keys do
// not trouble the library.
func (g golang) smarts(t *testing.T, style oauth2.AuthStyle) {
	user := g.account.Smarts.External
	c := oauth2.Config{ClientID: "123", ClientSecret: "user", Endpoint: g.endpoint(style)}
	token, err := c.PasswordCredentialsToken(renewing(t), user.Username, user.Password)
	if err != nil {
		t.Fatal(err)
	}
	source := c.TokenSource(renewing(t), token)
	another(t, source)
	answer, err := oauth2.NewClient(t.Context(), source).Get(g.url + "/api/v1/Users")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("users: %s", answer.Status)
	}
	_, err = c.PasswordCredentialsToken(t.Context(), user.Username, user.Password+"!")
	refused(t, err, http.StatusUnauthorized, "invalid_grant")
}
