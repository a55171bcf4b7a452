package admin

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"propusk/internal/spelling"
)

// punycodePrefix begins a label that stands for one with letters beyond ASCII.
// RFC 5890 §2.3.2.1.
const punycodePrefix = "xn--"

// hostASCII writes a name as DNS has it. ok is false for what cannot be: a label
// may hold letters, their marks, digits and hyphens.
func hostASCII(host string) (ascii string, ok bool) {
	host = spelling.Fold(strings.ReplaceAll(norm.NFKC.String(host), "。", "."))
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if isASCII(label) {
			continue
		}
		if strings.HasPrefix(label, punycodePrefix) || strings.ContainsFunc(label, noLabel) {
			return "", false
		}
		labels[i] = punycodePrefix + punycode(label)
	}
	return strings.Join(labels, "."), true
}

// ShowHost writes a host name with the letters that its labels stand for.
func ShowHost(host string) string {
	labels := strings.Split(host, ".")
	for i, label := range labels {
		labels[i] = showLabel(label)
	}
	return strings.Join(labels, ".")
}

// showLabel gives a label as it is where what it stands for would not be written
// so again.
func showLabel(label string) string {
	encoded, found := strings.CutPrefix(label, punycodePrefix)
	if !found {
		return label
	}
	text, ok := fromPunycode(encoded)
	if again, fits := hostASCII(text); !ok || !fits || again != label {
		return label
	}
	return text
}

func noLabel(r rune) bool {
	return r != '-' && !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// The parameters of RFC 3492 §5.
const (
	punyBase, punyMin, punyMax = 36, 1, 26
	punySkew, punyDamp         = 38, 700
	punyFirstBias, punyFirstN  = 72, 128
	punyDigits                 = "abcdefghijklmnopqrstuvwxyz0123456789"
	punyLongest                = 1 << 24 // far beyond any label
)

// adapt is RFC 3492 §6.1.
func adapt(delta, points int, first bool) int {
	if first {
		delta /= punyDamp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for ; delta > (punyBase-punyMin)*punyMax/2; k += punyBase {
		delta /= punyBase - punyMin
	}
	return k + (punyBase-punyMin+1)*delta/(delta+punySkew)
}

func threshold(k, bias int) int { return min(max(k-bias, punyMin), punyMax) }

// punycode is RFC 3492 §6.3, for a label that DNS could hold.
func punycode(label string) string {
	var out strings.Builder
	runes := []rune(label)
	for _, r := range runes {
		if r < utf8.RuneSelf {
			out.WriteRune(r)
		}
	}
	basic := out.Len()
	if basic > 0 {
		out.WriteByte('-')
	}
	n, delta, bias := rune(punyFirstN), 0, punyFirstBias
	for done := basic; done < len(runes); n, delta = n+1, delta+1 {
		next := rune(unicode.MaxRune)
		for _, r := range runes {
			if r >= n {
				next = min(next, r)
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r == n {
				writeVariable(&out, delta, bias)
				bias = adapt(delta, done+1, done == basic)
				delta, done = 0, done+1
			}
		}
	}
	return out.String()
}

// writeVariable writes a number of variable length. RFC 3492 §3.3.
func writeVariable(out *strings.Builder, q, bias int) {
	for k := punyBase; ; k += punyBase {
		t := threshold(k, bias)
		if q < t {
			out.WriteByte(punyDigits[q])
			return
		}
		out.WriteByte(punyDigits[t+(q-t)%(punyBase-t)])
		q = (q - t) / (punyBase - t)
	}
}

// fromPunycode is RFC 3492 §6.2.
func fromPunycode(text string) (string, bool) {
	var out []rune
	if at := strings.LastIndexByte(text, '-'); at >= 0 {
		out, text = []rune(text[:at]), text[at+1:]
	}
	n, i, bias := punyFirstN, 0, punyFirstBias
	for text != "" {
		step, rest, ok := readVariable(text, bias)
		if !ok || i+step > punyLongest {
			return "", false
		}
		text = rest
		bias = adapt(step, len(out)+1, i == 0 && n == punyFirstN)
		i += step
		n += i / (len(out) + 1)
		i %= len(out) + 1
		if n > unicode.MaxRune {
			return "", false
		}
		out = append(out[:i], append([]rune{rune(n)}, out[i:]...)...)
		i++
	}
	return string(out), true
}

// readVariable reads what writeVariable writes.
func readVariable(text string, bias int) (value int, rest string, ok bool) {
	for k, weight := punyBase, 1; text != ""; k += punyBase {
		digit := strings.IndexByte(punyDigits, text[0])
		text = text[1:]
		if digit < 0 || value > punyLongest || weight > punyLongest {
			return 0, "", false
		}
		value += digit * weight
		t := threshold(k, bias)
		if digit < t {
			return value, text, true
		}
		weight *= punyBase - t
	}
	return 0, "", false
}
