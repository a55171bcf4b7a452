package operation

import (
	"context"
	"path/filepath"

	"propusk/internal/authority"
)

// backupInput names the copy. The server writes it, so the path is absolute.
type backupInput struct {
	File string `json:"file"`
}

// BackupResult says where the copy is.
type BackupResult struct {
	File string `json:"file"`
}

func backupOperations() []operation {
	return []operation{op("backup", outside, func(ctx context.Context, t *Table, _ authority.Caller, in backupInput) (BackupResult, error) {
		if !filepath.IsAbs(in.File) {
			return BackupResult{}, authority.E(authority.InvalidValue, "the file must be an absolute path")
		}
		if err := t.Backup(ctx, in.File); err != nil {
			return BackupResult{}, authority.Wrap(authority.Conflict, err.Error(), err)
		}
		return BackupResult(in), nil
	})}
}
