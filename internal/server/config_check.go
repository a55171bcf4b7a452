package server

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"propusk/internal/audit"
	"propusk/internal/authority"
	"propusk/internal/dialect/ringme"
	"propusk/internal/dialect/smarts"
)

// check finds what no single value shows: ranges, and keys that contradict each
// other. The paths of c are resolved.
func (r *reader) check(c *Config) {
	r.checkDatabase(c.Database)
	r.checkListen(c.Listen)
	r.checkAnchor(c.Audit.Anchor)
	if (c.TLS.Certificate == "") != (c.TLS.Key == "") {
		r.bad("tls", "needs both certificate and key")
	}
	r.checkBaseURL("base_url.production", c.BaseURL.Production, c.BaseURL.AllowHTTP)
	r.checkBaseURL("base_url.test", c.BaseURL.Test, c.BaseURL.AllowHTTP)
	r.checkBaseURL("base_url.console", c.BaseURL.Console, c.BaseURL.AllowHTTP)
	if c.BaseURL.Console != "" && (c.BaseURL.Console == c.BaseURL.Production || c.BaseURL.Console == c.BaseURL.Test) {
		r.bad("base_url.console", "must be an origin of its own: what an API host serves must not reach people's sessions")
	}
	if c.BaseURL.Test != "" && c.BaseURL.Test == c.BaseURL.Production {
		r.bad("base_url.test", "must differ from base_url.production: each stand is an issuer of its own")
	}
	r.checkConsole(c.Console)
	r.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	r.oneOf("log.format", c.Log.Format, "json", "text")
	for name, d := range c.Dialects {
		r.checkDialect("dialects."+name, name, d)
	}
	r.checkLimits(c.Limits)
	r.checkTimes(c)
}

// bad files a problem of key, at its line or that of the section it lies in.
func (r *reader) bad(key, format string, args ...any) {
	at := key
	for {
		if line, ok := r.lines[at]; ok || at == "" {
			r.fail(line, key, format, args...)
			return
		}
		at = at[:max(strings.LastIndexByte(at, '.'), 0)]
	}
}

func (r *reader) checkDatabase(d Database) {
	r.oneOf("database.driver", d.Driver, "sqlite", "postgres")
	switch given := !d.DSN.Empty() || d.DSNFile != ""; {
	case d.Driver == "postgres" && !given:
		r.bad("database.dsn", "is needed with postgres (or database.dsn_file)")
	case d.Driver == "sqlite" && given:
		r.bad("database.dsn", "is for postgres; sqlite lies in the data folder")
	case !d.DSN.Empty() && d.DSNFile != "":
		r.bad("database.dsn_file", "and database.dsn exclude each other")
	}
}

func (r *reader) checkListen(l Listen) {
	type listener struct{ key, addr string }
	seen := map[string]string{}
	for _, a := range []listener{
		{"listen.production", l.Production}, {"listen.test", l.Test}, {"listen.console", l.Console}, {"listen.metrics", l.Metrics},
	} {
		if a.addr == off {
			continue
		}
		_, port, err := net.SplitHostPort(a.addr)
		if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
			r.bad(a.key, "must be host:port, such as 127.0.0.1:8080, or off")
			continue
		}
		if other, taken := seen[a.addr]; taken && port != "0" {
			r.bad(a.key, "has the address of %s", other)
		}
		seen[a.addr] = a.key
	}
	if l.Production == off && l.Test == off {
		r.bad("listen", "leaves no stand to serve: production and test are both off")
	}
}

func (r *reader) checkAnchor(a Anchor) {
	if _, err := audit.ParseSyslog(a.Syslog); err != nil && a.Syslog != "" {
		r.bad("audit.anchor.syslog", "%s", err)
	}
	r.within("audit.anchor.every_entries", a.Entries, 1, 1_000_000)
	r.span("audit.anchor.every", a.Every, seconds(5), hours(24))
}

func (r *reader) checkBaseURL(key, text string, allowHTTP bool) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Path+u.RawQuery+u.Fragment != "" ||
		(u.Scheme != "https" && u.Scheme != "http") {
		r.bad(key, "must be a scheme and a host, such as https://api.example.com, without a slash at its end")
		return
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) && !allowHTTP {
		r.bad(key, "must be https: tokens would cross the network readable (base_url.allow_http: true accepts it)")
	}
}

func (r *reader) checkDialect(key, name string, d Dialect) {
	r.oneOf(key+".algorithm", d.Algorithm, algorithms(name)...)
	r.span(key+".access_lifetime", d.AccessLifetime, seconds(60), hours(7*24))
	r.checkLongest(key+".access_lifetime", name, d)
	r.checkOwn(key, name, d)
	for _, h := range d.Hosts {
		if name, ok := authority.HostName(h); !ok || name != h {
			r.bad(key+".hosts", "must hold host names in lower case without a port, such as api.example.com")
		}
	}
	for _, o := range d.CORSOrigins {
		u, err := url.Parse(o)
		if o != "*" && (err != nil || u.Host == "" || u.Scheme+"://"+u.Host != o) {
			r.bad(key+".cors_origins", `must hold "*" or origins such as https://app.example.com`)
		}
	}
}

// The doors that can be shut.
const (
	doorQuery       = "query"
	doorPrintedHost = "printed_host"
)

// checkOwn is for keys that only some dialects have a use for.
func (r *reader) checkOwn(key, name string, d Dialect) {
	for _, door := range d.DoorsOff {
		if name != smarts.Name || door != doorQuery && door != doorPrintedHost {
			r.bad(key+".doors_off", "must hold doors of the dialect that can be shut; smarts has query and printed_host")
		}
	}
	r.within(key+".hourly_calls", d.HourlyCalls, 0, 1_000_000_000)
	if d.HourlyCalls > 0 && name != ringme.Name {
		r.bad(key+".hourly_calls", "is for ringme, whose documentation has such a counter")
	}
	if d.HTTPEvents && name != ringme.Name {
		r.bad(key+".http_events", "is for ringme, whose documentation has such events")
	}
}

