package intake

import (
	"slices"
	"sort"
	"strings"
)

// stems finds the names that hold a text between characters that are no letters
// or digits, such as q-1716190210.15-x for 1716190210.15. How long a search takes
// depends on what it finds, not on how many names there are.
type stems struct {
	alphabet alphabet
	names    []string // in the alphabet
	tails    []tail   // by what follows
}

// tail is a name from a place on where a text may begin.
type tail struct{ name, at int32 }

func newStems(names []string) *stems {
	s := &stems{alphabet: newAlphabet()}
	for i, name := range names {
		name = s.alphabet.write(name)
		s.names = append(s.names, name)
		for at := range len(name) {
			if at == 0 || s.alphabet.bounds(name[at-1]) || s.alphabet.bounds(name[at]) {
				s.tails = append(s.tails, tail{int32(i), int32(at)})
			}
		}
	}
	slices.SortFunc(s.tails, func(a, b tail) int { return strings.Compare(s.text(a), s.text(b)) })
	return s
}

func (s *stems) text(t tail) string { return s.names[t.name][t.at:] }

// hold gives the places of up to most names that hold a text, each once.
func (s *stems) hold(text string, most int) []int {
	if text == "" {
		return nil
	}
	text = s.alphabet.write(text)
	first := sort.Search(len(s.tails), func(i int) bool { return s.text(s.tails[i]) >= text })
	var out []int
	for _, t := range s.tails[first:] {
		rest, found := strings.CutPrefix(s.text(t), text)
		if !found || len(out) == most || rest != "" && !s.alphabet.bounds(rest[0]) && !s.alphabet.bounds(text[len(text)-1]) {
			break
		}
		if !slices.Contains(out, int(t.name)) {
			out = append(out, int(t.name))
		}
	}
	return out
}

// alphabet is an order of bytes in which letters and digits come last: names that
// go on after a text with another character then lie together. What is not ASCII
// counts as a letter.
type alphabet struct {
	rank  [256]byte
	words byte // the rank of the first letter or digit
}

func newAlphabet() (a alphabet) {
	next := byte(0)
	for _, word := range []bool{false, true} {
		if word {
			a.words = next
		}
		for b := range a.rank {
			if isWord(byte(b)) == word {
				a.rank[b] = next
				next++
			}
		}
	}
	return a
}

func isWord(b byte) bool {
	return b >= 0x80 || b >= '0' && b <= '9' || b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z'
}

func (a *alphabet) write(text string) string {
	out := []byte(text)
	for i, b := range out {
		out[i] = a.rank[b]
	}
	return string(out)
}

// bounds reports whether a ranked byte ends a word.
func (a *alphabet) bounds(b byte) bool { return b < a.words }
