package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"

	"propusk/internal/server/operation"
	"propusk/internal/spelling"
)

// LoadCatalogue sends every row of products and makes them the catalogue in one
// step at the end. With replace the file is the whole of it: one bad row, and a
// file without products, leave everything as it was.
func (i Import) LoadCatalogue(ctx context.Context, rows Rows, replace bool) (Total, error) {
	if replace {
		had, err := i.step(ctx, "count", struct{}{})
		if err != nil {
			return Total{}, err
		}
		i.there = &present{had: int(had), seed: maphash.MakeSeed(), known: map[uint64]struct{}{}}
	}
	if i.Try {
		total, err := i.Load(ctx, rows)
		if err == nil && replace {
			err = i.whole(&total)
		}
		return total, err
	}
	if _, err := i.step(ctx, "begin", map[string]bool{"replace": replace}); err != nil {
		return Total{}, err
	}
	return i.loadCatalogue(ctx, rows, replace)
}

func (i Import) loadCatalogue(ctx context.Context, rows Rows, replace bool) (Total, error) {
	total, err := i.Load(ctx, rows)
	if err == nil && replace {
		err = i.whole(&total)
	}
	if err != nil || total.Added+total.Changed == 0 && !replace {
		_, failed := i.step(context.WithoutCancel(ctx), "reset", struct{}{})
		return total, errors.Join(err, failed)
	}
	_, err = i.step(ctx, "end", struct{}{})
	return total, err
}

// whole says how many products leave, or why none does.
func (i Import) whole(t *Total) error {
	switch {
	case t.Bad > 0:
		return BadCatalogueError{t.Bad, t.Read}
	case t.Read == 0:
		return errors.New("there is no product in the file: the catalogue stays as it was")
	}
	t.Left = max(0, i.there.had-len(i.there.known))
	return nil
}

// present counts products of the catalogue that a file names: those that it does
// not name leave.
type present struct {
	had   int
	seed  maphash.Seed
	known map[uint64]struct{}
}

// note takes a row of a product that is there.
func (p *present) note(row json.RawMessage) {
	var product struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(row, &product) != nil {
		return // it was read before it was known
	}
	if id, err := spelling.Clean(product.ID, len(product.ID)+1); err == nil {
		p.known[maphash.String(p.seed, id)] = struct{}{}
	}
}

func (i Import) step(ctx context.Context, name string, input any) (products int64, err error) {
	text, err := json.Marshal(input)
	if err != nil {
		return 0, err
	}
	raw, err := i.Run.Run(ctx, operation.Call{Operation: "import.products." + name, Stand: i.Stand, Account: i.Account, Input: text})
	if err != nil {
		return 0, plain(err)
	}
	var out operation.ProductsResult
	if err := json.Unmarshal(raw, &out); err != nil {
		return 0, errors.New("the server's answer cannot be read")
	}
	return out.Products, nil
}

// BadCatalogueError says that a catalogue was not replaced since some of its
// rows are bad.
type BadCatalogueError struct{ Bad, Read int }

// Error implements error.
func (e BadCatalogueError) Error() string {
	return fmt.Sprintf("%d of %d rows are bad: the catalogue stays as it was", e.Bad, e.Read)
}
