//go:build !windows

package keys

import (
	"errors"
	"os"
)

// modeMatters says that mode bits tell who can read a file.
const modeMatters = true

// syncFolder makes a new name in folder survive a power cut.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
