package demo

import (
	"fmt"
	"io"
	"strings"
)

// card prints where the demo is and how to get the first token of each dialect.
// Each line that begins with curl works as it is, in any shell of a system.
func card(w io.Writer, f *Fixture) error {
	a := f.Accounts[0]
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("Propusk demo is ready.")
	line("")
	line("  production  %s", f.BaseURL)
	line("  test        %s", f.TestBaseURL)
	if f.ConsoleURL != "" {
		line("  console     %s  (login %s, password %s)", nameable(f.ConsoleURL), a.Console.Administrator.Login, a.Console.Administrator.Password)
	}
	if f.MetricsURL != "" {
		line("  metrics     %s/metrics", f.MetricsURL)
	}
	for _, a := range f.Accounts {
		line("  account     %s, contract %s: %d work orders, %d open", a.Name, a.Contract, a.HubEx.TasksTotal, a.HubEx.TasksOpen)
	}
	for _, d := range doors(f.BaseURL, &a) {
		line("\n%s\n", d.title)
		line("%s", strings.Join(d.lines, "\n\n"))
	}
	line("")
	line("Ctrl-C stops it.")
	_, err := io.WriteString(w, b.String())
	return err
}

// nameable gives a console's address with the name of this machine for its
// number: passkeys are bound to a name, and browsers trust this one like HTTPS.
func nameable(url string) string { return strings.Replace(url, "://127.0.0.1:", "://localhost:", 1) }

// door is how to get in through one dialect: what it gives, and lines of curl.
type door struct {
	title string
	lines []string
}

func doors(base string, a *Account) []door {
	curl := func(format string, args ...any) string { return "curl -sS " + base + fmt.Sprintf(format, args...) }
	token := curl(`/fsm/AUTHZ/AccessTokens -H 'Content-Type: application/json' -d '{"serviceToken":"%s"}'`, a.HubEx.ServiceToken)
	panel := curl("/console/sys/token -u '%s:%s' -d grant_type=client_credentials", a.Element.ClientID, a.Element.ClientSecret)
	return []door{
		{"hubex: a token, then work orders with it", []string{
			token,
			fmt.Sprintf(`curl -sS '%s/fsm/WORK/Tasks?fetch=3&isClosed=false' -H "Authorization: Bearer $(%s)"`, base, member(token, "access_token")),
		}},
		{"element: a token of the control panel for an access key, then who one is", []string{
			panel, curl(`/console/api/v2/me -H "Authorization: Bearer $(%s)"`, member(panel, "id_token")),
		}},
		{"oauth: a token of the standard door", []string{
			curl("/oauth/token -u '%s:%s' -d grant_type=client_credentials", a.OAuth.ClientID, a.OAuth.ClientSecret),
		}},
		{"operator: a pair of tokens for the authorization token", []string{
			curl("/api/v1/auth/integrationapi/create -H 'Authorization: Bearer %s'", a.Operator.AuthorizationToken),
		}},
		{"ringme: a token of a trusted application", []string{
			curl("/oauth/token -d grant_type=client_credentials -d client_id=%s -d client_secret=%s",
				a.Ringme.Trusted.ApplicationID, a.Ringme.Trusted.ApplicationSecret),
		}},
		{"smarts: a token for login and password", []string{
			curl("/api/session -d grant_type=password --data-urlencode 'username=%s' --data-urlencode 'password=%s'",
				a.Smarts.External.Username, a.Smarts.External.Password),
		}},
	}
}

// member gives the shell's words for one member of what a line of curl answers.
func member(line, name string) string {
	return line + ` | sed 's/.*"` + name + `":"\([^"]*\)".*/\1/'`
}
