package element

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/web"
)

func (d *Dialect) settingsRoutes() []web.Route {
	const path = base + "/settings"
	return []web.Route{
		{
			Method: http.MethodGet, Pattern: path, Permission: admin.AccountRead,
			Request: none{}, Response: settings{}, Summary: "Read the account's switches, by dialect.", Serve: web.JSON(d.settings),
		},
		{
			Method: http.MethodPatch, Pattern: path, Permission: admin.SettingsManage, Audit: "settings.change",
			Request: settingsPatch{}, Response: settings{}, Summary: "Change some of the account's switches.",
			Serve: web.JSON(d.changeSettings),
		},
	}
}

// settings are an account's switches: those of each dialect under its name.
type settings map[string]any

// switches are those of one dialect. A lifetime of 0 and an empty shape mean the
// documented one.
type switches struct {
	AccessLifetime   int64     `json:"access-lifetime"` // seconds
	AcceptTokensFrom []string  `json:"accept-tokens-from"`
	Strict           bool      `json:"strict"`
	Guest            bool      `json:"guest"`
	Shape            string    `json:"shape"`
	DoorsOff         *[]string `json:"doors-off,omitempty"`          // ways in that are shut; of dialects that have some
	Clients          *bool     `json:"registered-clients,omitempty"` // passwords come through the account's applications alone
	LiteralResponse  *bool     `json:"literal-response,omitempty"`   // of this dialect
}

// The switches that belong to no dialect.
const (
	zoneSetting      = "time-zone"
	defaultZone      = "Europe/Moscow"
	retentionSetting = "retention"
)

// retention is how many days the account keeps what it has gathered; 0 = for
// ever.
type retention struct {
	Calls      int `json:"calls"`
	Recordings int `json:"recordings"`
	Results    int `json:"results"`
	Audit      int `json:"audit"`
}

func (d *Dialect) shownSettings(a authority.Account) settings {
	s := a.Settings
	out := settings{zoneSetting: cmp.Or(s.TimeZone, defaultZone), retentionSetting: retention(s.Retention)}
	for _, known := range d.Admin.Dialects() {
		of := switches{
			AccessLifetime:   int64(s.AccessLifetime[known.Name] / time.Second),
			AcceptTokensFrom: append([]string{}, s.AcceptTokensFrom[known.Name]...),
			Strict:           s.Strict[known.Name], Guest: s.Guest[known.Name], Shape: s.Shape[known.Name],
		}
		if len(known.Doors) > 0 {
			shut, registered := append([]string{}, s.DoorsOff[known.Name]...), s.Clients[known.Name]
			of.DoorsOff, of.Clients = &shut, &registered
		}
		if known.Name == Name {
			on := literal(a)
			of.LiteralResponse = &on
		}
		out[known.Name] = of
	}
	return out
}

func (d *Dialect) settings(ctx context.Context, c authority.Caller, _ none) (settings, error) {
	a, err := d.Admin.Account(ctx, c, 0)
	if err != nil {
		return nil, err
	}
	return d.shownSettings(a), nil
}

// settingsPatch holds, by dialect, an object of switches; a switch may also be
// named whole, as in "element.literal-response".
type settingsPatch struct {
	Body map[string]json.RawMessage `body:"json"`
}

func (d *Dialect) changeSettings(ctx context.Context, c authority.Caller, req settingsPatch) (settings, error) {
	p := patch{known: d.Admin.Dialects()}
	for _, key := range slices.Sorted(maps.Keys(req.Body)) {
		if err := p.read(key, req.Body[key]); err != nil {
			return nil, err
		}
	}
	a, err := d.Admin.ChangeSettings(ctx, c, p.SettingsPatch)
	if err != nil {
		return nil, err
	}
	return d.shownSettings(a), nil
}

// patch gathers what a body asks for. A switch that is not known is refused: a
// spelling mistake must not look like a change.
type patch struct {
	admin.SettingsPatch

	known []admin.Dialect
}

