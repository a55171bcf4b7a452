package main

import (
	"context"

	"github.com/spf13/cobra"

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
	cmd.Annotations[annotation] = "import.products import.products.begin import.products.count import.products.end import.products.reset"
	cmd.Flags().BoolVar(&replace, "replace", false, "what the file does not name leaves; a bad row, or no product at all, leaves everything as it was")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		l.whole = func(ctx context.Context, job intake.Import, rows intake.Rows) (intake.Total, error) {
			return job.LoadCatalogue(ctx, rows, replace)
		}
		return i.load(cmd, l, args[0])
	}
	return cmd
}
