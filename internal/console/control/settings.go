package control

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
	"propusk/internal/spelling"
)

func (a Area) settingScreens() []page.Screen {
	const path = "/settings"
	return []page.Screen{
		{
			Path: path, May: admin.AccountRead, Serve: a.settings,
			Menu: &page.Item{Section: "control", Label: "settings.title", Icon: "settings", Order: 40},
		},
		{Method: post, Path: path, May: admin.SettingsManage, Audit: "settings.change", Fields: a.fields(), Lists: a.lists(), Serve: a.changeSettings},
	}
}

// general is the section of what belongs to no dialect.
const general = "general"

// section is the settings of one dialect as the page shows them. Its fields are
// called {dialect}.{setting}.
type section struct {
	Name    string
	Access  string // the lifetime that is documented, in words
	Short   string // the same as the form takes it
	Longest string // what it must be shorter than, in words; "" = as long as any
	Accept  []page.Option
	Shapes  []page.Option
	Doors   []page.Option
	Strict  bool // it has a strict mode
	Guests  bool
	Guest   bool // its authorization is off now
}

func (a Area) sections(v *page.View) ([]section, error) {
	var out []section
	all := a.Settings.Dialects()
	for _, d := range all {
		s := section{Name: d.Name, Short: brief(d.Access), Guests: d.Guests, Guest: v.Account().Settings.Guest[d.Name]}
		s.Strict = v.Name("strict", d.Name) != d.Name
		if err := s.lifetimes(v, d); err != nil {
			return nil, err
		}
		for _, other := range all {
			if other.Name != d.Name {
				s.Accept = append(s.Accept, page.Option{Value: other.Name, Label: v.Name("dialect", other.Name)})
			}
		}
		for _, door := range d.Doors {
			s.Doors = append(s.Doors, page.Option{Value: door, Label: v.Name("door", door)})
		}
		documented, err := v.T("settings.documented")
		if err != nil {
			return nil, err
		}
		for _, shape := range d.Shapes {
			s.Shapes = append(s.Shapes, page.Option{Value: shape, Label: v.Name("shape", d.Name+"."+shape)})
		}
		if len(s.Shapes) > 0 {
			s.Shapes = append([]page.Option{{Value: "", Label: documented}}, s.Shapes...)
		}
		out = append(out, s)
	}
	return out, nil
}

// lifetimes puts those of a dialect's access tokens into words. The longest is a
// second less than its refresh tokens live: people know that one.
func (s *section) lifetimes(v *page.View, d admin.Dialect) (err error) {
	if s.Access, err = inWords(v, d.Access); err != nil {
		return err
	}
	if refresh := d.LongestAccess + time.Second; refresh%time.Minute == 0 {
		s.Longest, err = inWords(v, refresh)
	}
	return err
}

func (a Area) settings(v *page.View) error {
	out, err := a.sections(v)
	if err != nil {
		return err
	}
	v.Form = page.Form{Values: a.present(v.Account().Settings)}
	return v.Render("settings.html", out)
}

// present writes the account's settings as the form has them.
func (a Area) present(s authority.Settings) url.Values {
	out := url.Values{"general.zone": {s.TimeZone}}
	for name, days := range map[string]int{"calls": s.Retention.Calls, "recordings": s.Retention.Recordings, "results": s.Retention.Results, "audit": s.Retention.Audit} {
		if days > 0 {
			out.Set("general."+name, strconv.Itoa(days))
		}
	}
	for _, d := range a.Settings.Dialects() {
		if life := s.AccessLifetime[d.Name]; life > 0 {
			out.Set(d.Name+".lifetime", span(life))
		}
		out[d.Name+".accept"], out[d.Name+".doors"] = s.AcceptTokensFrom[d.Name], s.DoorsOff[d.Name]
		out.Set(d.Name+".shape", s.Shape[d.Name])
		for name, on := range map[string]bool{"strict": s.Strict[d.Name], "guest": s.Guest[d.Name], "clients": s.Clients[d.Name]} {
			if on {
				out.Set(d.Name+"."+name, page.Yes)
			}
		}
	}
	return out
}

func (a Area) changeSettings(v *page.View) error {
	sent := v.Sent()
	name := sent.Get("section")
	if err := strange(name, sent); err != nil {
		return err
	}
	p, err := patch(name, sent)
	if leaving := p.Retention.Shortens(v.Account().Settings.Retention); err == nil && len(leaving) > 0 && sent.Get("sure") != page.Yes {
		return v.Render("settings-shorten.html", leaving)
	}
	if err == nil {
		_, err = a.Settings.ChangeSettings(v.Context(), v.Caller, p)
	}
	if err == nil {
		return v.Done("/settings#"+url.PathEscape(name), "settings.changed")
	}
	out, failed := a.sections(v)
	if failed != nil {
		return failed
	}
	v.Form.Values = overlay(a.present(v.Account().Settings), name, sent)
	return v.Again("settings.html", out, located(name, err))
}

// lists names the fields that a form may have more than once.
func (a Area) lists() []string {
	var out []string
	for _, d := range a.Settings.Dialects() {
		out = append(out, d.Name+".accept", d.Name+".doors")
	}
	return out
}

