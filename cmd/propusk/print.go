package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// view is how a result is shown to people: the columns of a list, in order. A
// single object is shown with every member it has.
type view struct {
	columns []string
	done    string // said when there is nothing to show
}

// secretMembers are shown once; people are told so.
func secretMembers() []string { return []string{"secret", "password"} }

func printJSON(w io.Writer, raw json.RawMessage) error {
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err := out.WriteTo(w)
	return err
}

func (v view) print(w io.Writer, raw json.RawMessage) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var out any
	if err := d.Decode(&out); err != nil {
		return err
	}
	switch out := out.(type) {
	case []any:
		return v.table(w, out)
	case map[string]any:
		return v.object(w, raw, out)
	}
	_, err := fmt.Fprintln(w, word(out))
	return err
}

func (v view) table(w io.Writer, rows []any) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(v.columns) > 0 {
		fmt.Fprintln(t, strings.ToUpper(strings.ReplaceAll(strings.Join(v.columns, "\t"), "_", " ")))
	}
	for _, row := range rows {
		members, ok := row.(map[string]any)
		if !ok {
			fmt.Fprintln(t, word(row))
			continue
		}
		cells := make([]string, len(v.columns))
		for i, column := range v.columns {
			cells[i] = word(members[column])
		}
		fmt.Fprintln(t, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
	}
	return t.Flush()
}

// object shows members in the order they came.
func (v view) object(w io.Writer, raw json.RawMessage, members map[string]any) error {
	if len(members) == 0 {
		_, err := fmt.Fprintln(w, v.done)
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	once := false
	for _, key := range order(raw) {
		fmt.Fprintf(t, "%s\t%s\n", strings.ReplaceAll(key, "_", " "), word(members[key]))
		once = once || slices.Contains(secretMembers(), key)
	}
	if err := t.Flush(); err != nil || !once {
		return err
	}
	_, err := fmt.Fprintln(w, "Keep it now: it is not shown again.")
	return err
}

// order lists the names of an object as they came.
func order(raw json.RawMessage) []string {
	d := json.NewDecoder(bytes.NewReader(raw))
	var names []string
	if _, err := d.Token(); err != nil {
		return nil
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return names
		}
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return names
		}
		names = append(names, fmt.Sprint(name))
	}
	return names
}

// word writes one value on one line.
func word(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case bool:
		return map[bool]string{true: "yes", false: "no"}[v]
	case []any:
		words := make([]string, len(v))
		for i, item := range v {
			words[i] = word(item)
		}
		return strings.Join(words, ", ")
	case map[string]any:
		var words []string
		for key, value := range v {
			words = append(words, key+"="+word(value))
		}
		slices.Sort(words)
		return strings.Join(words, ", ")
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return t.Local().Format("2006-01-02 15:04:05")
		}
		return v
	}
	return fmt.Sprint(v)
}
