package operation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/server/operation"
)

// echo answers with the call it got, or fails as it is told.
type echo struct{ err error }

func (e echo) Run(_ context.Context, c operation.Call) (json.RawMessage, error) {
	if e.err != nil {
		return nil, e.err
	}
	return json.Marshal(c)
}

// listen serves run on a socket in folder until the test ends.
func listen(t *testing.T, folder string, run operation.Runner) *bytes.Buffer {
	t.Helper()
	log := &bytes.Buffer{}
	s, err := operation.Listen(t.Context(), folder, run, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		if err := errors.Join(s.Shutdown(context.Background()), <-served); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(filepath.Join(folder, operation.SocketFile)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is still there: %v", err)
		}
	})
	return log
}

func TestSocketCarriesCallsAndErrors(t *testing.T) {
	folder := t.TempDir()
	if _, err := operation.Dial(t.Context(), folder); !errors.Is(err, operation.ErrNoServer) {
		t.Fatalf("an empty folder gives %v", err)
	}
	// What a killed server leaves is no server, and no hindrance.
	left, err := net.Listen("unix", filepath.Join(folder, operation.SocketFile))
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = left.Close()
	if _, err := operation.Dial(t.Context(), folder); !errors.Is(err, operation.ErrNoServer) {
		t.Fatalf("a socket without a server gives %v", err)
	}

	listen(t, folder, echo{})
	info, err := os.Stat(filepath.Join(folder, operation.SocketFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	client, err := operation.Dial(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	call := operation.Call{Operation: "x", Stand: authority.Test, Account: "7", Input: json.RawMessage(`{"name":"Ромашка"}`)}
	raw, err := client.Run(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := json.Marshal(call)
	if string(raw) != string(want) {
		t.Errorf("got %s, want %s", raw, want)
	}
}

func TestSocketTellsWhatIsPublic(t *testing.T) {
	tests := []struct {
		name string
		err  error
		code authority.Code
		text string
	}{
		{"ours", authority.E(authority.Conflict, "taken").With("name", "x"), authority.Conflict, "conflict: taken"},
		{"with a cause", authority.Wrap(authority.Unavailable, "away", errors.New("dsn secret")), authority.Unavailable, "unavailable: away"},
		{"a defect", errors.New("SELECT secret"), authority.Internal, "internal: the operation failed; the server's log says why"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			folder := t.TempDir()
			listen(t, folder, echo{test.err})
			client, err := operation.Dial(t.Context(), folder)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Run(t.Context(), operation.Call{Operation: "x"})
			if authority.CodeOf(err) != test.code || err.Error() != test.text {
				t.Errorf("got %v", err)
			}
		})
	}
}

// A data folder may lie deeper than a socket's address reaches.
func TestSocketInADeepFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), strings.Repeat("d", 100), strings.Repeat("e", 100))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	listen(t, folder, echo{})
	client, err := operation.Dial(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Run(t.Context(), operation.Call{Operation: "x"}); err != nil {
		t.Fatal(err)
	}
}

func TestSocketRefusesWhatIsNoCall(t *testing.T) {
	folder := t.TempDir()
	listen(t, folder, echo{})
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(folder, operation.SocketFile))
	}}}
	defer client.CloseIdleConnections()
	for body, want := range map[string]string{
		"":                               string(authority.Malformed),
		"{":                              string(authority.Malformed),
		`[]`:                             string(authority.Malformed),
		strings.Repeat(" ", 2<<20) + "1": string(authority.Malformed),
	} {
		resp, err := client.Post("http://propusk/operations", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		var out struct {
			Error struct{ Code string }
		}
		if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out.Error.Code != want {
			t.Errorf("%.10q: %v, %v", body, out, err)
		}
		_ = resp.Body.Close()
	}
	resp, err := client.Get("http://propusk/operations")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET gives %d", resp.StatusCode)
	}
}