// fields names the fields that a form has once.
func (a Area) fields() []string {
	out := []string{"section", "sure"}
	for _, name := range []string{"zone", "calls", "recordings", "results", "audit"} {
		out = append(out, general+"."+name)
	}
	for _, d := range a.Settings.Dialects() {
		for _, name := range []string{"lifetime", "shape", "strict", "guest", "clients"} {
			out = append(out, d.Name+"."+name)
		}
	}
	return out
}

// strange refuses a field of another section: the form is about one.
func strange(section string, sent url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if of, _, found := strings.Cut(name, "."); found && of != section {
			return page.Strange(name)
		}
	}
	return nil
}

// overlay puts the section that was sent over the settings as they are.
func overlay(present url.Values, section string, sent url.Values) url.Values {
	for name := range present {
		if strings.HasPrefix(name, section+".") {
			delete(present, name)
		}
	}
	for name, values := range sent {
		if strings.HasPrefix(name, section+".") {
			present[name] = values
		}
	}
	return present
}

// patch reads the section that was sent.
func patch(section string, sent url.Values) (p admin.SettingsPatch, err error) {
	if section == general {
		zone := strings.TrimSpace(sent.Get("general.zone"))
		p.TimeZone = &zone
		for name, to := range map[string]**int{
			"calls": &p.Retention.Calls, "recordings": &p.Retention.Recordings, "results": &p.Retention.Results, "audit": &p.Retention.Audit,
		} {
			if *to, err = days(sent.Get("general." + name)); err != nil {
				return p, authority.E(authority.InvalidValue, "must be days from 1 to 36500, or empty").With("field", "retention."+name)
			}
		}
		return p, nil
	}
	of := func(name string) string { return sent.Get(section + "." + name) }
	life, err := lifetime(of("lifetime"))
	if err != nil {
		return p, err
	}
	p.AccessLifetime = map[string]time.Duration{section: life}
	p.AcceptTokensFrom = map[string][]string{section: sent[section+".accept"]}
	p.DoorsOff = map[string][]string{section: sent[section+".doors"]}
	p.Shape = map[string]string{section: of("shape")}
	for name, to := range map[string]*map[string]bool{"strict": &p.Strict, "guest": &p.Guest, "clients": &p.Clients} {
		ticked, err := page.Form{Values: sent}.Ticked(section + "." + name)
		if err != nil {
			return p, err
		}
		*to = map[string]bool{section: ticked}
	}
	return p, nil
}

// days reads a number of days; empty = for ever.
func days(text string) (*int, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return new(int), nil
	}
	n, err := strconv.Atoi(text)
	if err == nil && n <= 0 {
		err = strconv.ErrRange
	}
	return &n, err
}

// lifetime reads a length of time: 90s, 30m, 8h, 7d, or several together; empty
// = as documented.
func lifetime(text string) (time.Duration, error) {
	wrong := authority.E(authority.InvalidValue, "must be a length of time such as 30m, 8h or 7d").With("field", "access-lifetime")
	text = strings.ToLower(strings.ReplaceAll(text, " ", ""))
	if text == "" {
		return 0, nil
	}
	d, err := spelling.Duration(text)
	if err != nil || d <= 0 {
		return 0, wrong
	}
	return d, nil
}

// span writes a length of time as lifetime reads it.
func span(d time.Duration) string {
	var b strings.Builder
	for _, u := range []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if n := d / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			d -= n * u.size
		}
	}
	return b.String()
}

// unit is one that a length of time is told in.
type unit struct {
	name string // in the form
	key  string // of its words
	size time.Duration
	from time.Duration // what is shorter is told in a smaller one
}

// told picks the largest unit that d is a whole number of, as people say it: 24
// hours, 25 hours, 30 days.
func told(d time.Duration) (unit, bool) {
	for _, u := range []unit{
		{"d", "settings.days", 24 * time.Hour, 48 * time.Hour},
		{"h", "settings.hours", time.Hour, time.Hour},
		{"m", "settings.minutes", time.Minute, time.Minute},
	} {
		if d >= u.from && d%u.size == 0 {
			return u, true
		}
	}
	return unit{}, false
}

// brief writes a length of time as lifetime reads it, in one unit where it can.
func brief(d time.Duration) string {
	if u, ok := told(d); ok {
		return strconv.FormatInt(int64(d/u.size), 10) + u.name
	}
	return span(d)
}

// inWords writes a length of time for people, and as lifetime reads it.
func inWords(v *page.View, d time.Duration) (string, error) {
	u, ok := told(d)
	if !ok {
		return span(d), nil
	}
	words, err := v.T(u.key, int(d/u.size))
	return words + " (" + brief(d) + ")", err
}

// located names the form's field that an error of the settings is about.
func located(section string, err error) error {
	var e *authority.Error
	if !errors.As(err, &e) {
		return err
	}
	field := e.Fields["field"]
	switch {
	case strings.HasPrefix(field, "retention."):
		field = general + "." + strings.TrimPrefix(field, "retention.")
	case field == "time-zone":
		field = general + ".zone"
	default:
		field = section + "." + map[string]string{
			"access-lifetime": "lifetime", "accept-tokens-from": "accept", "doors_off": "doors", "guest": "guest", "clients": "clients", "shape": "shape",
		}[field]
	}
	return authority.E(e.Code, e.Message).With("field", field)
}
