package operation

import (
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// peer gives the user at the other end of a socket.
func peer(conn net.Conn) (uid int, known bool, err error) {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return 0, false, err
	}
	var cred *unix.Xucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		cred, failed = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	})
	if err != nil || failed != nil {
		return 0, false, errors.Join(err, failed)
	}
	return int(cred.Uid), true, nil
}
