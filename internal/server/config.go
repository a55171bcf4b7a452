package server

import (
	"time"

	"propusk/internal/authority"
	"propusk/internal/signin"
)

// Config is the whole configuration of `propusk serve`, as its YAML file has
// it. Defaults makes one, LoadConfig reads one; `propusk config describe`
// prints this file's comments beside the defaults. A key that is left out, or
// left empty, means its default. Paths that are not absolute start at the
// folder of the configuration file.
type Config struct {
	// Data is the folder that holds the database, the keys and the socket of
	// the command line. It is made, with mode 0700, when it is missing.
	Data string `yaml:"data"`
	// Database says where everything is stored.
	Database Database `yaml:"database"`
	// DeploymentKey is the key under which all other keys lie sealed.
	DeploymentKey DeploymentKey `yaml:"deployment_key"`
	// Recordings says where recordings of calls lie.
	Recordings Recordings `yaml:"recordings"`
	// Archive takes what accounts do not keep any longer.
	Archive Archive `yaml:"archive"`
	// Audit says how it can be proven that the audit is what was written.
	Audit Audit `yaml:"audit"`
	// Listen holds the addresses, as host:port. "off" switches a listener off.
	Listen Listen `yaml:"listen"`
	// TLS makes the listeners of both stands speak HTTPS (1.2 and later,
	// HTTP/2). If empty: plain HTTP, right for loopback and behind a proxy.
	TLS TLS `yaml:"tls"`
	// BaseURL is how clients reach each stand from outside. It is the issuer
	// in tokens and metadata, so changing it makes former tokens foreign.
	BaseURL BaseURL `yaml:"base_url"`
	// TrustedProxies lists the networks (10.0.0.0/8) and addresses of proxies
	// whose X-Forwarded-For, X-Forwarded-Proto and Forwarded are believed. If
	// empty: nobody's.
	TrustedProxies []Network `yaml:"trusted_proxies"`
	// Console says how people sign in to the web console.
	Console Console `yaml:"console"`
	// Log says what is written to standard error: one line an event.
	Log Log `yaml:"log"`
	// Dialects holds, by name, what can be set of each documented API.
	Dialects map[string]Dialect `yaml:"dialects"`
	// Explorer is the documentation of the dialects, with a page that runs their
	// methods, at /explorer/ of each stand.
	Explorer Explorer `yaml:"explorer"`
	// Limits bounds what one client, one address and one request may take.
	Limits Limits `yaml:"limits"`
	// Timeouts cuts connections that are slow or idle.
	Timeouts Timeouts `yaml:"timeouts"`
	// Revocation says how revocations reach every node.
	Revocation Revocation `yaml:"revocation"`
	// ShutdownGrace is how long a stop waits for accepted requests, 1s to 10m.
	ShutdownGrace Duration `yaml:"shutdown_grace"`

	// exposed: others than the owner may read the file it came from.
	exposed bool
}

// Explorer is the documentation of the dialects. It is public and holds no
// secret.
type Explorer struct {
	// Enabled serves it.
	Enabled bool `yaml:"enabled"`
}

// Database picks one of the two engines.
type Database struct {
	// Driver is sqlite (one machine, in the data folder) or postgres.
	Driver string `yaml:"driver"`
	// DSN is the address of PostgreSQL, such as
	// postgres://propusk@db.internal/propusk. If empty: taken from dsn_file.
	// With sqlite it stays empty.
	DSN authority.Secret `yaml:"dsn"`
	// DSNFile is a file that holds the DSN, for a password that does not
	// belong in this one. If empty: dsn is used.
	DSNFile string `yaml:"dsn_file"`
}

// DeploymentKey says where the key of keys is.
type DeploymentKey struct {
	// File holds 32 random bytes in base64; its mode must be 0600. If empty:
	// deployment.key in the data folder, made at the first start. Back it up
	// apart from the database: neither opens without the other.
	File string `yaml:"file"`
}

