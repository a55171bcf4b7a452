package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"propusk/internal/authority"
)

// ProviderConfig names a company's OpenID Connect provider. Fields without a
// default are required.
type ProviderConfig struct {
	Issuer   string
	ClientID string
	Secret   authority.Secret
	Name     string // on the button; "" = the issuer's host
	// Match says which claim is a user's login: MatchEmail, which must be
	// verified, or MatchUsername; "" = MatchEmail.
	Match string
	// Contracts are those of the accounts whose users come in this way; empty =
	// all accounts. Whoever may make users of such an account could make one with
	// the login of any person the provider knows.
	Contracts []string
}

// How the word of a provider becomes a user.
const (
	MatchEmail    = "email"
	MatchUsername = "preferred_username"
)

const providerPatience = 10 * time.Second

// provider is the client of one. It is asked for its documents when first
// needed, and again after a failure: a console starts without it.
type provider struct {
	config ProviderConfig
	client *http.Client
	now    func() time.Time

	mu    sync.Mutex
	found *oidc.Provider
}

func newProvider(c ProviderConfig, client *http.Client, now func() time.Time) *provider {
	if client == nil {
		client = &http.Client{Timeout: providerPatience}
	}
	if c.Match == "" {
		c.Match = MatchEmail
	}
	if u, err := url.Parse(c.Issuer); c.Name == "" && err == nil {
		c.Name = u.Host
	}
	return &provider{config: c, client: client, now: now}
}

// discover gives the provider's documents. OpenID Connect Discovery 1.0 §4.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	// Its keys are fetched long after this request is over.
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.config.Issuer)
	if err != nil {
		return nil, away(err)
	}
	p.found = found
	return found, nil
}

func away(err error) *authority.Error {
	return authority.Wrap(authority.Unavailable, "the sign-in provider does not answer: try again, or use your password", err)
}

func (p *provider) oauth(found *oidc.Provider, redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.Secret.Reveal(), Endpoint: found.Endpoint(),
		RedirectURL: redirect, Scopes: []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
	}
}

// Provider is the name of the sign-in provider for its button; "" = there is
// none.
func (s *Service) Provider() string {
	if s.provider == nil {
		return ""
	}
	return s.provider.config.Name
}

// Journey is a sign-in at the provider: where the browser goes, and what it
// holds until it comes back.
type Journey struct {
	URL    string
	Ticket authority.Secret
}

// journey is what the ticket holds.
type journey struct {
	State, Nonce, Verifier string
	Redirect, Next         string
	Again                  bool
}

// Trip is what a sign-in at the provider is asked for with.
type Trip struct {
	Callback string // path of the page that the browser comes back to
	Next     string // where the user wants to go
	Again    bool   // he is to prove himself anew, even if the provider knows him
}

