package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"propusk/internal/authority"
	"propusk/internal/server/operation"
	"propusk/internal/server/operation/intake"
)

// importer is what the commands of import share.
type importer struct {
	operator

	try bool
}

// load is one kind of file.
type load struct {
	use, short, long string
	operation        string
	columns          []intake.Column
	promises         bool // rows of a try say what earlier ones make
	// whole loads rows that belong together; nil = each is taken by itself.
	whole func(ctx context.Context, job intake.Import, rows intake.Rows) (intake.Total, error)
}

// importCommand brings what other systems have into this deployment.
func (a *app) importCommand() *cobra.Command {
	i := &importer{operator: operator{app: a}}
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Bring in what other systems have: secrets that go on working here, work orders, products, calls",
		Long: "Bring in what other systems have, from CSV with a header or JSON lines. While serve runs, the\n" +
			"rows go through the socket in its data folder. A bad row is named with its line and what to\n" +
			"change, and the rest are taken. The same file twice adds nothing.",
		Args: cobra.NoArgs,
	}
	i.standFlags(cmd.PersistentFlags())
	cmd.PersistentFlags().BoolVar(&i.try, "dry-run", false, "change nothing, only say what would be done")
	cmd.AddCommand(i.command(load{
		use: "credentials FILE", short: "Users, service tokens, access keys, applications, authorization tokens",
		long: "Bring in secrets that another system gave out, so that its clients change their host and nothing\n" +
			"else. FILE is CSV or JSON lines, - for standard input. docs/guide.md lists the columns.",
		operation: "import.credentials", columns: intake.Credentials(), promises: true,
	}), i.command(load{
		use: "tasks FILE", short: "Work orders",
		long: "Bring in work orders of another system. FILE is CSV or JSON lines, - for standard input; its column\n" +
			"id tells whether a row is there already. docs/guide.md lists the columns.",
		operation: "import.tasks", columns: intake.Tasks(),
	}), i.productsCommand(), i.cdrCommand())
	return cmd
}

func (i *importer) command(l load) *cobra.Command {
	return &cobra.Command{
		Use: l.use, Short: l.short, Long: l.long, Args: cobra.ExactArgs(1),
		Annotations: map[string]string{annotation: l.operation},
		RunE:        func(cmd *cobra.Command, args []string) error { return i.load(cmd, l, args[0]) },
	}
}

func (i *importer) load(cmd *cobra.Command, l load, name string) (err error) {
	c, err := i.config()
	if err != nil {
		return err
	}
	file, meter, err := source(cmd, name)
	if err != nil {
		return err
	}
	defer file.Close()
	rows, err := intake.Open(meter.Reader(file), l.columns)
	if err != nil {
		return fmt.Errorf("%s: %w", meter.Name, err)
	}
	run, err := openOperator(cmd.Context(), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	job := i.job(run, l.operation, meter)
	if i.try && l.promises {
		job.Prepare = intake.Promises()
	}
	if l.whole != nil {
		total, err := l.whole(cmd.Context(), job, rows)
		return i.tell(cmd, total, err, meter)
	}
	return i.finish(cmd, job, rows, meter)
}

func (i *importer) job(run operation.Runner, name string, meter *intake.Meter) intake.Import {
	return intake.Import{
		Run: run, Operation: name, Stand: authority.Stand(i.stand), Account: i.account, Try: i.try,
		Bad: meter.Bad, Note: meter.Note, Progress: meter.Show,
	}
}

// finish does the work and tells of it.
func (i *importer) finish(cmd *cobra.Command, job intake.Import, rows intake.Rows, meter *intake.Meter) error {
	total, err := job.Load(cmd.Context(), rows)
	return i.tell(cmd, total, err, meter)
}

// tell reports how an import ended.
func (i *importer) tell(cmd *cobra.Command, total intake.Total, err error, meter *intake.Meter) error {
	meter.Clear()
	var bad intake.BadCatalogueError
	if err != nil && !(i.try && errors.As(err, &bad)) { // a try tells how many rows are bad
		return fmt.Errorf("%s: %w", meter.Name, err)
	}
	return i.report(cmd.OutOrStdout(), total)
}

// source opens a file, or standard input, and what shows how far it was read.
func source(cmd *cobra.Command, name string) (io.ReadCloser, *intake.Meter, error) {
	meter := &intake.Meter{Out: cmd.ErrOrStderr(), Name: name, Terminal: terminal(cmd.ErrOrStderr())}
	if name == "-" {
		meter.Name = "standard input"
		return io.NopCloser(cmd.InOrStdin()), meter, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		meter.Size = info.Size()
	}
	return file, meter, nil
}

// terminal reports whether somebody watches w.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (i *importer) report(w io.Writer, t intake.Total) error {
	if i.json {
		text, err := json.Marshal(t)
		if err != nil {
			return err
		}
		if err := printJSON(w, text); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(w, t.Text(i.try))
	}
	switch {
	case t.Bad > 0:
		return fmt.Errorf("%d of %d rows were not taken", t.Bad, max(t.Read, t.Records))
	case t.Other > 0 && t.Read == 0:
		return errors.New("these are records of legs that the exchange itself began; a call is told of by that of the leg that came in, and none is here")
	}
	return nil
}
