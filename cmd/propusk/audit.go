package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"propusk/internal/audit"
	"propusk/internal/authority"
	"propusk/internal/server"
	"propusk/internal/server/operation"
)

// The exit codes of audit verify, besides 0.
const (
	exitAltered    = 1
	exitIncomplete = 2
	exitUnchecked  = 3 // nothing can be said
)

// verdict is an error that chooses the exit code.
type verdict struct {
	error

	code int
}

func (v verdict) Unwrap() error { return v.error }

const auditLong = `Verify looks at every entry of the audit and says whether all are there (completeness)
and whether each is what was written (integrity). It runs beside serve, or without one, and
changes nothing. Only with --anchors can it tell whether the newest entries were cut off.

Exit code 0: nothing is wrong. 1: something was altered. 2: something is missing, nothing was
altered. 3: it could not be looked at.`

// auditCommand proves the audit.
func (a *app) auditCommand() *cobra.Command {
	o := &operator{app: a}
	cmd := &cobra.Command{Use: "audit", Short: "Prove that the audit is what was written", Args: cobra.NoArgs}
	o.dataFlag(cmd.PersistentFlags())
	o.jsonFlag(cmd.PersistentFlags())
	o.stand = string(authority.Production) // one audit for both
	cmd.AddCommand(o.verifyCommand(), o.command(spec{
		use: "anchor", short: "Print where the audit ends now, for a place that nobody writes over", operation: "audit.anchor",
	}), o.command(spec{
		use: "rotate-key", short: "Seal with another key from now on; the former one goes on proving what it sealed",
		operation: "audit.rotate-key", view: view{done: "rotated"},
	}))
	return cmd
}

func (o *operator) verifyCommand() *cobra.Command {
	var since, anchors string
	cmd := &cobra.Command{
		Use: "verify", Short: "Look for altered and missing entries", Long: auditLong, Args: cobra.NoArgs,
		Annotations: map[string]string{annotation: "audit.verify"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := o.verify(cmd, since, anchors)
			if v := (verdict{}); err != nil && !errors.As(err, &v) {
				return verdict{err, exitUnchecked}
			}
			return err
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "only what is not older than this `time`; what is older is not looked at")
	cmd.Flags().StringVar(&anchors, "anchors", "", "`file` with the anchors of this deployment, as audit.anchor writes them; other lines are passed over")
	return cmd
}

func (o *operator) verify(cmd *cobra.Command, since, file string) (err error) {
	input := map[string]any{}
	if since != "" {
		input["since"] = since
	}
	if file != "" {
		if input["anchors"], err = readAnchors(file); err != nil {
			return err
		}
	}
	c, err := o.config()
	if err != nil {
		return err
	}
	if err := c.Deployed(); err != nil {
		return err
	}
	run, err := server.OpenVerifier(cmd.Context(), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	text, err := json.Marshal(input)
	if err != nil {
		return err
	}
	out, err := run.Run(cmd.Context(), operation.Call{Operation: "audit.verify", Stand: authority.Stand(o.stand), Input: text})
	if err != nil {
		return said(err)
	}
	var report audit.Report
	if err := json.Unmarshal(out, &report); err != nil {
		return err
	}
	if o.json {
		err = printJSON(cmd.OutOrStdout(), out)
	} else {
		printReport(cmd.OutOrStdout(), report)
	}
	return errors.Join(err, judge(report))
}

// maxAnchors is how many anchors one verification takes: the newest say the most.
const maxAnchors = 4000

func readAnchors(file string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := audit.ReadAnchors(f)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s holds no anchor", file)
	}
	var lines []string
	for _, a := range list[max(0, len(list)-maxAnchors):] {
		lines = append(lines, a.String())
	}
	return lines, nil
}

func judge(r audit.Report) error {
	switch {
	case r.Altered > 0:
		return verdict{errors.New("the audit was altered"), exitAltered}
	case r.Missing > 0:
		return verdict{errors.New("the audit is incomplete"), exitIncomplete}
	case r.Unknown > 0:
		return verdict{errors.New("a part of the audit cannot be checked"), exitUnchecked}
	}
	return nil
}

// theEnd says how far it is proven that nothing was cut off.
func theEnd(r audit.Report) string {
	switch {
	case r.Anchored > 0:
		return fmt.Sprintf("end         proven up to position %d, by an anchor", r.Anchored)
	case r.Anchors > 0:
		return "end         not proven: no anchor fits"
	}
	return "end         not proven: no anchor was given, so nobody can tell whether the newest entries were cut off"
}

func printReport(w io.Writer, r audit.Report) {
	const at = "2006-01-02 15:04:05"
	fmt.Fprintf(w, "looked at   positions %d to %d: %d entries, %d that have left on purpose, %d anchors\n",
		r.From, r.To, r.Entries, r.Purged, r.Anchors)
	fmt.Fprintf(w, "proven      since %s", r.Begun.Local().Format(at))
	if r.Before > 0 {
		fmt.Fprintf(w, "; entries up to %d are from before", r.Before)
	}
	fmt.Fprintf(w, "\n%s\naltered     %d\nmissing     %d\n", theEnd(r), r.Altered, r.Missing)
	if r.Unknown > 0 {
		fmt.Fprintf(w, "unproven    %d\n", r.Unknown)
	}
	for _, p := range r.Purges {
		who := "the system"
		if p.Actor != 0 {
			who = fmt.Sprint("principal ", p.Actor)
		}
		fmt.Fprintf(w, "purged      %d of account %d by %s (%s), last on %s\n", p.Entries, p.Account, who, p.Reason, p.Last.Local().Format(at))
	}
	for _, f := range r.Findings {
		where := fmt.Sprint(f.From)
		if f.To > f.From {
			where = fmt.Sprintf("%d to %d", f.From, f.To)
		}
		fmt.Fprintf(w, "%-11s %s, about %s: %s\n", f.Kind, where, f.Time.Local().Format(at), f.What)
	}
}
