//go:build unix

package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// started is a server that this process has started.
type started struct {
	folder  string
	address string
	input   io.Closer // the watchdog's: once collected it would end the server
}

// watchdog runs the server and waits on its input, which the test process holds
// open: when that process ends, even by SIGKILL, the server is stopped at once
// and the folder removed.
const watchdog = `
bin=$1 root=$2
shift 2
"$bin/postgres" -D "$root/data" "$@" >"$root/log" 2>&1 &
server=$!
read -r _
kill -QUIT "$server"
wait "$server"
rm -rf "$root"
`

func start() (*started, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	root, err := os.MkdirTemp("", "propusk-pg-")
	if err != nil {
		return nil, err
	}
	who, err := account(root)
	if err != nil {
		return nil, err
	}
	if err := initialise(bin, root, who); err != nil {
		return nil, errors.Join(err, os.RemoveAll(root))
	}
	input, err := launch(bin, root, who)
	if err != nil {
		return nil, err
	}
	s := &started{folder: filepath.Join(root, "data"), address: address(root), input: input}
	return s, s.wait(root)
}

func address(root string) string {
	query := url.Values{"host": {root}, "port": {"5432"}, "sslmode": {"disable"}}
	return (&url.URL{Scheme: "postgres", User: url.User("propusk"), Path: "/postgres", RawQuery: query.Encode()}).String()
}

// programs finds the folder of the newest server installed.
func programs() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	if len(found) > 0 {
		return filepath.Dir(found[0]), nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", errors.New("no PostgreSQL server on this machine: install Debian's package postgresql, or name a server in " + variable)
	}
	if initdb, err = filepath.EvalSymlinks(initdb); err != nil {
		return "", err
	}
	return filepath.Dir(initdb), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// account gives whom the server runs as: PostgreSQL refuses to run as root.
func account(root string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setsid: true} // a Ctrl-C for the tests is not for it
	if os.Geteuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(root, int(uid), int(gid))
}

// initialise makes the cluster. Its default collation is a Russian one, so that
// a column that forgets to compare by bytes is found by the tests.
func initialise(bin, root string, who *syscall.SysProcAttr) error {
	cmd := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(root, "data"), "-U", "propusk",
		"--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=ru")
	cmd.Dir, cmd.SysProcAttr = root, who
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return nil
}

func launch(bin, root string, who *syscall.SysProcAttr) (io.Closer, error) {
	cmd := exec.Command("/bin/sh", "-c", watchdog, "watchdog", bin, root,
		"-c", "listen_addresses=", "-c", "unix_socket_directories="+root, "-c", "port=5432",
		"-c", "max_connections=300", "-c", "shared_buffers=64MB", "-c", "fsync=on",
		"-c", "max_wal_size=4GB", "-c", "checkpoint_timeout=1h", "-c", "autovacuum=off")
	cmd.Dir, cmd.SysProcAttr = root, who
	// The pipe stays open as long as this process lives: nothing closes it.
	input, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	return input, cmd.Start()
}

// wait returns when the server takes connections.
func (s *started) wait(root string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.address)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(root, "log"))
			return fmt.Errorf("PostgreSQL does not start: %w\n%s", err, log)
		}
	}
}
