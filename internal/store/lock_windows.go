package store

import (
	"os"

	"golang.org/x/sys/windows"
)

// lockExclusive takes the lock or fails at once. It locks a byte far past the
// end, so that others can still read the pid.
func lockExclusive(f *os.File) error {
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	return windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
}
