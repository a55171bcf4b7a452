package ringme

import (
	"net/http"
	"strconv"
	"strings"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// self stands for the account's own number in a path.
const self = "@me"

// ofClient is the account that a path names.
type ofClient struct {
	Client string `path:"client" about:"The account's number, or @me for one's own" example:"@me"`
}

// own refuses a path that names another account than the caller's, as one that
// is not there (rule 9).
func (o ofClient) own(c authority.Caller) error {
	if o.Client == self || o.Client == strconv.FormatInt(c.Account().Number, 10) {
		return nil
	}
	return authority.E(authority.NotFound, "there is no such client")
}

// formed lets the parameters of a GET come as a form too, as this API documents
// them.
func formed(serve web.Serve) web.Serve {
	return func(w http.ResponseWriter, r *http.Request, c authority.Caller) error {
		kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
		if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
			return serve(w, r, c)
		}
		body, err := web.ReadBody(r)
		if err != nil {
			return err
		}
		if len(body) > 0 {
			r.URL.RawQuery = strings.Trim(r.URL.RawQuery+"&"+string(body), "&")
		}
		return serve(w, r, c)
	}
}
