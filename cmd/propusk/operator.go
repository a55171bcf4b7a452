package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"propusk/internal/authority"
	"propusk/internal/server"
	"propusk/internal/server/operation"
)

// operator is what the commands that work on a deployment share.
type operator struct {
	app     *app
	data    string
	stand   string
	account string
	json    bool
}

// flags are a command's own, or those that its commands inherit.
type flags interface {
	StringVar(p *string, name, value, usage string)
	BoolVar(p *bool, name string, value bool, usage string)
}

func (o *operator) dataFlag(f flags) {
	f.StringVar(&o.data, "data", "", "data `folder`; its propusk.yaml is the configuration unless --config names another")
}

func (o *operator) jsonFlag(f flags) {
	f.BoolVar(&o.json, "json", false, "print JSON, for programs")
}

func (o *operator) standFlags(f flags) {
	o.dataFlag(f)
	o.jsonFlag(f)
	f.StringVar(&o.stand, "stand", string(authority.Production), "production or test")
	f.StringVar(&o.account, "account", "", "contract `number` of the account; none: the stand's only one")
}

// config reads the configuration that the flags name.
func (o *operator) config() (server.Config, error) {
	if o.data == "" {
		return o.app.config()
	}
	file := o.app.configFile
	if own := filepath.Join(o.data, server.ConfigFile); file == "" {
		if _, err := os.Stat(own); err == nil {
			file = own
		}
	}
	c, err := server.LoadConfig(file)
	c.Data = o.data
	return c, err
}

// run runs one operation and prints its result.
func (o *operator) run(cmd *cobra.Command, name string, input map[string]any, show view) (err error) {
	c, err := o.config()
	if err != nil {
		return err
	}
	text, err := json.Marshal(input)
	if err != nil {
		return err
	}
	run, err := openOperator(cmd.Context(), c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close()) }()
	out, err := run.Run(cmd.Context(), operation.Call{
		Operation: name, Stand: authority.Stand(o.stand), Account: o.account, Input: text,
	})
	if err != nil {
		return said(err)
	}
	if o.json {
		return printJSON(cmd.OutOrStdout(), out)
	}
	return show.print(cmd.OutOrStdout(), out)
}

// said gives what a person needs of an error: its message and what it is about.
func said(err error) error {
	var e *authority.Error
	if !errors.As(err, &e) {
		return err
	}
	text := e.Message
	for _, key := range []string{"permission", "role", "area"} {
		if value := e.Fields[key]; value != "" {
			text += ": " + value
		}
	}
	return errors.New(text)
}

// openOperator opens a deployment that is there.
func openOperator(ctx context.Context, c server.Config) (*server.Operator, error) {
	if err := c.Deployed(); err != nil {
		return nil, err
	}
	return server.OpenOperator(ctx, c)
}
