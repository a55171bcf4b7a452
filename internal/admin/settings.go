package admin

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are the same on every machine

	"propusk/internal/authority"
)

// Bounds of an access token's lifetime that an account may choose.
const (
	minLifetime = time.Minute
	maxLifetime = 30 * 24 * time.Hour
)

// SettingsPatch changes some of an account's settings. A nil field, and a
// dialect that a map does not name, stay as they are; a zero value in a map
// goes back to the default.
type SettingsPatch struct {
	AccessLifetime   map[string]time.Duration
	AcceptTokensFrom map[string][]string
	TimeZone         *string
	Strict           map[string]bool
	Guest            map[string]bool // true switches a dialect's authorization off
	Shape            map[string]string
	DoorsOff         map[string][]string // ways in that are shut
	Clients          map[string]bool     // true takes passwords through registered applications alone
	Retention        RetentionPatch
}

// RetentionPatch changes how many days the account keeps what it has gathered;
// nil = as it is, 0 = for ever.
type RetentionPatch struct{ Calls, Recordings, Results, Audit *int }

// Most days that an account may ask for. Answers of the operator's API are kept
// no longer than documented: docs/dialects/operator.md
const (
	maxKept    = 36500
	maxResults = 7
)

// each names the parts of the patch, and of the settings they change.
func (p RetentionPatch) each(s *authority.Retention, fn func(name string, from, to *int)) {
	fn("retention.calls", p.Calls, &s.Calls)
	fn("retention.recordings", p.Recordings, &s.Recordings)
	fn("retention.results", p.Results, &s.Results)
	fn("retention.audit", p.Audit, &s.Audit)
}

func (p RetentionPatch) check() (err error) {
	p.each(&authority.Retention{}, func(name string, from, _ *int) {
		if from != nil && (*from < 0 || *from > maxKept) {
			err = invalid(name, "must be days from 1 to "+strconv.Itoa(maxKept)+", or 0 for ever")
		}
	})
	if p.Results != nil && (*p.Results < 0 || *p.Results > maxResults) {
		return invalid("retention.results", "must be days from 1 to "+strconv.Itoa(maxResults)+", or 0 as documented")
	}
	return err
}

// Leaving is what a shorter retention deletes for good: what of the retention, and
// of what age in days.
type Leaving struct {
	What string // calls, recordings, results or audit
	Days int
}

// Shortens lists what p has leave sooner than r has it; nil for a patch that would
// be refused.
func (p RetentionPatch) Shortens(r authority.Retention) (out []Leaving) {
	if p.check() != nil {
		return nil
	}
	if r.Results == 0 {
		r.Results = maxResults
	}
	p.each(&r, func(name string, from, to *int) {
		if from != nil && *from > 0 && (*to == 0 || *from < *to) {
			out = append(out, Leaving{strings.TrimPrefix(name, "retention."), *from})
		}
	})
	return out
}

// apply gives the settings as the patch leaves them. s is not changed.
func (p SettingsPatch) apply(s authority.Settings) authority.Settings {
	s.AccessLifetime = merge(s.AccessLifetime, p.AccessLifetime, func(d time.Duration) bool { return d == 0 })
	s.AcceptTokensFrom = merge(s.AcceptTokensFrom, p.AcceptTokensFrom, func(l []string) bool { return len(l) == 0 })
	s.Strict = merge(s.Strict, p.Strict, func(on bool) bool { return !on })
	s.Guest = merge(s.Guest, p.Guest, func(on bool) bool { return !on })
	s.DoorsOff = merge(s.DoorsOff, p.DoorsOff, func(l []string) bool { return len(l) == 0 })
	s.Clients = merge(s.Clients, p.Clients, func(on bool) bool { return !on })
	s.Shape = merge(s.Shape, p.Shape, func(shape string) bool { return shape == "" })
	if p.TimeZone != nil {
		s.TimeZone = *p.TimeZone
	}
	p.Retention.each(&s.Retention, func(_ string, from, to *int) {
		if from != nil {
			*to = *from
		}
	})
	return s
}

// merge lays patch over base; what is off goes.
func merge[V any](base, patch map[string]V, off func(V) bool) map[string]V {
	if len(patch) == 0 {
		return base
	}
	out := make(map[string]V, len(base)+len(patch))
	maps.Copy(out, base)
	maps.Copy(out, patch)
	maps.DeleteFunc(out, func(_ string, v V) bool { return off(v) })
	return out
}

// check gives InvalidValue for the first thing that is wrong.
func (s *Service) checkSettings(p SettingsPatch) error {
	for _, dialect := range slices.Concat(keysOf(p.AccessLifetime), keysOf(p.AcceptTokensFrom), keysOf(p.Strict), keysOf(p.Guest), keysOf(p.Shape), keysOf(p.DoorsOff), keysOf(p.Clients)) {
		if !s.has(dialect) {
			return invalid(dialect, "is no dialect of this server")
		}
	}
	for _, d := range p.AccessLifetime {
		if d != 0 && (d < minLifetime || d > maxLifetime || d%time.Second != 0) {
			return invalid("access-lifetime", "must be whole seconds between 1 minute and 30 days, or 0 for the default")
		}
	}
	for dialect, from := range p.AcceptTokensFrom {
		if slices.Contains(from, dialect) || slices.ContainsFunc(from, func(d string) bool { return !s.has(d) }) {
			return invalid("accept-tokens-from", "must name other dialects of this server")
		}
	}
	if err := p.Retention.check(); err != nil {
		return err
	}
	return s.checkWords(p)
}

func (s *Service) checkWords(p SettingsPatch) error {
	for _, d := range s.dialects {
		if d.LongestAccess > 0 && p.AccessLifetime[d.Name] > d.LongestAccess {
			return invalid("access-lifetime", "must be shorter than the life of a refresh token of "+d.Name)
		}
		if shape := p.Shape[d.Name]; shape != "" && !slices.Contains(d.Shapes, shape) {
			return invalid("shape", "is not known to "+d.Name)
		}
		if p.Guest[d.Name] && !d.Guests {
			return invalid("guest", "cannot be switched on for "+d.Name)
		}
		if slices.ContainsFunc(p.DoorsOff[d.Name], func(door string) bool { return !slices.Contains(d.Doors, door) }) {
			return invalid("doors_off", "must name ways into "+d.Name+" that can be shut")
		}
		if p.Clients[d.Name] && len(d.Doors) == 0 {
			return invalid("clients", "cannot be switched on for "+d.Name)
		}
	}
	if p.TimeZone == nil || *p.TimeZone == "" {
		return nil
	}
	if _, err := time.LoadLocation(*p.TimeZone); err != nil || *p.TimeZone == "Local" {
		return invalid("time-zone", "must be an IANA name, such as Europe/Moscow")
	}
	return nil
}

func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// ChangeSettings patches the settings of the caller's account.
func (s *Service) ChangeSettings(ctx context.Context, c authority.Caller, p SettingsPatch) (authority.Account, error) {
	id, err := inside(c, SettingsManage)
	if err != nil {
		return authority.Account{}, err
	}
	if err := s.checkSettings(p); err != nil {
		return authority.Account{}, err
	}
	return s.changeAccount(ctx, c, act{SettingsManage, "settings.change", "account", id}, AccountEdit{Settings: &p})
}
