package operation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"path/filepath"

	"propusk/internal/authority"
)

// Client runs operations in the server that has the data folder. Safe for
// concurrent use.
type Client struct{ http http.Client }

// ErrNoServer says that no server listens in the data folder.
var ErrNoServer = errors.New("no server is running on this data folder")

// Dial finds the server of folder. ErrNoServer says that there is none.
func Dial(ctx context.Context, folder string) (*Client, error) {
	path := filepath.Join(folder, SocketFile)
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		address, release, err := reachable(path)
		if err != nil {
			return nil, err
		}
		defer release()
		return (&net.Dialer{}).DialContext(ctx, "unix", address)
	}
	conn, err := dial(ctx, "", "")
	if err != nil {
		return nil, errors.Join(ErrNoServer, err)
	}
	_ = conn.Close()
	return &Client{http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}, nil
}

// Run implements Runner.
func (c *Client) Run(ctx context.Context, call Call) (json.RawMessage, error) {
	body, err := json.Marshal(call)
	if err != nil {
		return nil, authority.Wrap(authority.Malformed, "the input cannot be written", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://propusk/operations", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, authority.Wrap(authority.Unavailable, "the server went away; whether it was done is unknown", err)
	}
	defer resp.Body.Close()
	var out answer
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return nil, authority.Wrap(authority.Unavailable, "the server's answer was cut; whether it was done is unknown", err)
	}
	if out.Error != nil {
		return nil, &authority.Error{Code: out.Error.Code, Message: out.Error.Message, Fields: out.Error.Fields}
	}
	return out.Result, nil
}
