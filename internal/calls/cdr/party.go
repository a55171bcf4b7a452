package cdr

import (
	"strings"

	"propusk/internal/calls"
)

// publicDigits is how many digits a number has at least that is not one of the
// exchange's own.
const publicDigits = 7

// public reports whether a number is one of the public network.
func public(number string) bool {
	digits := 0
	for _, r := range number {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return digits >= publicDigits
}

// Words in the name of a dialplan's context that tell where calls come from,
// between bars.
const (
	fromOutside = "trunk|pstn|incoming|inbound|from-did|ext-did|public|dahdi|zaptel"
	fromInside  = "internal|outbound|outgoing|local|default|macro-dialout"
)

// direction tells which way a call went. Exchanges do not write it down: the
// context says it, or else the shape of the numbers.
func direction(from, to, context string) calls.Direction {
	context = strings.ToLower(context)
	names := func(words string) bool {
		for w := range strings.SplitSeq(words, "|") {
			if strings.Contains(context, w) {
				return true
			}
		}
		return false
	}
	switch {
	case names(fromOutside) && (public(from) || from == ""):
		return calls.Incoming
	case public(to) && (!public(from) || names(fromInside)):
		return calls.Outgoing
	case public(from) || from == "":
		return calls.Incoming
	}
	return calls.Internal
}

// special are extensions of a dialplan that nobody dials.
func special(number string) bool {
	switch strings.ToLower(number) {
	case "", "s", "h", "i", "t", "o", "a", "e", "~~s~~", "failed", "hangup":
		return true
	}
	return false
}

// device gives who a channel is, such as 101 of SIP/101-0000a3f2 or of
// PJSIP/101/sip:…; "" for a trunk or none.
func device(channel string) string {
	technology, rest, ok := strings.Cut(channel, "/")
	if !ok || strings.EqualFold(technology, "DAHDI") || strings.EqualFold(technology, "Zap") {
		return ""
	}
	if i := strings.LastIndexByte(rest, '-'); i >= 0 {
		rest = rest[:i]
	}
	rest, _, _ = strings.Cut(rest, "/")
	rest, _, _ = strings.Cut(rest, "@")
	for _, r := range rest {
		if r < '0' || r > '9' {
			return ""
		}
	}
	return rest
}

// callerName gives the name of a caller id like "Иван" <101>; "" when it only
// says the number again.
func callerName(clid, number string) string {
	name := clid
	if i := strings.LastIndexByte(clid, '<'); i >= 0 {
		name = clid[:i]
	}
	name = strings.Trim(strings.TrimSpace(name), `"`)
	name = strings.ReplaceAll(strings.TrimSpace(name), `""`, `"`)
	if name == number || strings.Trim(clid, "<>") == number {
		return ""
	}
	return name
}
