package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// spec is one operator's command as data: which operation it runs, what it takes
// and what it shows.
type spec struct {
	use       string // the command's word, then the names of its arguments
	short     string
	operation string
	args      []string // input members that the arguments fill
	stdin     string   // input member that standard input fills; "" = none
	flags     []option
	view      view
}

// option is a flag that fills an input member when it is given.
type option struct {
	name   string
	member string
	usage  string
	kind   kind
}

type kind uint8

const (
	text     kind = iota
	list          // may be repeated
	yes           // true
	no            // false, for a member that can be switched off
	pairs         // key=value, may be repeated
	lists         // key=value, may be repeated, all values of a key kept
	switches      // key=true or key=false, may be repeated
	input         // true = the text comes from standard input
)

// annotation is where a command keeps the names of its operations.
const annotation = "operation"

// group makes a command of commands.
func (o *operator) group(use, short string, specs ...spec) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs}
	for _, s := range specs {
		cmd.AddCommand(o.command(s))
	}
	return cmd
}

// command makes the command that s describes.
func (o *operator) command(s spec) *cobra.Command {
	cmd := &cobra.Command{
		Use: s.use, Short: s.short, Args: cobra.ExactArgs(len(s.args)),
		Annotations: map[string]string{annotation: s.operation},
	}
	for _, f := range s.flags {
		f.declare(cmd)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		in := map[string]any{}
		for i, member := range s.args {
			in[member] = args[i]
		}
		for _, f := range s.flags {
			if !cmd.Flags().Changed(f.name) {
				continue
			}
			value, err := f.read(cmd)
			if err != nil {
				return fmt.Errorf("--%s: %w", f.name, err)
			}
			in[f.member] = value
		}
		if s.stdin != "" {
			line, err := firstLine(cmd.InOrStdin())
			if err != nil {
				return err
			}
			in[s.stdin] = line
		}
		return o.run(cmd, s.operation, in, s.view)
	}
	return cmd
}

func (f option) declare(cmd *cobra.Command) {
	switch f.kind {
	case text:
		cmd.Flags().String(f.name, "", f.usage)
	case list, pairs, lists, switches:
		cmd.Flags().StringArray(f.name, nil, f.usage)
	case yes, no, input:
		cmd.Flags().Bool(f.name, false, f.usage)
	}
}

// read gives the value of the flag as the operation's input has it.
func (f option) read(cmd *cobra.Command) (any, error) {
	switch f.kind {
	case text:
		return cmd.Flags().GetString(f.name)
	case list:
		return cmd.Flags().GetStringArray(f.name)
	case yes:
		return cmd.Flags().GetBool(f.name)
	case no:
		on, err := cmd.Flags().GetBool(f.name)
		return !on, err
	case input:
		return firstLine(cmd.InOrStdin())
	case pairs, lists, switches:
		return f.readPairs(cmd)
	}
	return nil, errors.ErrUnsupported
}

var errPair = errors.New("is written as dialect=value")

func (f option) readPairs(cmd *cobra.Command) (any, error) {
	given, err := cmd.Flags().GetStringArray(f.name)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, pair := range given {
		key, value, found := strings.Cut(pair, "=")
		if !found || key == "" {
			return nil, errPair
		}
		switch f.kind {
		case switches:
			if value != "true" && value != "false" {
				return nil, errors.New("is written as dialect=true or dialect=false")
			}
			out[key] = value == "true"
		case lists:
			values, _ := out[key].([]string)
			if value != "" {
				values = append(values, value)
			}
			out[key] = values
		default:
			out[key] = value
		}
	}
	return out, nil
}

// firstLine reads a secret that must not be an argument, where every user of
// the machine could see it.
func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 16<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", errors.New("standard input is empty")
	}
	return line, nil
}
