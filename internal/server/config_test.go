package server_test

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/server"
)

// load writes text to a file of its own and loads it.
func load(t *testing.T, text string) (server.Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "propusk.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return server.LoadConfig(file)
}

// problems loads text and writes what is wrong with it, "line key: text".
func problems(t *testing.T, text string) []string {
	t.Helper()
	_, err := load(t, text)
	if err == nil {
		return nil
	}
	var bad *server.ConfigError
	if !errors.As(err, &bad) {
		t.Fatalf("got %T (%v), want a ConfigError", err, err)
	}
	var out []string
	for _, p := range bad.Problems {
		out = append(out, fmt.Sprintf("%d %s: %s", p.Line, p.Key, p.Text))
	}
	return out
}

// B92: whatever is wrong is refused at start, with the key and its line.
func TestLoadConfigRefuses(t *testing.T) {
	const span = "must be a duration with its unit, such as 90s, 1h30m or 30d"
	tests := []struct{ name, text, want string }{
		{"unknown key", "data: x\n\nlimts: {}", "3 limts: unknown key; known here: archive, audit, base_url, console, data, "},
		{"unknown inner key", "limits:\n  bodies: 1MiB", "2 limits.bodies: unknown key; known here: audit_entries_per_minute, body, "},
		{"a provider without a client", "console: {provider: {issuer: 'https://login.example.com'}}", "1 console.provider.client_id: and client_secret_file are needed with an issuer"},
		{"a client without a provider", "console:\n  provider:\n    client_id: x", "2 console.provider.issuer: is needed with a client"},
		{"a provider in the clear", "console: {provider: {issuer: 'http://login.example.com', client_id: x, client_secret_file: y}}", "1 console.provider.issuer: must be an https address"},
		{"a long session", "console: {absolute: 8d}", "1 console.absolute: must be from 5m to 7d"},
		{"unknown dialect", "dialects:\n  sip: {}", "2 dialects.sip: unknown key; known here: element, hubex, oauth, operator, ringme, smarts"},
		{"a door that cannot be shut", "dialects: {smarts: {doors_off: [refresh]}}", "1 dialects.smarts.doors_off: must hold doors of the dialect that can be shut"},
		{"key in another case", "Data: x", "1 Data: unknown key"},
		{"merge key", "log:\n  <<: {level: warn}", "2 log.<<: unknown key"},
		{"repeated", "data: x\ndata: y", "2 data: repeated; first at line 1"},
		{"repeated inner", "log: {level: warn}\ndata: x\nlog: {level: warn}", "3 log: repeated; first at line 1"},
		{"section as text", "log: debug", "1 log: must hold keys: format, level"},
		{"list as file", "- data", "1 : must hold keys: archive, audit, base_url"},
		{"text as number", "limits:\n  connections: many", "2 limits.connections: must be a whole number"},
		{"fraction", "limits:\n  connections: 10.5", "2 limits.connections: must be a whole number"},
		{"number too large", "limits:\n  connections: 100000000000000000000", "2 limits.connections: must be a whole number"},
		{"number as text", "data: 5", "1 data: must be text"},
		{"text as truth", "base_url:\n  allow_http: maybe", "2 base_url.allow_http: must be true or false"},
		{"yes as truth", "base_url:\n  allow_http: \"true\"", "2 base_url.allow_http: must be true or false"},
		{"text as list", "trusted_proxies: 10.0.0.1", "1 trusted_proxies: must be a list, such as [a, b]"},
		{"list as text", "data: [x]", "1 data: must be text"},
		{"list as duration", "shutdown_grace: [5s]", "1 shutdown_grace: must be one value"},
		{"proxy", "trusted_proxies:\n- 10.0.0.0/8\n- example.com", "3 trusted_proxies: must be a network"},
		{"lifetime 0", "dialects:\n  hubex:\n    access_lifetime: 0", "3 dialects.hubex.access_lifetime: must be from 1m to 7d"},
		{"lifetime of a refresh token", "dialects:\n  operator:\n    access_lifetime: 25h", "3 dialects.operator.access_lifetime: must be shorter than the life of the refresh token, 25h"},
		{"lifetime over a refresh token's", "dialects:\n  operator:\n    access_lifetime: 2d", "3 dialects.operator.access_lifetime: must be shorter"},
		{"hourly calls of another", "dialects:\n  hubex:\n    hourly_calls: 1", "3 dialects.hubex.hourly_calls: is for ringme"},
		{"hourly calls", "dialects:\n  ringme:\n    hourly_calls: -1", "3 dialects.ringme.hourly_calls: must be from 0 to 1000000000"},
		{"lifetime -1", "dialects:\n  hubex:\n    access_lifetime: -1", "3 dialects.hubex.access_lifetime: " + span},
		{"lifetime -1s", "dialects:\n  hubex:\n    access_lifetime: -1s", "3 dialects.hubex.access_lifetime: must be from 1m to 7d"},
		{"lifetime 10^20", "dialects:\n  hubex:\n    access_lifetime: 100000000000000000000", "3 dialects.hubex.access_lifetime: " + span},
		{"lifetime 1h30", "dialects:\n  hubex:\n    access_lifetime: \"1h30\"", "3 dialects.hubex.access_lifetime: " + span},
		{"lifetime without unit", "revocation:\n  lease: 5", "2 revocation.lease: " + span},
		{"many days", "shutdown_grace: 99999999999d", "1 shutdown_grace: " + span},
		{"lease", "revocation:\n  lease: 31s", "2 revocation.lease: must be from 1s to 30s"},
		{"size", "limits:\n  body: 1MB", "2 limits.body: must be a number of bytes, such as 65536, 64KiB or 1MiB"},
		{"size range", "limits:\n  body: 65MiB", "2 limits.body: must be from 1KiB to 64MiB"},
		{"driver", "database:\n  driver: mysql", "2 database.driver: must be sqlite or postgres"},
		{"postgres alone", "database:\n  driver: postgres", "1 database.dsn: is needed with postgres (or database.dsn_file)"},
		{"sqlite with dsn", "database:\n  dsn: postgres://x", "2 database.dsn: is for postgres; sqlite lies in the data folder"},
		{"dsn twice", "database:\n  driver: postgres\n  dsn: a\n  dsn_file: b", "4 database.dsn_file: and database.dsn exclude each other"},
		{"no port", "listen:\n  production: localhost", "2 listen.production: must be host:port"},
		{"large port", "listen:\n  test: 127.0.0.1:99999", "2 listen.test: must be host:port"},
		{"one address", "listen:\n  test: 127.0.0.1:8080", "2 listen.test: has the address of listen.production"},
		{"nothing to serve", "listen: {production: off, test: off}", "1 listen: leaves no stand to serve"},
		{"half of tls", "tls:\n  key: k.pem", "1 tls: needs both certificate and key"},
		{"public http", "base_url:\n  production: http://api.example.com", "2 base_url.production: must be https"},
		{"loopback look-alike", "base_url:\n  production: http://127.0.0.1.example.com", "2 base_url.production: must be https"},
		{"url with path", "base_url:\n  production: https://api.example.com/", "2 base_url.production: must be a scheme and a host"},
		{"url with password", "base_url:\n  production: https://a:b@example.com", "2 base_url.production: must be a scheme and a host"},
		{"one issuer", "base_url:\n  production: https://a.example\n  test: https://a.example", "3 base_url.test: must differ"},
		{"algorithm", "dialects:\n  oauth:\n    algorithm: none", "3 dialects.oauth.algorithm: must be EdDSA or RS256"},
		{"hubex algorithm", "dialects:\n  hubex:\n    algorithm: RS256", "3 dialects.hubex.algorithm: must be HS256"},
		{"origin", "dialects:\n  hubex:\n    cors_origins: [app.example.com]", "3 dialects.hubex.cors_origins: must hold"},
		{"level", "log:\n  level: loud", "2 log.level: must be debug or info or warn or error"},
		{"broken YAML", "data: x\n  log: [", "2 : "},
		{"two documents", "data: x\n---\ndata: y", "0 : must be one YAML document"},
		{"large", strings.Repeat("# padding\n", 1<<17), "0 : larger than 1 MiB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := problems(t, test.text)
			if len(got) != 1 || !strings.HasPrefix(got[0], test.want) {
				t.Errorf("got %q, want one that starts with %q", got, test.want)
			}
		})
	}
}

