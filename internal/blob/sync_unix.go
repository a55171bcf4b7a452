//go:build unix

package blob

import (
	"errors"
	"os"
)

// syncFolder makes a new name in folder survive a power cut.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
