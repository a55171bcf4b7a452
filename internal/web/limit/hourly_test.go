package limit_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/web"
	"propusk/internal/web/limit"
)

func TestHourlyCountsByTheHour(t *testing.T) {
	now := time.Unix(1000, 0)
	h := limit.NewHourly(limit.HourlyConfig{Most: 3, Now: func() time.Time { return now }})
	for _, step := range []struct {
		pass             time.Duration
		key              authority.ID
		remaining, reset string
		refused          bool
	}{
		{0, 1, "2", "3600", false},
		{90 * time.Second, 1, "1", "3510", false},
		{0, 2, "2", "3600", false}, // another key
		{500 * time.Millisecond, 1, "0", "3510", false},
		{0, 1, "0", "3510", true},
		{0, 1, "0", "3510", true},
		{time.Hour - 91*time.Second, 1, "0", "1", true},
		{500 * time.Millisecond, 1, "2", "3600", false},
	} {
		now = now.Add(step.pass)
		header := http.Header{}
		err := h.Take(header, step.key)
		if header.Get("X-RateLimit-Limit") != "3" || header.Get("X-RateLimit-Remaining") != step.remaining || header.Get("X-RateLimit-Reset") != step.reset {
			t.Errorf("after %v: %v", step.pass, header)
		}
		if header.Get("RateLimit") != `"account";r=`+step.remaining+";t="+step.reset || header.Get("RateLimit-Policy") != `"account";q=3;w=3600` {
			t.Errorf("after %v: %v", step.pass, header)
		}
		var e *authority.Error
		if (err != nil) != step.refused || (step.refused && (!errors.As(err, &e) || e.Code != authority.LimitExceeded || e.RetryAfter <= 0)) {
			t.Errorf("after %v: %v", step.pass, err)
		}
	}
	both := http.Header{"Ratelimit": {`"credential";r=1;t=1`}, "Ratelimit-Policy": {`"credential";q=2;w=1`}}
	if err := h.Take(both, 3); err != nil || both.Get("RateLimit") != `"credential";r=1;t=1, "account";r=2;t=3600` ||
		both.Get("RateLimit-Policy") != `"credential";q=2;w=1, "account";q=3;w=3600` {
		t.Errorf("beside another limit: %v, %v", both, err)
	}
	none := limit.NewHourly(limit.HourlyConfig{})
	header := http.Header{}
	if err := none.Take(header, 1); err != nil || len(header) != 0 {
		t.Errorf("no limit: %v %v", err, header)
	}
}

func TestReadJSONForm(t *testing.T) {
	for text, want := range map[string]string{
		`{"grant_type":"password","username":"Иван"}`: "password Иван",
		`{}`: " ", `{"grant_type":null}`: " ", `{"username":"a\u0300"}`: " à",
		`{"grant_type":"password","username":7,"client_id":123,"extra":{"a":[1]},"list":[],"on":true}`: "password 7",
	} {
		f, err := web.ReadJSONForm(jsonRequest(text))
		if got := f["grant_type"] + " " + f["username"]; err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]authority.Code{
		`{"a":"1","a":"1"}`: authority.Malformed, `[]`: authority.InvalidValue, `{"a":{"b":1,"b":2}}`: authority.Malformed, `{"a":`: authority.Malformed,
		"": authority.Malformed, `"a"`: authority.InvalidValue, `{"a":"\u0000"}`: authority.Malformed,
	} {
		if f, err := web.ReadJSONForm(jsonRequest(text)); authority.CodeOf(err) != want {
			t.Errorf("%s: %v, %v, want %s", text, f, err, want)
		}
	}
}

func jsonRequest(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}
