//go:build !windows

package keys

// modeMatters says that mode bits tell who can read a file.
const modeMatters = true