// checkLongest keeps access tokens from living as long as what renews them (rule
// 8).
func (r *reader) checkLongest(key, name string, d Dialect) {
	for _, e := range registry() {
		if e.Name != name || d.AccessLifetime < seconds(60) || d.AccessLifetime > hours(7*24) {
			continue
		}
		if p := e.Profile(d); time.Duration(d.AccessLifetime) > p.LongestAccess() {
			r.bad(key, "must be shorter than the life of the refresh token, %s", Duration(p.Refresh.Lifetime))
		}
	}
}

// algorithms lists what may sign a dialect's tokens: its documentation says, or
// RFC 7518 where it leaves the choice.
func algorithms(dialect string) []string {
	switch dialect {
	case "hubex":
		return []string{"HS256"} // docs/dialects/hubex.md §1
	case "element":
		return []string{"RS512"} // docs/dialects/element.md §1
	case "ringme":
		return []string{""} // docs/dialects/ringme.md §1
	case "operator":
		return []string{"RS256"} // docs/dialects/operator.md §1
	case "smarts":
		return []string{""} // docs/dialects/smarts.md §1
	}
	return []string{"EdDSA", "RS256"}
}

func (r *reader) checkLimits(l Limits) {
	r.rate("limits.requests_per_credential.production", l.Requests.Production)
	r.rate("limits.requests_per_credential.test", l.Requests.Test)
	r.within("limits.refused_attempts.per_client_and_address", l.Refused.PerClientAndAddress, 1, 10_000)
	r.within("limits.refused_attempts.per_client", l.Refused.PerClient, 1, 100_000)
	r.span("limits.refused_attempts.window", l.Refused.Window, seconds(1), hours(24))
	r.within("limits.password_hashes_per_core", l.PasswordHashes, 1, 64)
	r.within("limits.live_grants_per_credential", l.LiveGrants, 1, 1_000_000)
	r.within("limits.audit_entries_per_minute", l.AuditEntries, 1, 100_000)
	r.within("limits.connections", l.Connections, 10, 1_000_000)
	r.size("limits.body", l.Body, 1<<10, 64<<20)
	r.size("limits.results", l.Results, 1<<20, 1<<40)
	r.size("limits.import", l.Import, 1<<20, 1<<40)
	r.size("limits.head", l.Head, 4<<10, 1<<20)
}

func (r *reader) checkTimes(c *Config) {
	hour := hours(1)
	r.span("timeouts.head", c.Timeouts.Head, seconds(1), hour)
	r.span("timeouts.read", c.Timeouts.Read, seconds(1), hour)
	r.span("timeouts.write", c.Timeouts.Write, seconds(1), hour)
	r.span("timeouts.idle", c.Timeouts.Idle, seconds(1), hour)
	r.span("revocation.lease", c.Revocation.Lease, seconds(1), seconds(30))
	r.span("shutdown_grace", c.ShutdownGrace, seconds(1), Duration(10*time.Minute))
}

func (r *reader) oneOf(key, value string, known ...string) {
	if !slices.Contains(known, value) {
		r.bad(key, "must be %s", strings.Join(known, " or "))
	}
}

func (r *reader) within(key string, value, low, high int) {
	if value < low || value > high {
		r.bad(key, "must be from %d to %d", low, high)
	}
}

func (r *reader) rate(key string, v Rate) {
	r.within(key+".per_second", v.PerSecond, 0, 100_000)
	r.within(key+".burst", v.Burst, 0, 1_000_000)
}

func (r *reader) span(key string, value, low, high Duration) {
	if value < low || value > high {
		r.bad(key, "must be from %s to %s", low, high)
	}
}

func (r *reader) size(key string, value, low, high Size) {
	if value < low || value > high {
		r.bad(key, "must be from %s to %s", low, high)
	}
}

// loopback reports whether host is this machine and nothing else.
func loopback(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") { // RFC 6761 §6.3
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// listing writes keys for a message.
func listing(keys []string) string { return strings.Join(keys, ", ") }

// Warnings lists what is allowed but seldom meant, a sentence each.
func (c Config) Warnings() []string {
	var out []string
	warn := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, a := range []struct{ key, addr string }{
		{"listen.production", c.Listen.Production}, {"listen.test", c.Listen.Test}, {"listen.console", c.Listen.Console},
	} {
		host, _, err := net.SplitHostPort(a.addr)
		if err == nil && !loopback(host) && c.TLS.Certificate == "" {
			warn("%s (%s) is open to the network in plain HTTP: set tls, or listen on 127.0.0.1 behind a proxy",
				a.key, a.addr)
		}
	}
	if host, _, err := net.SplitHostPort(c.Listen.Metrics); err == nil && !loopback(host) {
		warn("listen.metrics (%s) is open to the network: it tells how much is used, to anybody who asks", c.Listen.Metrics)
	}
	for _, u := range []string{c.BaseURL.Production, c.BaseURL.Test, c.BaseURL.Console} {
		if p, err := url.Parse(u); err == nil && p.Scheme == "http" && !loopback(p.Hostname()) {
			warn("base_url %s is plain HTTP: tokens cross the network readable", u)
		}
	}
	if c.exposed && !c.Database.DSN.Empty() {
		warn("the configuration file holds database.dsn and others can read it: chmod 600, or use database.dsn_file")
	}
	return out
}
