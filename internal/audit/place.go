package audit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"propusk/internal/disk"
)

// Place takes anchors where the deployment cannot take them back.
type Place interface {
	Put(ctx context.Context, a Anchor) error
}

// File is a file that lines are added to, safe on disk when Put returns. Best
// lies where the program may only add: another machine's folder, chattr +a.
type File string

// Put implements Place.
func (path File) Put(_ context.Context, a Anchor) error {
	_, missing := os.Stat(string(path))
	f, err := os.OpenFile(string(path), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(a.String() + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if missing != nil && err == nil {
		err = disk.SyncFolder(filepath.Dir(string(path)))
	}
	return err
}

// Syslog is a syslog daemon: unix:///dev/log, or udp://host:514.
type Syslog struct {
	Network, Address string
}

// ParseSyslog reads an address.
func ParseSyslog(text string) (Syslog, error) {
	u, err := url.Parse(text)
	switch {
	case err == nil && u.Scheme == "unix" && u.Host == "" && u.Path != "":
		return Syslog{"unixgram", u.Path}, nil
	case err == nil && u.Scheme == "udp" && u.Hostname() != "" && u.Port() != "" && u.Path == "":
		return Syslog{"udp", u.Host}, nil
	}
	return Syslog{}, errors.New("must be such as unix:///dev/log or udp://log.internal:514")
}

// notice is facility "log audit" and severity "notice". RFC 5424 §6.2.1.
const notice = 13*8 + 5

// syslogPatience bounds an attempt: nobody waits for it.
const syslogPatience = 5 * time.Second

// Put implements Place.
func (s Syslog) Put(ctx context.Context, a Anchor) error {
	ctx, cancel := context.WithTimeout(ctx, syslogPatience)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, s.Network, s.Address)
	if err != nil {
		return err
	}
	_, err = conn.Write([]byte(s.message(a)))
	return errors.Join(err, conn.Close())
}

// message is written as a daemon on this machine reads it (RFC 3164 §4.1.2,
// without the host), or one far away (RFC 5424 §6).
func (s Syslog) message(a Anchor) string {
	if s.Network == "unixgram" {
		return fmt.Sprintf("<%d>%s propusk[%d]: %s", notice, a.Time.Local().Format(time.Stamp), os.Getpid(), a)
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "-"
	}
	return fmt.Sprintf("<%d>1 %s %s propusk %d audit - %s", notice, stamp(a.Time), host, os.Getpid(), a)
}