// Depart sends a browser to the provider. RFC 9700 §2.1.1.
func (s *Service) Depart(ctx context.Context, v Visit, trip Trip) (Journey, error) {
	if s.provider == nil {
		return Journey{}, authority.E(authority.NotFound, "there is no sign-in provider")
	}
	found, err := s.provider.discover(ctx)
	if err != nil {
		return Journey{}, err
	}
	j := journey{
		State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(),
		Redirect: strings.TrimSuffix(s.url(), "/") + trip.Callback, Next: trip.Next, Again: trip.Again,
	}
	t, err := s.seal(v.Origin.Stand, ticketProvider, j)
	if err != nil {
		return Journey{}, err
	}
	with := []oauth2.AuthCodeOption{oidc.Nonce(j.Nonce), oauth2.S256ChallengeOption(j.Verifier)}
	if j.Again {
		with = append(with, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return Journey{s.provider.oauth(found, j.Redirect).AuthCodeURL(j.State, with...), t}, nil
}

// Return lets the user in whom the provider has sent back with query, and says
// where he wanted to go. InvalidGrant when the provider or its answer refuses
// him, Forbidden for a user whom the console has no page for, and with LoginField
// for somebody who is no user here; Unavailable. The session counts as proven
// when the provider says when its user proved himself.
func (s *Service) Return(ctx context.Context, v Visit, ticket authority.Secret, query url.Values) (Opened, string, error) {
	v.Origin.Verb, v.Origin.Door = VerbBegin, MethodProvider
	if s.provider == nil {
		return Opened{}, "", authority.E(authority.NotFound, "there is no sign-in provider")
	}
	var j journey
	if err := s.unseal(v.Origin.Stand, ticketProvider, ticket, &j); err != nil {
		return Opened{}, "", err
	}
	no := func(reason string, err error) (Opened, string, error) {
		return Opened{}, "", s.refuse(v.Origin, VerbBegin, reason, authority.Principal{}, err)
	}
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(j.State)) != 1 {
		return no("provider_state", stepOver())
	}
	if query.Get("error") != "" {
		return no("provider_refused", authority.E(authority.InvalidGrant, "the sign-in provider did not let you in"))
	}
	who, err := s.provider.exchange(ctx, j, query.Get("code"))
	if authority.CodeOf(err) == authority.Unavailable {
		return Opened{}, "", err
	}
	if err != nil {
		return no("provider_answer", err)
	}
	proof, err := s.core.VouchLogin(ctx, v.Origin, who.login)
	if authority.CodeOf(err) == authority.InvalidGrant { // the core has noted why
		return Opened{}, "", noUser(who.login)
	}
	if err != nil {
		return Opened{}, "", err
	}
	if h := proof.Holder(); !s.provider.serves(h.Account) {
		return Opened{}, "", s.refuse(v.Origin, VerbBegin, "provider_not_for_account", h.Principal, noUser(who.login))
	}
	opened, err := s.openProven(ctx, v, proof, entrance{MethodProvider, who.proven})
	return opened, j.Next, err
}

func noUser(login string) *authority.Error {
	return authority.E(authority.Forbidden, "the sign-in provider knows you, but you are no user here: ask your administrator").
		With(LoginField, login)
}

// LoginField is in the error of somebody whom the provider knows and who is no
// user here.
const LoginField = "login"

// serves reports whether users of the account come in through the provider.
func (p *provider) serves(a authority.Account) bool {
	return len(p.config.Contracts) == 0 || slices.Contains(p.config.Contracts, a.Contract)
}

// identity is what is read of an id token. OpenID Connect Core 1.0 §5.1.
type identity struct {
	Email    string `json:"email"`
	Verified any    `json:"email_verified"` // some providers write it as text
	Username string `json:"preferred_username"`
	Proven   int64  `json:"auth_time"`
}

// known is whom the provider stands for, and when he proved himself to it; zero
// = it does not say.
type known struct {
	login  string
	proven time.Time
}

// exchange gives a code back for whom the provider stands for.
func (p *provider) exchange(ctx context.Context, j journey, code string) (known, error) {
	who, err := p.identity(ctx, j, code)
	if err != nil {
		return known{}, err
	}
	out := known{}
	if who.Proven > 0 {
		out.proven = time.Unix(who.Proven, 0)
	}
	if now := p.now(); out.proven.After(now) {
		out.proven = now // its clock is ahead
	}
	if j.Again && p.now().Sub(out.proven) > freshFor {
		return known{}, authority.E(authority.InvalidGrant, "the sign-in provider did not ask you who you are")
	}
	out.login, err = p.match(who)
	return out, err
}

func (p *provider) identity(ctx context.Context, j journey, code string) (who identity, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return who, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.oauth(found, j.Redirect).Exchange(ctx, code, oauth2.VerifierOption(j.Verifier))
	if err != nil {
		return who, exchangeError(err)
	}
	raw, _ := token.Extra("id_token").(string)
	proof, err := found.Verifier(&oidc.Config{ClientID: p.config.ClientID, Now: p.now}).Verify(ctx, raw)
	if err != nil || subtle.ConstantTimeCompare([]byte(proof.Nonce), []byte(j.Nonce)) != 1 {
		return who, authority.Wrap(authority.InvalidGrant, "the sign-in provider's answer is not valid", err)
	}
	if err := proof.Claims(&who); err != nil {
		return who, authority.Wrap(authority.InvalidGrant, "the sign-in provider's answer cannot be read", err)
	}
	return who, nil
}

// exchangeError tells a provider that refuses from one that does not answer. The
// cause of oauth2 holds the provider's answer, never our secret or the code.
func exchangeError(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < http.StatusInternalServerError {
		return authority.E(authority.InvalidGrant, "the sign-in provider did not take its own code back")
	}
	return away(err)
}

func (p *provider) match(who identity) (string, error) {
	if p.config.Match == MatchUsername {
		if who.Username == "" {
			return "", authority.E(authority.InvalidGrant, "the sign-in provider did not say your user name")
		}
		return who.Username, nil
	}
	if who.Email == "" || (who.Verified != true && who.Verified != "true") {
		return "", authority.E(authority.InvalidGrant, "the sign-in provider has no verified e-mail address of yours")
	}
	return who.Email, nil
}
