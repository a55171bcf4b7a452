//go:build unix

package disk

import (
	"errors"
	"os"
)

// SyncFolder makes a new name in folder survive a power cut.
func SyncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
