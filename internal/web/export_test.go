package web

import (
	"net"
	"time"
)

// Guarded gives c behind a guard, for the fuzz test.
func Guarded(c net.Conn) net.Conn { return newGuard(time.Second, usualHead).wrap(c, nil) }
