package operation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"propusk/internal/authority"
)

// SocketFile is the name of the socket in the data folder.
const SocketFile = "propusk.sock"

const (
	maxCall     = 1 << 20
	callTimeout = 5 * time.Minute // deleting a large account takes its time
	headTimeout = 5 * time.Second
	maxAddress  = 100 // a socket's address has 104 to 108 bytes, by system
)

// Socket answers operations in the data folder of a running server.
type Socket struct {
	listener net.Listener
	server   *http.Server
}

// Listen opens the socket in folder. Call it with the folder's lock held: a
// socket that is there was left by a process that died. Only the user that runs
// the server, and root, may talk to it.
func Listen(ctx context.Context, folder string, run Runner, log *slog.Logger) (*Socket, error) {
	path := filepath.Join(folder, SocketFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("the socket of the command line: %w", err)
	}
	address, release, err := reachable(path)
	if err != nil {
		return nil, err
	}
	defer release()
	l, err := (&net.ListenConfig{}).Listen(ctx, "unix", address)
	if err != nil {
		return nil, fmt.Errorf("the socket of the command line: %w", err)
	}
	// The folder's mode already keeps others out.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	s := &Socket{listener: &ownListener{l, log, path}}
	s.server = &http.Server{
		Handler: handler(run, log), ReadHeaderTimeout: headTimeout, ReadTimeout: headTimeout,
		WriteTimeout: callTimeout, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	return s, nil
}

// Serve answers until Shutdown; then it returns nil.
func (s *Socket) Serve() error {
	if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown finishes the operations that run and takes the socket away.
func (s *Socket) Shutdown(ctx context.Context) error {
	return errors.Join(s.server.Shutdown(ctx), s.listener.Close())
}

// ownListener lets only the server's own user and root in, whatever the mode of
// the folder has become.
type ownListener struct {
	net.Listener

	log  *slog.Logger
	path string
}

// Accept implements net.Listener.
func (l *ownListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		uid, known, err := peer(conn)
		if err == nil && (!known || uid == os.Geteuid() || uid == 0) {
			return conn, nil
		}
		l.log.Warn("the command line's socket refused a stranger", "uid", uid)
		_ = conn.Close()
	}
}

// Close implements net.Listener and removes the file. Closing twice is fine.
func (l *ownListener) Close() error {
	err := l.Listener.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	if gone := os.Remove(l.path); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}

// answer is the body of every response.
type answer struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  *failure        `json:"error,omitempty"`
}

type failure struct {
	Code    authority.Code    `json:"code"`
	Message string            `json:"message"`
	Fields  map[string]string `json:"fields,omitempty"`
}

func handler(run Runner, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /operations", func(w http.ResponseWriter, r *http.Request) {
		var call Call
		var out answer
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCall))
		if err := d.Decode(&call); err != nil {
			out.Error = &failure{Code: authority.Malformed, Message: "the call cannot be read"}
		} else if out.Result, err = run.Run(r.Context(), call); err != nil {
			out.Error = failed(err, call, log)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(out) // the caller has gone
	})
	return mux
}

// failed gives the public half of err; the rest is for the log.
func failed(err error, call Call, log *slog.Logger) *failure {
	var e *authority.Error
	if !errors.As(err, &e) {
		log.Error("an operation failed", "operation", call.Operation, "error", err)
		return &failure{Code: authority.Internal, Message: "the operation failed; the server's log says why"}
	}
	if e.Code == authority.Unavailable || e.Code == authority.Internal {
		log.Error("an operation failed", "operation", call.Operation, "error", err)
	}
	return &failure{e.Code, e.Message, e.Fields}
}

// reachable gives an address of path that is short enough for the system; call
// release once it has been used.
func reachable(path string) (address string, release func(), err error) {
	if len(path) <= maxAddress {
		return path, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, fmt.Errorf("the path %s is too long for a socket: choose a data folder with a shorter one", path)
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	// #nosec G115 -- a descriptor is small
	short := "/proc/self/fd/" + strconv.Itoa(int(folder.Fd())) + "/" + filepath.Base(path)
	return short, func() { _ = folder.Close() }, nil
}
