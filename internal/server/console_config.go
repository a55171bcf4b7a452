package server

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"propusk/internal/authority"
	"propusk/internal/signin"
)

// checkConsole finds what is wrong with sign-in.
func (r *reader) checkConsole(c Console) {
	r.span("console.idle", c.Idle, seconds(60), hours(24))
	r.span("console.absolute", c.Absolute, seconds(300), hours(7*24))
	p := c.Provider
	r.oneOf("console.provider.login", p.Login, signin.MatchEmail, signin.MatchUsername)
	if p.Issuer == "" {
		if p.ClientID != "" || p.ClientSecretFile != "" {
			r.bad("console.provider.issuer", "is needed with a client")
		}
		return
	}
	if u, err := url.Parse(p.Issuer); err != nil || u.Host == "" || (u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname()))) {
		r.bad("console.provider.issuer", "must be an https address, such as https://login.example.com")
	}
	if p.ClientID == "" || p.ClientSecretFile == "" {
		r.bad("console.provider.client_id", "and client_secret_file are needed with an issuer")
	}
}

// provider reads how people sign in with their company's account; nil = they do
// not.
func (c Config) provider() (*signin.ProviderConfig, error) {
	p := c.Console.Provider
	if p.Issuer == "" {
		return nil, nil //nolint:nilnil // none is no error
	}
	text, err := os.ReadFile(p.ClientSecretFile)
	if err != nil {
		return nil, fmt.Errorf("console.provider.client_secret_file: %w", err)
	}
	return &signin.ProviderConfig{
		Issuer: p.Issuer, ClientID: p.ClientID, Secret: authority.NewSecret(strings.TrimSpace(string(text))),
		Name: p.Name, Match: p.Login, Contracts: p.Contracts,
	}, nil
}

// sessionLife is how long a console session lasts where nobody says.
const sessionLife = 12 * time.Hour
