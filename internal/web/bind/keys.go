package bind

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// keySet remembers the keys of one object: a list while it is short.
type keySet struct {
	few  []string
	many map[string]struct{}
}

// fewKeys is up to where looking through the list is cheaper than hashing.
const fewKeys = 16

// add reports whether key was new.
func (k *keySet) add(key string) bool {
	if k.many == nil && len(k.few) < fewKeys {
		if slices.Contains(k.few, key) {
			return false
		}
		k.few = append(k.few, key)
		return true
	}
	if k.many == nil {
		k.many = make(map[string]struct{}, 2*fewKeys)
		for _, old := range k.few {
			k.many[old] = struct{}{}
		}
	}
	before := len(k.many)
	k.many[key] = struct{}{}
	return len(k.many) > before
}

// foldKey maps all spellings of a key that differ in case only to one text,
// U+212A (k) and U+017F (s) included: programs behind or before us may take
// them for one.
func foldKey(key string) string {
	for i := 0; i < len(key); i++ {
		if c := key[i]; 'a' <= c && c <= 'z' || c >= utf8.RuneSelf {
			return foldRunes(key)
		}
	}
	return key
}

func foldRunes(key string) string {
	out := make([]byte, 0, len(key))
	for _, r := range key {
		out = utf8.AppendRune(out, foldRune(r))
	}
	return string(out)
}

// foldRune gives the smallest rune of r's orbit of simple case folding.
func foldRune(r rune) rune {
	if 'a' <= r && r <= 'z' {
		return r - 'a' + 'A'
	}
	if r < utf8.RuneSelf {
		return r
	}
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	return least
}

// has reports whether key was added before.
func (k *keySet) has(key string) bool {
	if k.many != nil {
		_, ok := k.many[key]
		return ok
	}
	return slices.Contains(k.few, key)
}
