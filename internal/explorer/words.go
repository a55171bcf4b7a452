package explorer

import (
	_ "embed" // the words
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed words.yaml
var wordsFile []byte

//go:embed russian.yaml
var russianFile []byte

// languages are those of the pages; the first is for whoever asks for another.
func languages() []string { return []string{"en", "ru"} }

// words are what the pages say.
type words struct {
	said    map[string]map[string]string // by key and language
	russian map[string]string            // by the English text of a dialect
}

// readWords reads both files. A word that lacks a language is a defect.
func readWords() (*words, error) {
	w := &words{}
	if err := yaml.Unmarshal(wordsFile, &w.said); err != nil {
		return nil, fmt.Errorf("explorer: words.yaml: %w", err)
	}
	if err := yaml.Unmarshal(russianFile, &w.russian); err != nil {
		return nil, fmt.Errorf("explorer: russian.yaml: %w", err)
	}
	for key, said := range w.said {
		for _, lang := range languages() {
			if said[lang] == "" {
				return nil, fmt.Errorf("explorer: words.yaml: %s lacks %s", key, lang)
			}
		}
	}
	return w, nil
}

// of gives all words in one language.
func (w *words) of(lang string) map[string]string {
	out := make(map[string]string, len(w.said))
	for key, said := range w.said {
		out[key] = said[lang]
	}
	return out
}

// translate gives a dialect's text. What nobody has translated stays English; a
// test finds it.
func (w *words) translate(lang, text string) string {
	if lang == "ru" {
		if russian := w.russian[text]; russian != "" {
			return russian
		}
	}
	return text
}

// count says how many methods there are.
func count(lang string, n int) string {
	text := strconv.Itoa(n)
	if lang != "ru" {
		if n == 1 {
			return text + " method"
		}
		return text + " methods"
	}
	switch {
	case n%10 == 1 && n%100 != 11:
		return text + " метод"
	case n%10 >= 2 && n%10 <= 4 && (n%100 < 12 || n%100 > 14):
		return text + " метода"
	}
	return text + " методов"
}

// choose picks the language of a page: what the address asks for, or the first
// of ours that the browser likes best (RFC 9110 §12.5.4).
func choose(asked, accept string) string {
	if slices.Contains(languages(), asked) {
		return asked
	}
	best, weight := languages()[0], 0.0
	for one := range strings.SplitSeq(strings.ToLower(accept), ",") {
		tag, parameters, _ := strings.Cut(strings.TrimSpace(one), ";")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			q, _ = strconv.ParseFloat(text, 64) // what is no number counts as none
		}
		tag, _, _ = strings.Cut(tag, "-")
		if slices.Contains(languages(), tag) && q > weight {
			best, weight = tag, q
		}
	}
	return best
}
