package explorer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"propusk/internal/dialect"
	"propusk/internal/explorer/schema"
)

// groupView is a group of methods as a page shows it.
type groupView struct {
	Title   string
	Methods []Method
}

// Groups are the methods of the book, by group.
func (v view) Groups() []groupView {
	var out []groupView
	for _, name := range v.Book.groups() {
		g := groupView{Title: name}
		if name == waysGroup {
			g.Title = v.Tr("Tokens")
		}
		for _, m := range v.Book.Methods {
			if m.Group == name {
				g.Methods = append(g.Methods, m)
			}
		}
		out = append(out, g)
	}
	return out
}

// fieldView is a parameter as a page shows it.
type fieldView struct {
	ID, Name, In, Kind, About, Must string
	Value, Hint                     string
	Choices                         []string
	Required, Secret, Number        bool
}

// Field shows a parameter of a method. What must be there is filled in with its
// example; what need not be says it behind the field.
func (v view) Field(m Method, p Parameter) (fieldView, error) {
	s := p.Schema
	in, err := v.Say("in_" + p.In)
	if err != nil {
		return fieldView{}, err
	}
	must, err := v.Say("must")
	f := fieldView{
		ID: m.ID + "-" + p.In + "-" + strings.TrimLeft(p.Name, "$@"), Name: p.Name, In: p.In, Kind: in, About: v.Tr(s.Description), Must: must,
		Required: p.Required, Secret: isSecret(p), Choices: choices(s), Number: s.Type.Is("integer"),
	}
	if len(s.Type) > 0 {
		f.Kind += " · " + strings.Join(s.Type, ", ")
	}
	example := ""
	if len(s.Examples) > 0 {
		example = plainText(s.Examples[0])
	}
	f.Hint = plainText(s.Default)
	if f.Hint == "" {
		f.Hint = example
	}
	if p.Required {
		f.Value, f.Hint = example, ""
	}
	return f, err
}

// isSecret reports whether a field is not shown while it is typed.
func isSecret(p Parameter) bool {
	name := strings.ToLower(p.Name)
	return p.In == inForm && (p.Schema.WriteOnly || strings.Contains(name, "secret") || strings.Contains(name, "password") ||
		strings.HasSuffix(name, "token"))
}

func choices(s *schema.Schema) []string {
	if s.Type.Is("boolean") {
		return []string{"true", "false"}
	}
	var out []string
	for _, v := range s.Enum {
		if v != nil {
			out = append(out, plainText(v))
		}
	}
	return out
}

// plainText is a value of JSON as it is typed.
func plainText(v any) string {
	var text string
	switch v := v.(type) {
	case json.RawMessage:
		if json.Unmarshal(v, &text) == nil || v == nil {
			return text
		}
		return string(v)
	case nil:
		return ""
	}
	return fmt.Sprint(v)
}

// inputView is something that people have, and the ways that ask for it.
type inputView struct {
	dialect.Input

	Ways  []string
	First bool // the first way does
}

// Inputs are those of every way in, each once.
func (v view) Inputs() []inputView {
	var out []inputView
	for i, w := range v.Book.Manual.Ways {
		for _, input := range w.Inputs {
			at := slices.IndexFunc(out, func(known inputView) bool { return known.Name == input.Name })
			if at < 0 {
				at = len(out)
				out = append(out, inputView{Input: input, First: i == 0})
			}
			out[at].Ways = append(out[at].Ways, w.Name)
		}
	}
	return out
}

// Example is the text that a body is filled in with.
func (view) Example(b Body) (string, error) {
	if b.Example == nil {
		return "", nil
	}
	text, err := json.Marshal(b.Example)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = json.Indent(&out, text, "", "  ")
	return out.String(), err
}

// Rows is how tall the field of a body is.
func (v view) Rows(b Body) (int, error) {
	text, err := v.Example(b)
	return min(max(strings.Count(text, "\n")+2, 4), 20), err
}
