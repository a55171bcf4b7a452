package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"propusk/internal/server/operation"
)

// LoadCatalogue sends every row of products and makes them the catalogue in one
// step at the end. With replace the file is the whole of it, and one bad row
// leaves everything as it was.
func (i Import) LoadCatalogue(ctx context.Context, rows Rows, replace bool) (Total, error) {
	if i.Try {
		return i.Load(ctx, rows)
	}
	if err := i.step(ctx, "begin", map[string]bool{"replace": replace}); err != nil {
		return Total{}, err
	}
	reset := func() error { return i.step(context.WithoutCancel(ctx), "reset", struct{}{}) }
	total, err := i.Load(ctx, rows)
	switch {
	case err != nil:
		return total, errors.Join(err, reset())
	case replace && total.Bad > 0:
		return total, errors.Join(BadCatalogueError{total.Bad, total.Read}, reset())
	case total.Added+total.Changed == 0 && !replace:
		return total, reset()
	}
	return total, i.step(ctx, "end", struct{}{})
}

func (i Import) step(ctx context.Context, name string, input any) error {
	text, err := json.Marshal(input)
	if err != nil {
		return err
	}
	_, err = i.Run.Run(ctx, operation.Call{Operation: "import.products." + name, Stand: i.Stand, Account: i.Account, Input: text})
	if err != nil {
		return plain(err)
	}
	return nil
}

// BadCatalogueError says that a catalogue was not replaced since some of its
// rows are bad.
type BadCatalogueError struct{ Bad, Read int }

// Error implements error.
func (e BadCatalogueError) Error() string {
	return fmt.Sprintf("%d of %d rows are bad: the catalogue stays as it was", e.Bad, e.Read)
}
