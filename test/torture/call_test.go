//go:build linux

package torture_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"propusk/internal/authority"
	"propusk/internal/server/operation"
)

// patience is how long a caller waits for one answer.
const patience = 15 * time.Second

// reply is what came of a call.
type reply struct {
	status int // of HTTP; of the socket 200, or the code's
	body   []byte
	err    error // no answer arrived
	unsent bool  // nobody was there to take it
}

// vague reports whether nobody can say what the call has done.
func (r reply) vague() bool { return r.err != nil || r.status >= 500 }

func (r reply) trouble() string {
	if r.err != nil {
		return r.err.Error()
	}
	return string(r.body)
}

func (r reply) ok() bool { return r.status >= 200 && r.status < 300 }

// into decodes the answer.
func (r reply) into(v any) error { return json.Unmarshal(r.body, v) }

// pair is an answer that hands out tokens.
type pair struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
}

// caller talks to the server of a deployment.
type caller struct {
	d    *deployment
	http *http.Client
}

func newCaller(d *deployment) *caller {
	return &caller{d, &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: 4}}}
}

// request is one call over HTTP.
type request struct {
	method, path string
	kind, body   string
	header       http.Header
	id           string // X-Request-ID
}

func bearer(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

func postJSON(path string, body map[string]string) request {
	text, _ := json.Marshal(body) // strings only
	return request{method: http.MethodPost, path: path, kind: "application/json", body: string(text), header: http.Header{}}
}

func (c *caller) do(q request) reply {
	req, err := http.NewRequest(q.method, c.d.server.base+q.path, strings.NewReader(q.body))
	if err != nil {
		return reply{err: err}
	}
	for name, values := range q.header {
		req.Header[name] = values
	}
	if q.kind != "" {
		req.Header.Set("Content-Type", q.kind)
	}
	if q.id != "" {
		req.Header.Set("X-Request-ID", q.id)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{err: err, unsent: errors.Is(err, syscall.ECONNREFUSED)}
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := io.Copy(&body, resp.Body); err != nil {
		return reply{err: err}
	}
	return reply{status: resp.StatusCode, body: body.Bytes()}
}

// operate runs an operation over the socket of the command line.
func (c *caller) operate(name string, input map[string]any) reply {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := operation.Dial(ctx, c.d.data)
	if err != nil {
		return reply{err: err, unsent: true}
	}
	text, err := json.Marshal(input)
	if err != nil {
		return reply{err: err, unsent: true}
	}
	out, err := client.Run(ctx, operation.Call{Operation: name, Stand: authority.Production, Input: text})
	switch authority.CodeOf(err) {
	case "":
		return reply{status: http.StatusOK, body: out}
	case authority.Unavailable, authority.Internal:
		return reply{err: err}
	default:
		return reply{status: http.StatusBadRequest, body: []byte(err.Error())}
	}
}

// service asks for tokens with a service token.
func service(token string) request {
	return postJSON("/fsm/AUTHZ/AccessTokens", map[string]string{"serviceToken": token})
}

// refresh asks for the next tokens of a family.
func refresh(token string) request {
	return postJSON("/fsm/AUTHZ/AccessTokens", map[string]string{"refreshJwt": token})
}

// client is an application's id and secret.
type client struct {
	ID     string `json:"client_id"`
	Secret string `json:"secret"`
}

// form is a call that an application authenticates.
func (a client) form(path string, values url.Values) request {
	values.Set("client_id", a.ID)
	values.Set("client_secret", a.Secret)
	return request{
		method: http.MethodPost, path: path, kind: "application/x-www-form-urlencoded",
		body: values.Encode(), header: http.Header{},
	}
}

// use is a cheap call that a bearer may make.
func use(access string) request {
	return request{method: http.MethodGet, path: "/fsm/WORK/Tasks?fetch=1", header: bearer(access)}
}

// newTask creates a task.
func newTask(access, title, stamp string) request {
	q := postJSON("/fsm/WORK/Tasks", map[string]string{"title": title})
	q.header = bearer(access)
	q.header.Set("X-Concurrency-Stamp", stamp)
	return q
}