// has reports whether name is a dialect of this server: an empty object of one
// that is not would look like a change too.
func (p *patch) has(name string) bool {
	return slices.ContainsFunc(p.known, func(d admin.Dialect) bool { return d.Name == name })
}

func (p *patch) read(key string, value json.RawMessage) error {
	if hyphened(key) == zoneSetting {
		p.TimeZone = new(string) // null sets it back, as it does every switch
		return into(key, value, p.TimeZone)
	}
	if dialect, name, ok := strings.Cut(key, "."); ok {
		return p.one(dialect, name, value)
	}
	if !p.has(key) && hyphened(key) != retentionSetting {
		return unknownSetting(key)
	}
	var object map[string]json.RawMessage
	if err := into(key, value, &object); err != nil {
		return err
	}
	if object == nil { // null asks for nothing, and must not look like a change
		return authority.E(authority.InvalidValue, clip(key)+" must be an object").With("parameter", clip(key))
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if err := p.one(key, name, object[name]); err != nil {
			return err
		}
	}
	return nil
}

// kept reads how long something is kept; null sets it back.
func (p *patch) kept(name string, value json.RawMessage) error {
	full := retentionSetting + "." + name
	var days int
	if err := into(full, value, &days); err != nil {
		return err
	}
	switch hyphened(name) {
	case "calls":
		p.Retention.Calls = &days
	case "recordings":
		p.Retention.Recordings = &days
	case "results":
		p.Retention.Results = &days
	case "audit":
		p.Retention.Audit = &days
	default:
		return unknownSetting(full)
	}
	return nil
}

func unknownSetting(full string) error {
	return authority.E(authority.InvalidValue, "there is no setting "+clip(full)).With("parameter", clip(full))
}

// one reads a switch of a dialect; null sets it back.
func (p *patch) one(dialect, name string, value json.RawMessage) error {
	if hyphened(dialect) == retentionSetting {
		return p.kept(name, value)
	}
	full := dialect + "." + name
	switch hyphened(name) {
	case "access-lifetime":
		var seconds int64
		if err := into(full, value, &seconds); err != nil {
			return err
		}
		lifetime, err := span(full, seconds)
		put(&p.AccessLifetime, dialect, lifetime)
		return err
	case "accept-tokens-from":
		return read(full, value, &p.AcceptTokensFrom, dialect)
	case "strict":
		return read(full, value, &p.Strict, dialect)
	case "guest":
		return read(full, value, &p.Guest, dialect)
	case "doors-off":
		return read(full, value, &p.DoorsOff, dialect)
	case "registered-clients":
		return read(full, value, &p.Clients, dialect)
	case "shape":
		return read(full, value, &p.Shape, dialect)
	case literalSetting:
		return p.literal(full, dialect, value)
	}
	return unknownSetting(full)
}

func (p *patch) literal(full, dialect string, value json.RawMessage) error {
	if dialect != Name {
		return authority.E(authority.InvalidValue, literalSetting+" is a setting of "+Name+" alone")
	}
	var on bool
	if err := into(full, value, &on); err != nil {
		return err
	}
	shape := ""
	if on {
		shape = literalShape
	}
	put(&p.Shape, dialect, shape)
	return nil
}

// hyphened takes a name written with underscores too.
func hyphened(name string) string { return strings.ReplaceAll(name, "_", "-") }

// read puts a value of the wanted kind into a map.
func read[V any](name string, value json.RawMessage, m *map[string]V, dialect string) error {
	var v V
	err := into(name, value, &v)
	put(m, dialect, v)
	return err
}

func put[V any](m *map[string]V, key string, value V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = value
}

// into decodes a text that was checked when the body was read.
func into(name string, value json.RawMessage, v any) error {
	if json.Unmarshal(value, v) != nil {
		return authority.E(authority.InvalidValue, clip(name)+" is of another kind").With("parameter", clip(name))
	}
	return nil
}
