package web

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// recheck is how often the files are looked at while handshakes come in.
const recheck = 10 * time.Second

// Certificate is a certificate with its key, read from two PEM files and read
// again when they change. New files that cannot be used leave the old pair in
// place. Safe for concurrent use.
type Certificate struct {
	certFile, keyFile string
	logger            *slog.Logger
	now               func() time.Time

	current atomic.Pointer[tls.Certificate]
	checked atomic.Int64 // Unix nanoseconds of the last look at the files
	mu      sync.Mutex   // one reload at a time
	stamp   [2]fileStamp
}

// fileStamp tells a changed file from an unchanged one.
type fileStamp struct {
	modified time.Time
	size     int64
}

// LoadCertificate reads the pair. Logger takes failed reloads; nil = none.
func LoadCertificate(certFile, keyFile string, logger *slog.Logger) (*Certificate, error) {
	c := &Certificate{certFile: certFile, keyFile: keyFile, logger: logger, now: time.Now}
	if err := c.Reload(); err != nil {
		return nil, err
	}
	return c, nil
}

// Reload reads the files now. On error the former pair stays in use.
func (c *Certificate) Reload() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	stamp, err := c.look()
	if err != nil {
		return fmt.Errorf("web: certificate: %w", err)
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	c.stamp = stamp // the same bad files are not tried again and again
	c.checked.Store(c.now().UnixNano())
	if err != nil {
		return fmt.Errorf("web: certificate: %w", err)
	}
	c.current.Store(&pair)
	return nil
}

func (c *Certificate) look() (stamp [2]fileStamp, err error) {
	for i, name := range [...]string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return stamp, err
		}
		stamp[i] = fileStamp{info.ModTime(), info.Size()}
	}
	return stamp, nil
}

// get is the GetCertificate of tls.Config.
func (c *Certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	last, now := c.checked.Load(), c.now().UnixNano()
	if now-last > int64(recheck) && c.checked.CompareAndSwap(last, now) {
		c.reloadIfChanged()
	}
	return c.current.Load(), nil
}

func (c *Certificate) reloadIfChanged() {
	c.mu.Lock()
	stamp, err := c.look()
	same := stamp == c.stamp
	c.mu.Unlock()
	if err == nil && same {
		return
	}
	if err == nil {
		err = c.Reload()
	}
	if err != nil && c.logger != nil {
		c.logger.Warn("certificate not reloaded, the former one stays in use", "error", err.Error())
	}
}
