package blob

import (
	"context"
	"time"
)

// Sweep deletes the blobs that nobody knows: unknown tells which of some names
// are. Those written after before stay, because what names them may still be
// on its way. It gives how many it deleted.
func Sweep(ctx context.Context, s Store, before time.Time, unknown func(context.Context, []string) ([]string, error)) (int, error) {
	const step = 500
	var names []string
	gone := 0
	flush := func() error {
		orphans, err := unknown(ctx, names)
		if err != nil {
			return err
		}
		names = names[:0]
		for _, name := range orphans {
			if err := s.Delete(ctx, name); err != nil {
				return err
			}
			gone++
		}
		return nil
	}
	err := s.Walk(ctx, func(i Info) error {
		if i.Written.Before(before) {
			names = append(names, i.Name)
		}
		if len(names) < step {
			return nil
		}
		return flush()
	})
	if err == nil && len(names) > 0 {
		err = flush()
	}
	return gone, err
}
