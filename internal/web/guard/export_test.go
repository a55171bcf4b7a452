package guard

import (
	"net"
	"time"
)

// Guarded gives c behind a guard.
func Guarded(c net.Conn) net.Conn {
	return (&rules{mark: "refused", headTimeout: time.Second, maxHead: 32 << 10}).wrap(c, nil)
}
