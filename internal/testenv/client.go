package testenv

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/demo"
)

// Client calls both stands of a server that a fixture describes, in this process
// or another.
type Client struct {
	Fixture *demo.Fixture
	http    *http.Client
}

// NewClient makes a Client. It follows no redirect and asks for no compression.
func NewClient(f *demo.Fixture) *Client {
	return &Client{Fixture: f, http: &http.Client{
		Timeout:       30 * time.Second,
		Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Call is one request. Path is sent as it is written, with its query.
type Call struct {
	Stand  authority.Stand // "" = production
	Method string          // "" = GET, or POST with a body
	Path   string
	Header []string // name and value in turn
	Type   string   // of the body; "" = JSON
	Body   string
}

// With gives c with further header fields.
func (c Call) With(header ...string) Call {
	c.Header = append(c.Header[:len(c.Header):len(c.Header)], header...)
	return c
}

// Bearer is the header field that shows token.
func Bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

// JSON and Form are content types of calls, HTML and MP3 those of answers that
// are no JSON: a call that gets one says so in Accept.
const (
	HTML = "text/html"
	MP3  = "audio/mpeg"
	JSON = "application/json"
	Form = "application/x-www-form-urlencoded"
)

// Answer is one response, read to its end.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	Took   time.Duration
}

// JSON decodes the body.
func (a Answer) JSON(tb testing.TB, into any) {
	tb.Helper()
	if err := json.Unmarshal([]byte(a.Body), into); err != nil {
		tb.Fatalf("%v in %d %s", err, a.Status, a.Body)
	}
}

// Field decodes the body and gives a member that is a text.
func (a Answer) Field(tb testing.TB, name string) string {
	tb.Helper()
	var members map[string]any
	a.JSON(tb, &members)
	text, _ := members[name].(string)
	return text
}

// Do sends a call. A connection that fails ends the test.
func (c *Client) Do(tb testing.TB, call Call) Answer {
	tb.Helper()
	a, err := c.Try(tb, call)
	if err != nil {
		tb.Fatalf("%s %s: %v", call.Method, call.Path, err)
	}
	return a
}

// Try is Do for calls that may find nobody.
func (c *Client) Try(tb testing.TB, call Call) (Answer, error) {
	tb.Helper()
	req, err := c.request(tb, call)
	if err != nil {
		return Answer{}, err
	}
	began := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(body), Took: time.Since(began)}, err
}

func (c *Client) request(tb testing.TB, call Call) (*http.Request, error) {
	if call.Method == "" {
		call.Method = http.MethodGet
		if call.Body != "" {
			call.Method = http.MethodPost
		}
	}
	req, err := http.NewRequestWithContext(tb.Context(), call.Method, c.Fixture.URL(call.Stand), strings.NewReader(call.Body))
	if err != nil {
		return nil, err
	}
	path, query, _ := strings.Cut(call.Path, "?")
	req.URL.Opaque, req.URL.RawQuery = path, query // as written: no cleaning, no encoding
	if call.Body == "" {
		req.Body, req.ContentLength = http.NoBody, 0
	} else {
		req.Header.Set("Content-Type", JSON)
	}
	if call.Type != "" {
		req.Header.Set("Content-Type", call.Type)
	}
	for i := 0; i+1 < len(call.Header); i += 2 {
		req.Header.Add(call.Header[i], call.Header[i+1])
	}
	return req, nil
}

// HubEx is a pair of the hubex dialect.
type HubEx struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Expires int64  `json:"expires_in"`
}

// HubEx exchanges a service token.
func (c *Client) HubEx(tb testing.TB, stand authority.Stand, serviceToken string) HubEx {
	tb.Helper()
	a := c.Do(tb, Call{Stand: stand, Path: "/fsm/AUTHZ/AccessTokens", Body: `{"serviceToken":` + Quote(serviceToken) + `}`})
	if a.Status != http.StatusOK {
		tb.Fatalf("no token: %d %s", a.Status, a.Body)
	}
	var out HubEx
	a.JSON(tb, &out)
	return out
}

// OAuth exchanges the secret of an account's application.
func (c *Client) OAuth(tb testing.TB, account demo.Account) string {
	tb.Helper()
	call := Call{Stand: account.Stand, Path: "/oauth/token", Type: Form, Body: "grant_type=client_credentials"}
	a := c.Do(tb, call.With(Basic(account.OAuth.ClientID, account.OAuth.ClientSecret)...))
	if a.Status != http.StatusOK {
		tb.Fatalf("no token: %d %s", a.Status, a.Body)
	}
	return a.Field(tb, "access_token")
}

// Ask introspects a token as an account's application.
func (c *Client) Ask(tb testing.TB, account demo.Account, token string) Answer {
	tb.Helper()
	return c.Do(tb, about(account, "/oauth/introspect", token))
}

// Revoke revokes a token as an account's application.
func (c *Client) Revoke(tb testing.TB, account demo.Account, token string) Answer {
	tb.Helper()
	return c.Do(tb, about(account, "/oauth/revoke", token))
}

func about(account demo.Account, path, token string) Call {
	call := Call{Stand: account.Stand, Path: path, Type: Form, Body: "token=" + Escape(token)}
	return call.With(Basic(account.OAuth.ClientID, account.OAuth.ClientSecret)...)
}