// Recordings says where recordings of calls lie.
type Recordings struct {
	// Folder holds a file for each recording, under names that say nothing. It
	// belongs to this deployment alone: files in it that no recording names
	// are deleted. Back it up after the database. If empty: recordings in the
	// data folder.
	Folder string `yaml:"folder"`
	// LAME is the program that makes mp3 of recordings that are wav, for the API
	// that gives mp3 alone: a name that is looked for in PATH, or a path. What it
	// makes is kept in the folder too. "off": such a recording is 406 there. If
	// empty: lame, where it is installed.
	LAME string `yaml:"lame"`
}

// Archive takes what accounts do not keep any longer: calls, recordings, audit.
type Archive struct {
	// Folder takes it as JSON lines and sound files, a folder for each account,
	// before it is deleted. It grows for ever; each process needs its own. If
	// empty: what an account does not keep is deleted.
	Folder string `yaml:"folder"`
}

// Audit says how the audit is proven: see propusk audit verify.
type Audit struct {
	// Anchor tells a place outside, every now and then, where the audit ends.
	// Only an anchor shows that the newest entries were cut off.
	Anchor Anchor `yaml:"anchor"`
}

// Anchor is a line with position, time and seal of the newest entry.
type Anchor struct {
	// File takes the lines, one after the other. It should lie where this
	// program can add but not change: chattr +a, or another machine. If empty:
	// none.
	File string `yaml:"file"`
	// Syslog is the address of a syslog daemon: unix:///dev/log, or
	// udp://log.internal:514. If empty: none.
	Syslog string `yaml:"syslog"`
	// Entries is how many entries are written between two anchors at most, 1 to
	// 1000000; this is checked every few seconds.
	Entries int `yaml:"every_entries"`
	// Every is how long there is none at most while entries are written, 5s to
	// 24h.
	Every Duration `yaml:"every"`
}

// Listen holds the addresses of the listeners.
type Listen struct {
	// Production is the production stand's.
	Production string `yaml:"production"`
	// Test is the test stand's: separate data, secrets and keys.
	Test string `yaml:"test"`
	// Console is that of the web console: pages for people, on an origin of their
	// own.
	Console string `yaml:"console"`
	// Metrics serves /metrics, /livez and /readyz in plain HTTP, for the
	// operator's own network only.
	Metrics string `yaml:"metrics"`
}

// TLS names a certificate and its key. Both files are read again on SIGHUP and
// when they change; a pair that does not fit leaves the former one in use.
type TLS struct {
	// Certificate is a PEM file: the certificate, then its intermediates.
	Certificate string `yaml:"certificate"`
	// Key is the certificate's private key, a PEM file with mode 0600.
	Key string `yaml:"key"`
}

// BaseURL holds the outside address of each stand, without a path.
type BaseURL struct {
	// Production is such as https://api.example.com. If empty: the address
	// it listens on.
	Production string `yaml:"production"`
	// Test is the test stand's, another one. If empty: as with production.
	Test string `yaml:"test"`
	// Console is the outside address that people open in a browser. Passkeys and
	// a company's sign-in are bound to it. If empty: the console answers under the
	// names of this machine only.
	Console string `yaml:"console"`
	// AllowHTTP accepts http addresses that are not loopback. Tokens then
	// cross the network readable, so this is for closed networks alone.
	AllowHTTP bool `yaml:"allow_http"`
}

// Console says how people sign in to the web console.
type Console struct {
	// Idle is how long a session may lie unused, 1m to 24h.
	Idle Duration `yaml:"idle"`
	// Absolute is how long a session lasts at most, 5m to 7d.
	Absolute Duration `yaml:"absolute"`
	// Provider lets people sign in with their company's account.
	Provider Provider `yaml:"provider"`
}

// Provider is an OpenID Connect provider that this console is registered with,
// as a client with a secret. The addresses to register are base_url.console and
// /sign-in/return, and for the test stand /test/sign-in/return. Users are not
// made by it: somebody whom it knows comes in as the user with his login here.
type Provider struct {
	// Issuer is the provider's address, such as https://login.example.com. If
	// empty: people sign in here alone.
	Issuer string `yaml:"issuer"`
	// ClientID is the name that this console has at the provider. If empty: there is
	// no provider.
	ClientID string `yaml:"client_id"`
	// ClientSecretFile is a file that holds its secret; its mode should be 0600. If
	// empty: there is no provider.
	ClientSecretFile string `yaml:"client_secret_file"`
	// Name is on the button. If empty: the issuer's host.
	Name string `yaml:"name"`
	// Login says which word of the provider is a user's login: email, which the
	// provider must have verified, or preferred_username.
	Login string `yaml:"login"`
	// Contracts lists the accounts, by contract number, whose users come in this
	// way. If empty: all. Whoever manages users in such an account can make one
	// with the login of anybody whom the provider knows.
	Contracts []string `yaml:"contracts"`
}

