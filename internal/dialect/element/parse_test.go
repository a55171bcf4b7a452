package element_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/dialect/element"
	"propusk/internal/web"
)

// Whatever a request shows: a pair, or one of two refusals.
func FuzzReadKey(f *testing.F) {
	pair := base64.StdEncoding.EncodeToString([]byte("id:secret"))
	for _, header := range []string{"", "Basic " + pair, "basic  " + pair, "Basic", "Bearer x", "Basic " + pair + "=", "Basic Og==", "Basic JTAwOng="} {
		f.Add(header, "", "")
	}
	f.Add("Basic "+pair, "id", "secret")
	f.Add("Basic "+pair, "id", "other")
	f.Add("", "id", "secret")
	f.Fuzz(func(t *testing.T, header, id, secret string) {
		r := httptest.NewRequest(http.MethodPost, "/console/sys/token", nil)
		if header != "" {
			r.Header["Authorization"] = []string{header}
		}
		gotID, gotSecret, err := element.ReadKey(r, web.Form{"client_id": id, "client_secret": secret})
		switch code := authority.CodeOf(err); {
		case err == nil && (gotID == "" || gotSecret == ""):
			t.Fatalf("half a pair: %q %q", gotID, gotSecret)
		case err == nil && (id != "" && id != gotID || secret != "" && secret != gotSecret):
			t.Fatalf("%q %q beside %q %q", gotID, gotSecret, id, secret)
		case err != nil && code != authority.InvalidClient && code != authority.InvalidRequest:
			t.Fatalf("%v", err)
		}
	})
}

// Any JSON under any name is a change or a refusal.
func FuzzSettings(f *testing.F) {
	for _, seed := range [][2]string{
		{"time-zone", `"Europe/Moscow"`},
		{"element", `{"literal-response":true}`},
		{"element.literal_response", `true`},
		{"hubex", `{"access-lifetime":1800,"accept-tokens-from":["oauth"],"strict":null,"shape":"map"}`},
		{"hubex", `5`},
		{".", `{}`},
		{"hubex.", `1`},
		{"smarts.guest", `"yes"`},
		{"hubex", `{"access-lifetime":1e300}`},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		if !json.Valid(value) {
			return // the body was read before
		}
		if code := element.ReadSettings(key, value); code != "" && code != authority.InvalidValue {
			t.Fatalf("%q %s: %s", key, value, code)
		}
	})
}

// Areas are UUIDs or all of them: nothing that is misspelt widens what somebody
// sees.
func FuzzAreas(f *testing.F) {
	f.Add(`["*"]`)
	f.Add(`["*","*"]`)
	f.Add(`["` + element.FormatUUID(7) + `"]`)
	f.Add(`[]`)
	f.Add(`null`)
	f.Add(`"*"`)
	f.Fuzz(func(t *testing.T, text string) {
		a, err := element.ReadAreas([]byte(text))
		if err != nil {
			return
		}
		var list []string
		if json.Unmarshal([]byte(text), &list) == nil && a.All != (len(list) == 1 && list[0] == "*") {
			t.Fatalf("%s is %+v", text, a)
		}
		if strings.Contains(text, "*") && !a.All && len(a.IDs) > 0 && len(a.IDs) != len(list) {
			t.Fatalf("%s is %+v", text, a)
		}
	})
}
