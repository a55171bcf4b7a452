package store_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"os"
	"time"

	"propusk/internal/audit"
	"propusk/internal/store"
)

// childAudits is set for the process that writes audit entries until it is
// killed.
const childAudits = "PROPUSK_TEST_AUDITS"

// fixedKey is a key that two processes share.
type fixedKey struct{}

func (fixedKey) ActiveVersion(string, string) (int, error) { return 1, nil }

func (fixedKey) MAC(_, _ string, _ int, msg []byte) ([]byte, error) {
	h := hmac.New(sha256.New, []byte("a key for tests"))
	h.Write(msg)
	return h.Sum(nil), nil
}

// auditAndTell writes entries, half of them counted into one, and says which are
// kept.
func auditAndTell(folder string) {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Config{Folder: folder})
	if err == nil {
		err = db.SealAudit(ctx, audit.NewSealer(fixedKey{}))
	}
	for i := 0; err == nil && i < 10_000; i++ {
		e := entry(1, i)
		e.Time = time.Unix(int64(1_800_000_000+i), 0)
		if i%2 == 0 {
			e.Gather = "k"
		}
		if err = db.Write(ctx, func(tx *store.Tx) error { return store.Audit(tx, e) }); err == nil {
			fmt.Fprintln(os.Stdout, "kept")
		}
	}
	os.Exit(3)
}
