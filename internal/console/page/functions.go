package page

import (
	"fmt"
	"html/template"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"propusk/internal/authority"
)

// functions are what templates can call besides the View's methods.
func functions() template.FuncMap {
	return template.FuncMap{"dict": dict, "list": func(items ...any) []any { return items }, "text": text, "join": strings.Join}
}

// dict makes the argument of a part: name, value, name, value.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("page: dict of %d", len(pairs))
	}
	out := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("page: dict with a %T as name", pairs[i])
		}
		out[name] = pairs[i+1]
	}
	return out, nil
}

// Text writes a value as forms have it.
func Text(v any) string { return text(v) }

// text writes a value as forms and messages have it.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case authority.ID:
		return strconv.FormatInt(int64(v), 10)
	default:
		return fmt.Sprint(v)
	}
}

func escapeQuery(s string) string { return url.QueryEscape(s) }

// loopbackHost reports whether a Host field names this machine.
func loopbackHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	a, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return name == "localhost" || err == nil && a.IsLoopback()
}

// Moment writes a time in the account's zone; "—" for none.
func (v *View) Moment(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(v.zone).Format(v.layout("2 Jan 2006, 15:04", "02.01.2006, 15:04"))
}

// Second writes a time to the second.
func (v *View) Second(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(v.zone).Format(v.layout("2 Jan 2006, 15:04:05", "02.01.2006, 15:04:05"))
}

// Day writes a date.
func (v *View) Day(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(v.zone).Format(v.layout("2 Jan 2006", "02.01.2006"))
}

func (v *View) layout(en, ru string) string {
	if v.lang == "ru" {
		return ru
	}
	return en
}

// ISO writes a time for machines.
func (v *View) ISO(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Ago says how long ago a time was, or how far ahead it lies, in its largest
// unit.
func (v *View) Ago(t time.Time) (string, error) {
	if t.IsZero() {
		return v.T("time.never")
	}
	d, dir := v.kit.Now().Sub(t), "ago"
	if d < 0 {
		d, dir = -d, "ahead"
	}
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"days", 24 * time.Hour}, {"hours", time.Hour}, {"minutes", time.Minute}} {
		if d >= u.size {
			return v.T("time."+dir+"."+u.name, int(d/u.size))
		}
	}
	return v.T("time." + dir + ".now")
}

// Before reports whether t is over; a zero time is never.
func (v *View) Before(t time.Time) bool { return !t.IsZero() && t.Before(v.kit.Now()) }

// Soon reports whether t lies less than thirty days ahead.
func (v *View) Soon(t time.Time) bool {
	const soon = 30 * 24 * time.Hour
	return !t.IsZero() && !v.Before(t) && t.Sub(v.kit.Now()) < soon
}

// Count writes a number with the thousands apart.
func (v *View) Count(n any) string {
	s, sign := fmt.Sprint(n), ""
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = rest, "-"
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString("\u202f") // narrow, and never at the end of a line
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// Span writes a duration as minutes and seconds, or hours.
func (v *View) Span(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
