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
	if f.MetricsURL != "" {
		line("  metrics     %s/metrics", f.MetricsURL)
	}
	for _, a := range f.Accounts {
		line("  account     %s, contract %s: %d work orders, %d open", a.Name, a.Contract, a.HubEx.TasksTotal, a.HubEx.TasksOpen)
	}
	line("")
	line("hubex: a token, then work orders with it")
	line("")
	token := fmt.Sprintf(`curl -sS %s/fsm/AUTHZ/AccessTokens -H 'Content-Type: application/json' -d '{"serviceToken":"%s"}'`,
		f.BaseURL, a.HubEx.ServiceToken)
	line("%s", token)
	line("")
	line(`curl -sS '%s/fsm/WORK/Tasks?fetch=3&isClosed=false' -H "Authorization: Bearer $(%s | sed 's/.*"access_token":"\([^"]*\)".*/\1/')"`,
		f.BaseURL, token)
	line("")
	line("element: a token of the control panel for an access key, then who one is")
	line("")
	panel := fmt.Sprintf("curl -sS %s/console/sys/token -u '%s:%s' -d grant_type=client_credentials", f.BaseURL, a.Element.ClientID, a.Element.ClientSecret)
	line("%s", panel)
	line("")
	line(`curl -sS %s/console/api/v2/me -H "Authorization: Bearer $(%s | sed 's/.*"id_token":"\([^"]*\)".*/\1/')"`, f.BaseURL, panel)
	line("")
	line("oauth: a token of the standard door")
	line("")
	line("curl -sS %s/oauth/token -u '%s:%s' -d grant_type=client_credentials", f.BaseURL, a.OAuth.ClientID, a.OAuth.ClientSecret)
	line("")
	line("operator: a pair of tokens for the authorization token")
	line("")
	line("curl -sS %s/api/v1/auth/integrationapi/create -H 'Authorization: Bearer %s'", f.BaseURL, a.Operator.AuthorizationToken)
	line("")
	line("ringme: a token of a trusted application")
	line("")
	line("curl -sS %s/oauth/token -d grant_type=client_credentials -d client_id=%s -d client_secret=%s",
		f.BaseURL, a.Ringme.Trusted.ApplicationID, a.Ringme.Trusted.ApplicationSecret)
	line("")
	line("Ctrl-C stops it.")
	_, err := io.WriteString(w, b.String())
	return err
}
