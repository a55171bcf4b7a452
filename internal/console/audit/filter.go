package audit

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"propusk/internal/admin"
	"propusk/internal/authority"
	"propusk/internal/console/page"
)

// The parameters that filter.
func filters() []string {
	return []string{
		"verb", "outcome", "dialect", "actor", "credential", "object", "door", "address", "request", "grant", "since", "until", "account",
	}
}

// clock is how a browser sends a time, without zone and seconds.
const clock = "2006-01-02T15:04"

// asked reads the filters of the address, and keeps them to be shown again.
func (a Area) asked(v *page.View) (q admin.AuditQuery, err error) {
	var pairs []string
	for _, name := range filters() {
		pairs = append(pairs, name, strings.TrimSpace(v.Query(name)))
	}
	v.Form = page.Filled(pairs...)
	of := v.Form.Value
	q = admin.AuditQuery{
		Verb: of("verb"), Object: of("object"), Outcome: authority.Outcome(of("outcome")), Dialect: of("dialect"), Door: of("door"),
		RequestID: of("request"), Whose: admin.Whose(of("account")),
	}
	if _, err := v.Chosen("outcome", string(authority.Done), string(authority.Refused)); err != nil {
		return q, err
	}
	if _, err := v.Chosen("account", string(admin.OwnEntries), string(admin.NobodysEntries)); err != nil {
		return q, err
	}
	if _, err := v.Chosen("dialect", a.dialects()...); err != nil {
		return q, err
	}
	for name, to := range map[string]*authority.ID{"actor": &q.Actor, "credential": &q.Credential, "grant": &q.Grant} {
		if *to, err = id(name, of(name)); err != nil {
			return q, err
		}
	}
	for name, to := range map[string]*time.Time{"since": &q.Since, "until": &q.Until} {
		if *to, err = moment(v, name); err != nil {
			return q, err
		}
	}
	if of("address") != "" {
		if q.Address, err = netip.ParseAddr(of("address")); err != nil {
			return q, authority.E(authority.InvalidValue, "that is no IP address").With("field", "address")
		}
	}
	if v.Query("after") != "" {
		q.Before, err = a.Core.ReadMark(v.Caller, place(v), v.Query("after"))
	}
	return q, err
}

func id(name, text string) (authority.ID, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, authority.E(authority.InvalidValue, "an id is a number").With("field", name)
	}
	return authority.ID(n), nil
}

// moment reads a time of the account's zone.
func moment(v *page.View, name string) (time.Time, error) {
	text := v.Form.Value(name)
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{clock, clock + ":05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, v.Zone()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, authority.E(authority.InvalidValue, "choose a day and a time").With("field", name)
}

// place names what the pages of the list are places in: the entries that the filters
// pick, and no others.
func place(v *page.View) string {
	q := url.Values{}
	for _, name := range filters() {
		if value := v.Form.Value(name); value != "" {
			q.Set(name, value)
		}
	}
	return marks + "?" + q.Encode()
}

func filtered(v *page.View) bool {
	for _, name := range filters() {
		if v.Query(name) != "" {
			return true
		}
	}
	return false
}

// choices fills in what the drop-down lists offer.
func (a Area) choices(v *page.View, data listed) listed {
	all := page.Option{Value: "", Label: v.Name("audit", "all")}
	data.Verbs, data.Outcomes = choosableVerbs(v), []page.Option{all}
	for _, o := range []authority.Outcome{authority.Done, authority.Refused} {
		data.Outcomes = append(data.Outcomes, page.Option{Value: string(o), Label: v.Name("audit.outcome", string(o))})
	}
	if admin.ReadsStrangers(v.Caller) {
		data.Whose = []page.Option{all}
		for _, w := range []admin.Whose{admin.OwnEntries, admin.NobodysEntries} {
			data.Whose = append(data.Whose, page.Option{Value: string(w), Label: v.Name("audit.account", string(w))})
		}
	}
	data.Dialects = []page.Option{all}
	for _, name := range a.dialects() {
		data.Dialects = append(data.Dialects, page.Option{Value: name, Label: v.Name("dialect", name)})
	}
	return data
}

// dialects are the names that entries may have one of.
func (a Area) dialects() (names []string) {
	for _, d := range a.Log.Dialects() {
		names = append(names, d.Name)
	}
	return append(names, page.Dialect)
}
