package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"propusk/internal/authority"
	"propusk/internal/server/operation"
	"propusk/internal/server/operation/intake"
)

// recordFlags are those of import cdr.
type recordFlags struct{ format, zone, recordings string }

func (i *importer) cdrCommand() *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use: "cdr FILE|FOLDER...", Short: "Calls and recordings of Asterisk or FreeSWITCH",
		Long: "Bring in calls: Asterisk's cdr-csv files (Master.csv) or FreeSWITCH's JSON files, with their\n" +
			"recordings. The records of one call become one call. docs/guide.md says more.",
		Args: cobra.MinimumNArgs(1), Annotations: map[string]string{annotation: "import.cdr"},
		RunE: func(cmd *cobra.Command, args []string) error { return i.loadRecords(cmd, f, args) },
	}
	cmd.Flags().StringVar(&f.format, "format", "", "`name`: asterisk-csv or freeswitch-json; none: what the first file looks like")
	cmd.Flags().StringVar(&f.zone, "zone", "", "IANA `name` of the zone of Asterisk's times; none: the account's")
	cmd.Flags().StringVar(&f.recordings, "recordings", "", "`folder` of mp3 and wav files that are named after the calls")
	return cmd
}

func (i *importer) loadRecords(cmd *cobra.Command, f recordFlags, paths []string) (err error) {
	c, err := i.config()
	if err != nil {
		return err
	}
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			return err
		}
	}
	run, err := openOperator(cmd.Context(), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	records, err := i.records(cmd, run, f, paths)
	if err != nil {
		return err
	}
	meter := &intake.Meter{Out: cmd.ErrOrStderr(), Name: paths[0], Terminal: terminal(cmd.ErrOrStderr())}
	rows, err := records.Read(cmd.Context(), paths, meter)
	if err != nil {
		return fmt.Errorf("%s: %w", meter.Name, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	return i.finish(cmd, i.job(run, "import.cdr", meter), rows, meter)
}

// records is how the files are read.
func (i *importer) records(cmd *cobra.Command, run operation.Runner, f recordFlags, paths []string) (r intake.Records, err error) {
	switch r.Format = f.format; r.Format {
	case "":
		r.Format = intake.GuessFormat(paths)
	case intake.AsteriskCSV, intake.FreeSWITCHJSON:
	default:
		return r, errors.New("--format: asterisk-csv or freeswitch-json is meant")
	}
	if f.zone == "" {
		if f.zone, err = i.accountZone(cmd, run); err != nil {
			return r, said(err)
		}
	}
	if r.Zone, err = time.LoadLocation(f.zone); err != nil || f.zone == "Local" {
		return r, errors.New("--zone: an IANA name is meant, such as Europe/Moscow")
	}
	if f.recordings != "" {
		if r.Recordings, err = intake.FindRecordings(f.recordings); err != nil {
			return r, fmt.Errorf("--recordings: %w", err)
		}
	}
	return r, nil
}

// accountZone is the zone that the account has chosen.
func (i *importer) accountZone(cmd *cobra.Command, run operation.Runner) (string, error) {
	raw, err := run.Run(cmd.Context(), operation.Call{Operation: "settings.show", Stand: authority.Stand(i.stand), Account: i.account})
	if err != nil {
		return "", err
	}
	settings := struct {
		Zone string `json:"time_zone"`
	}{}
	if err := json.Unmarshal(raw, &settings); err != nil {
		return "", err
	}
	if settings.Zone == "" {
		settings.Zone = authority.DefaultTimeZone
	}
	return settings.Zone, nil
}
