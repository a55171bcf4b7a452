package calls

import (
	"context"
	"strconv"

	"propusk/internal/authority"
)

// Known tells which calls the account has already, by what told of them: those
// that Add would leave as they are.
func (s *Service) Known(ctx context.Context, c authority.Caller, keys []SourceKey) (map[SourceKey]bool, error) {
	account, err := c.Inside(CallsAdd)
	if err != nil {
		return nil, err
	}
	if len(keys) > MaxBatch {
		return nil, authority.Invalid("calls", "more than "+strconv.Itoa(MaxBatch)+" calls at once")
	}
	return s.store.KnownCalls(ctx, account, keys)
}