// Everything that is wrong is told at once, in the order of the file.
func TestLoadConfigTellsAll(t *testing.T) {
	got := problems(t, "log:\n  level: 5\nlisen: {}\nlimits:\n  head: big\n")
	want := []string{
		"2 log.level: must be text",
		"3 lisen: unknown key; known here: archive, audit, base_url, console, data, database, deployment_key, dialects, explorer, limits, listen, log, " +
			"recordings, revocation, shutdown_grace, timeouts, tls, trusted_proxies",
		"5 limits.head: must be a number of bytes, such as 65536, 64KiB or 1MiB",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadConfigErrorText(t *testing.T) {
	_, err := load(t, "data: x\nlog: {level: loud}\n")
	if want := "propusk.yaml:2: log.level: must be debug or info or warn or error"; !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %q, want a text that ends in %q", err, want)
	}
}

func TestLoadConfigMissingFile(t *testing.T) {
	if _, err := server.LoadConfig(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want os.ErrNotExist", err)
	}
}

func TestLoadConfigReads(t *testing.T) {
	c, err := load(t, `
data: /srv/propusk
database: {driver: postgres, dsn_file: dsn}
listen: {production: ":443", test: off, console: off, metrics: "[::1]:0"}
tls: {certificate: tls/cert.pem, key: tls/key.pem}
base_url: {production: https://api.example.com}
trusted_proxies: [10.1.2.3/8, "::1", "::ffff:192.0.2.1"]
dialects:
  hubex: {access_lifetime: 30m, cors_origins: []}
  oauth: {enabled: false}
limits: {body: 2MiB, requests_per_credential: {production: {per_second: 50}}}
shutdown_grace: 1m30s
revocation:
`)
	if err != nil {
		t.Fatal(err)
	}
	base := filepath.Dir(c.Database.DSNFile)
	want := server.Defaults()
	want.Data = "/srv/propusk"
	want.Database = server.Database{Driver: "postgres", DSNFile: filepath.Join(base, "dsn")}
	want.Listen = server.Listen{Production: ":443", Test: "off", Console: "off", Metrics: "[::1]:0"}
	want.TLS = server.TLS{Certificate: filepath.Join(base, "tls/cert.pem"), Key: filepath.Join(base, "tls/key.pem")}
	want.BaseURL.Production = "https://api.example.com"
	for _, p := range []string{"10.0.0.0/8", "::1/128", "192.0.2.1/32"} {
		want.TrustedProxies = append(want.TrustedProxies, server.Network(netip.MustParsePrefix(p)))
	}
	want.Dialects["hubex"] = server.Dialect{
		Enabled: true, Algorithm: "HS256", AccessLifetime: server.Duration(30 * time.Minute), Hosts: []string{},
		DoorsOff: []string{}, CORSOrigins: []string{},
	}
	off := want.Dialects["oauth"]
	off.Enabled = false
	want.Dialects["oauth"] = off
	want.Limits.Body = 2 << 20
	want.Limits.Requests.Production.PerSecond = 50
	want.ShutdownGrace = server.Duration(90 * time.Second)
	if diff := cmp.Diff(want, c, comparers()); diff != "" {
		t.Error(diff)
	}
}

// comparers lets go-cmp look at types that keep their fields to themselves.
func comparers() cmp.Option {
	return cmp.Options{
		cmp.AllowUnexported(server.Config{}, authority.Secret{}),
		cmp.Comparer(func(a, b server.Network) bool { return a == b }),
	}
}

// An absent key, an empty one and an empty file mean the defaults.
func TestLoadConfigEmpty(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n", "limits:\nlog: {level: }\ndata: \"\"\n"} {
		got, err := load(t, text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		got.Data = server.Defaults().Data // resolved against the file
		if diff := cmp.Diff(server.Defaults(), got, comparers()); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
	if got, err := server.LoadConfig(""); err != nil || cmp.Diff(server.Defaults(), got, comparers()) != "" {
		t.Errorf("no file: got %v, %v", got, err)
	}
}

func TestConfigFiles(t *testing.T) {
	c, err := load(t, "data: d\ndatabase: {driver: postgres, dsn_file: dsn}")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.DeploymentKeyFile(), filepath.Join(c.Data, "deployment.key"); got != want {
		t.Errorf("key: got %s, want %s", got, want)
	}
	if _, err := c.DatabaseDSN(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want os.ErrNotExist", err)
	}
	if err := os.WriteFile(c.Database.DSNFile, []byte("postgres://u:p@h/d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	dsn, err := c.DatabaseDSN()
	if err != nil || dsn.Reveal() != "postgres://u:p@h/d" {
		t.Errorf("got %q, %v", dsn.Reveal(), err)
	}
}

// B68: however a configuration is printed, the password in it is not.
func TestConfigNeverPrintsDSN(t *testing.T) {
	c, err := load(t, "database: {driver: postgres, dsn: 'postgres://u:canary@h/d'}")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, c); strings.Contains(text, "canary") {
			t.Errorf("%s prints the password: %s", verb, text)
		}
	}
}

func TestWarnings(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"defaults", "", ""},
		{"behind a proxy", "listen: {production: 127.0.0.1:80}\nbase_url: {production: https://a.example}", ""},
		{"with tls", "listen: {production: ':443'}\ntls: {certificate: c, key: k}", ""},
		{"open", "listen: {production: ':80'}", "listen.production (:80) is open to the network in plain HTTP"},
		{"open metrics", "listen: {metrics: '0.0.0.0:9090'}", "listen.metrics (0.0.0.0:9090) is open"},
		{"http", "base_url: {production: 'http://a.example', allow_http: true}", "base_url http://a.example is plain HTTP"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := load(t, test.text)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(c.Warnings(), "\n")
			if got != test.want && (test.want == "" || !strings.HasPrefix(got, test.want)) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWarnsOfReadableDSN(t *testing.T) {
	file := filepath.Join(t.TempDir(), "propusk.yaml")
	if err := os.WriteFile(file, []byte("database: {driver: postgres, dsn: 'postgres://u:p@h/d'}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[os.FileMode]int{0o600: 0, 0o640: 1, 0o604: 1} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		c, err := server.LoadConfig(file)
		if err != nil || len(c.Warnings()) != want {
			t.Errorf("mode %o: got %q, %v, want %d warnings", mode, c.Warnings(), err, want)
		}
	}
}

// No file makes LoadConfig panic, or give a configuration that it would refuse
// had it been written in full.
func FuzzLoadConfig(f *testing.F) {
	for _, seed := range []string{
		"", "data: x", "limits: {body: 1MiB}", "a: &a [*a]", "log: &l {level: warn}\nlimits: *l", "? [x]\n: y", "- \n",
		"dialects: {hubex: {access_lifetime: 1h30m}}", "trusted_proxies: [::1, 10.0.0.0/8]", "!!binary aGk=",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := filepath.Join(t.TempDir(), "propusk.yaml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := server.LoadConfig(file)
		var bad *server.ConfigError
		if err != nil && !errors.As(err, &bad) {
			t.Errorf("got %T, want a ConfigError", err)
		}
		if err == nil && (c.Revocation.Lease < server.Duration(time.Second) || c.Limits.Body < 1<<10) {
			t.Errorf("accepted %+v", c)
		}
	})
}