// Log picks what is written and how.
type Log struct {
	// Level is debug, info, warn or error: the least that is written.
	Level string `yaml:"level"`
	// Format is json or text.
	Format string `yaml:"format"`
}

// Dialect holds what an operator may set of one documented API.
type Dialect struct {
	// Enabled mounts the dialect's paths. Switched off, they are not found.
	Enabled bool `yaml:"enabled"`
	// Algorithm signs its tokens. element: RS512. hubex: HS256. operator: RS256.
	// oauth: EdDSA or RS256. If empty:
	// they are opaque.
	Algorithm string `yaml:"algorithm"`
	// AccessLifetime is how long an access token lives, 1m to 7d, where the
	// account sets nothing else.
	AccessLifetime Duration `yaml:"access_lifetime"`
	// Hosts binds the dialect to host names of its own: its paths are served
	// there and nowhere else, and nothing else is served there but what is bound
	// to the same name. If empty: every name that is nobody's own.
	Hosts []string `yaml:"hosts"`
	// DoorsOff shuts ways in that are documented and weak. smarts: query (the
	// password in the address), printed_host (a path in the Host field). If
	// empty: all are open.
	DoorsOff []string `yaml:"doors_off"`
	// HourlyCalls is how many calls an hour the applications of one account have
	// together, 0 to 1000000000. Over it: 429. ringme alone counts them; 0: no
	// limit.
	HourlyCalls int `yaml:"hourly_calls"`
	// HTTPEvents lets production accounts name http addresses that want to hear
	// of calls; whoever is on the way can read who called whom. ringme alone; the
	// test stand takes them always.
	HTTPEvents bool `yaml:"http_events"`
	// CORSOrigins lists the origins whose pages may call it from a browser:
	// "*" for any, [] for none.
	CORSOrigins []string `yaml:"cors_origins"`
}

// Limits bounds what clients may take.
type Limits struct {
	// Requests is the rate of requests of one credential.
	Requests StandRates `yaml:"requests_per_credential"`
	// Refused counts refused sign-ins and token requests. Only refused ones
	// count; a success starts anew.
	Refused Refused `yaml:"refused_attempts"`
	// PasswordHashes is how many passwords are checked at once per core, 1 to
	// 64. Over it: 503 with Retry-After.
	PasswordHashes int `yaml:"password_hashes_per_core"`
	// LiveGrants is how many live grants one credential holds, 1 to 1000000.
	// One more ends the one that was unused for longest.
	LiveGrants int `yaml:"live_grants_per_credential"`
	// AuditEntries is how many routine entries of one credential are written
	// one by one each minute; further ones are gathered into counted entries.
	AuditEntries int `yaml:"audit_entries_per_minute"`
	// Body is the largest body of a request, 1KiB to 64MiB. Over it: 413.
	Body Size `yaml:"body"`
	// Results is how much the answers of one account may take that can be asked
	// for again by their hash, 1MiB to 1048576MiB. Over it the oldest leave before
	// their 7 days are over.
	Results Size `yaml:"results"`
	// Import is the largest file that users import in the console, 1MiB to
	// 1048576MiB. Over it: 413. While it is imported the file lies in the folder
	// "incoming" of the data folder, encrypted under a key that lives in memory.
	Import Size `yaml:"import"`
	// Head is the largest head of a request, 4KiB to 1MiB. Over it: 431.
	Head Size `yaml:"head"`
	// Connections is how many connections one listener holds, 10 to 1000000.
	Connections int `yaml:"connections"`
}

// StandRates is a rate for each stand.
type StandRates struct {
	// Production has no limit unless one is set.
	Production Rate `yaml:"production"`
	// Test has one, so that integrators meet 429 before they go live.
	Test Rate `yaml:"test"`
}

