package page

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"propusk/internal/signin"
)

// words is one text in one language: a sentence, or its forms by number
// (Unicode plural rules: one, few, many, other).
type words struct {
	text  string
	forms map[string]string
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (w *words) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&w.text)
	}
	return n.Decode(&w.forms)
}

// catalogue holds every text by key, then by language.
type catalogue map[string]map[string]words

// forms are the plural forms that each language needs for whole numbers.
func forms(lang string) []string {
	if lang == "ru" {
		return []string{"one", "few", "many"}
	}
	return []string{"one", "other"}
}

// read adds the messages of an area. A key that is there already, or that lacks
// a language or a form, is an error.
func (c catalogue) read(files fs.FS) error {
	text, err := fs.ReadFile(files, "messages.yaml")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var add catalogue
	if err := yaml.Unmarshal(text, &add); err != nil {
		return fmt.Errorf("messages.yaml: %w", err)
	}
	var errs []error
	for key, by := range add {
		if c[key] != nil {
			errs = append(errs, fmt.Errorf("messages.yaml: %q is there twice", key))
		}
		c[key] = by
		errs = append(errs, complete(key, by))
	}
	return errors.Join(errs...)
}

func complete(key string, by map[string]words) error {
	for _, lang := range signin.Languages() {
		w, ok := by[lang]
		if !ok || w.text == "" && w.forms == nil {
			return fmt.Errorf("messages.yaml: %q is missing in %s", key, lang)
		}
		for _, form := range forms(lang) {
			if w.forms != nil && w.forms[form] == "" {
				return fmt.Errorf("messages.yaml: %q lacks the form %q in %s", key, form, lang)
			}
		}
	}
	if len(by) != len(signin.Languages()) {
		return fmt.Errorf("messages.yaml: %q has a language that the console does not speak", key)
	}
	return nil
}

// find gives a text with its arguments in it. The first whole number among them
// chooses the form.
func (c catalogue) find(lang, key string, args ...any) (string, error) {
	w, ok := c[key][lang]
	if !ok {
		return "", fmt.Errorf("page: no words for %q in %s", key, lang)
	}
	text := w.text
	if w.forms != nil {
		text = w.forms[form(lang, args)]
	}
	if len(args) == 0 {
		return text, nil
	}
	return message.NewPrinter(language.Make(lang)).Sprintf(text, args...), nil
}

func form(lang string, args []any) string {
	i := slices.IndexFunc(args, func(a any) bool { _, ok := a.(int); return ok })
	if i < 0 {
		return forms(lang)[len(forms(lang))-1]
	}
	n := args[i].(int) //nolint:forcetypeassert // looked at above
	var name string
	switch plural.Cardinal.MatchPlural(language.Make(lang), max(n, -n)%10_000_000, 0, 0, 0, 0) {
	case plural.One:
		name = "one"
	case plural.Few:
		name = "few"
	case plural.Many:
		name = "many"
	default:
		name = "other"
	}
	if !slices.Contains(forms(lang), name) {
		return forms(lang)[len(forms(lang))-1]
	}
	return name
}

// has reports whether there are words for key.
func (c catalogue) has(key string) bool { return c[key] != nil }

// negotiate picks a language: what the user chose, else the first that his
// browser asks for. RFC 9110 §12.5.4.
func negotiate(chosen, accept string) string {
	if slices.Contains(signin.Languages(), chosen) {
		return chosen
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return signin.Languages()[0]
	}
	for _, tag := range wanted {
		base, _ := tag.Base()
		if slices.Contains(signin.Languages(), base.String()) {
			return base.String()
		}
	}
	return signin.Languages()[0]
}
