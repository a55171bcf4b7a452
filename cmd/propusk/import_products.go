package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"propusk/internal/authority"
	"propusk/internal/server/operation"
	"propusk/internal/server/operation/intake"
)

func (i *importer) productsCommand() *cobra.Command {
	var replace bool
	l := load{
		use: "products FILE", short: "Products of the warehouse",
		long: "Bring in products. FILE is CSV or JSON lines, - for standard input; its column id tells whether a\n" +
			"product is there already: then it is changed. Readers see all of it at once, when it has been read to\n" +
			"its end. docs/guide.md lists the columns.",
		operation: "import.products", columns: intake.Products(),
	}
	cmd := i.command(l)
	cmd.Annotations[annotation] = "import.products import.products.begin import.products.end import.products.reset"
	cmd.Flags().BoolVar(&replace, "replace", false, "what the file does not name leaves; a bad row leaves everything as it was")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		l.around = func(run operation.Runner, rows func() (intake.Total, error)) (intake.Total, error) {
			return i.catalogue(cmd.Context(), run, replace, rows)
		}
		return i.load(cmd, l, args[0])
	}
	return cmd
}

// catalogue puts the rows into an upload and makes that the catalogue.
func (i *importer) catalogue(ctx context.Context, run operation.Runner, replace bool, rows func() (intake.Total, error)) (intake.Total, error) {
	step := func(name string, input any) error {
		text, err := json.Marshal(input)
		if err != nil {
			return err
		}
		_, err = run.Run(ctx, operation.Call{Operation: "import.products." + name, Stand: authority.Stand(i.stand), Account: i.account, Input: text})
		return said(err)
	}
	if err := step("begin", map[string]bool{"replace": replace}); err != nil {
		return intake.Total{}, err
	}
	total, err := rows()
	switch {
	case err != nil:
		return total, errors.Join(err, step("reset", struct{}{}))
	case replace && total.Bad > 0:
		err := fmt.Errorf("%d of %d rows are bad: the catalogue stays as it was", total.Bad, total.Read)
		return total, errors.Join(err, step("reset", struct{}{}))
	case total.Added+total.Changed == 0 && !replace:
		return total, step("reset", struct{}{})
	}
	return total, step("end", struct{}{})
}