// Rate is a steady rate with room for bursts.
type Rate struct {
	// PerSecond is the steady rate, to 100000. 0: no limit.
	PerSecond int `yaml:"per_second"`
	// Burst is how many may come at once. If 0: as many as per_second.
	Burst int `yaml:"burst"`
}

// Refused bounds guessing.
type Refused struct {
	// PerClientAndAddress is how many one login or client may have from one
	// address in a window, 1 to 10000.
	PerClientAndAddress int `yaml:"per_client_and_address"`
	// PerClient is how many one login or client may have from all addresses
	// together, 1 to 100000.
	PerClient int `yaml:"per_client"`
	// Window is the span they are counted in, 1s to 24h.
	Window Duration `yaml:"window"`
}

// Timeouts cuts what takes too long, each 1s to 1h.
type Timeouts struct {
	// Head is for the head of a request.
	Head Duration `yaml:"head"`
	// Read is for a whole request.
	Read Duration `yaml:"read"`
	// Write is for the answer.
	Write Duration `yaml:"write"`
	// Idle is for the pause between two requests of one connection.
	Idle Duration `yaml:"idle"`
}

// Revocation says how far behind a node may be.
type Revocation struct {
	// Lease is how long a node goes on verifying without the database, and how
	// long a dead node holds up one revocation, 1s to 30s.
	Lease Duration `yaml:"lease"`
}

// off switches a listener off.
const off = "off"

// Defaults gives the configuration of an empty file.
func Defaults() Config {
	return Config{
		Data:     "propusk-data",
		Database: Database{Driver: "sqlite"},
		Audit:    Audit{Anchor: Anchor{Entries: 1000, Every: Duration(10 * time.Minute)}},
		Listen: Listen{
			Production: "127.0.0.1:8080", Test: "127.0.0.1:8081", Console: "127.0.0.1:8090", Metrics: "127.0.0.1:9090",
		},
		TrustedProxies: []Network{},
		Console: Console{
			Idle: Duration(30 * time.Minute), Absolute: Duration(sessionLife),
			Provider: Provider{Login: signin.MatchEmail, Contracts: []string{}},
		},
		Log: Log{Level: "info", Format: "json"},
		Dialects: map[string]Dialect{
			"element":  documented("RS512", hours(1)),
			"hubex":    documented("HS256", hours(24)),
			"oauth":    documented("EdDSA", hours(1)),
			"operator": documented("RS256", hours(24)),
			"ringme":   counted(documented("", hours(1)), 36_000),
			"smarts":   documented("", hours(24)),
		},
		Explorer:      Explorer{Enabled: true},
		Limits:        defaultLimits(),
		Timeouts:      Timeouts{Head: seconds(10), Read: seconds(60), Write: seconds(60), Idle: seconds(120)},
		Revocation:    Revocation{Lease: seconds(1)},
		ShutdownGrace: seconds(30),
	}
}

// documented is a dialect as its documentation has it, open on every host name
// and to every page.
func documented(algorithm string, lifetime Duration) Dialect {
	return Dialect{
		Enabled: true, Algorithm: algorithm, AccessLifetime: lifetime,
		Hosts: []string{}, DoorsOff: []string{}, CORSOrigins: []string{"*"},
	}
}

// counted is a dialect whose documentation names so many calls an hour.
func counted(d Dialect, calls int) Dialect {
	d.HourlyCalls = calls
	return d
}

func defaultLimits() Limits {
	return Limits{
		Requests:       StandRates{Test: Rate{PerSecond: 100, Burst: 200}},
		Refused:        Refused{PerClientAndAddress: 10, PerClient: 100, Window: seconds(300)},
		PasswordHashes: 2, LiveGrants: 10_000, AuditEntries: 60,
		Body: 1 << 20, Results: 1 << 30, Import: 2 << 30, Head: 32 << 10, Connections: 10_000,
	}
}

func seconds(n int) Duration { return Duration(time.Duration(n) * time.Second) }

func hours(n int) Duration { return Duration(time.Duration(n) * time.Hour) }
