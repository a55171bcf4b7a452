package smarts

import (
	"net/http"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// baseInfo tells a client how to come in.
type baseInfo struct {
	Context  string             `json:"@odata.context"`
	Instance appInstance        `json:"appInstanceSettings"`
	Server   baseServerSettings `json:"serverSettings"`
}

type appInstance struct {
	HasServerAuth bool `json:"hasServerAuth"`
}

type baseServerSettings struct {
	DataService dataService `json:"dataService"`
}

type dataService struct {
	Enabled      bool `json:"enabled"`
	UseHTTPS     bool `json:"useHttps"`
	DeviceAuth   bool `json:"deviceAuth"`
	PasswordAuth bool `json:"passwordAuth"`
}

// baseInfo answers for an account that is not there as for one whose
// authorization is on: nobody learns which contracts exist (rule 9).
func (d *Dialect) baseInfo(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
	account, err := d.accountOf(r)
	if err != nil && authority.CodeOf(err) != authority.NotFound {
		return err
	}
	closed := !account.Settings.Guest[Name] || account.Disabled
	return web.Encode(w, baseInfo{
		Context:  contextOf(r.Context(), "BaseInfo"),
		Instance: appInstance{HasServerAuth: closed},
		Server: baseServerSettings{DataService: dataService{
			Enabled: true, UseHTTPS: strings.HasPrefix(addressOf(r.Context()).root, "https:"), PasswordAuth: closed,
		}},
	})
}
