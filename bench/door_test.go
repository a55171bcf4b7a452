package bench_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"propusk/internal/authority"
	"propusk/internal/dialect"
	"propusk/internal/keys"
	storekeys "propusk/internal/store/keys"
	"propusk/internal/web"
	"propusk/internal/web/limit"
)

// door is a dialect that exists here only: it exchanges service tokens, and
// answers whoever holds one of its bearers. It lets the benchmarks see token
// forms that no dialect of this build has yet, and a route that costs nothing
// beside the pipeline.
type door struct {
	name string
	core *authority.Authority
}

// The doors, by the form of their access tokens.
const (
	hs256  = "hs256"
	rs256  = "rs256"
	rs512  = "rs512"
	sealed = "sealed"
	short  = "short"
)

func profiles() []authority.Profile {
	const day = 24 * time.Hour
	jwt := func(a keys.Algorithm) authority.TokenSpec {
		return authority.TokenSpec{Form: authority.JWT, Algorithm: a, Typ: "JWT", Lifetime: day}
	}
	opaque := func(f authority.Form) authority.TokenSpec { return authority.TokenSpec{Form: f, Lifetime: day} }
	profile := func(name string, access, refresh authority.TokenSpec) authority.Profile {
		p := authority.Profile{
			Dialect: name, Credentials: []authority.CredentialKind{authority.ServiceToken},
			Access: access, Refresh: refresh,
		}
		if refresh.Form != authority.NoToken {
			p.Family, p.ReplayWindow = 180*day, 30*time.Second
		}
		return p
	}
	return []authority.Profile{
		profile(hs256, jwt(keys.HS256), opaque(authority.Sealed)),
		profile(rs256, jwt(keys.RS256), authority.TokenSpec{}),
		profile(rs512, jwt(keys.RS512), authority.TokenSpec{}),
		profile(sealed, opaque(authority.Sealed), opaque(authority.Sealed)),
		profile(short, opaque(authority.Short), authority.TokenSpec{}),
	}
}

func (d door) Name() string { return d.name }

func (d door) Credential(r *http.Request) (authority.Presented, error) { return dialect.Bearer(r) }

func (d door) WriteError(w http.ResponseWriter, r *http.Request, err error) {
	web.WriteProblem(w, r, err)
}

func (d door) Mount(m *web.Mux) {
	m.Claim("/"+d.name, d.name)
	m.Handle(web.Route{
		Method: http.MethodPost, Pattern: "/" + d.name + "/token", Dialect: d.name, Public: true, Secret: true,
		Door: "service_token", Audit: authority.VerbIssue, Serve: web.JSON(d.token),
	})
	m.Handle(web.Route{Method: http.MethodGet, Pattern: "/" + d.name + "/ping", Dialect: d.name, Serve: ping})
}

type tokenRequest struct {
	ServiceToken authority.Secret `json:"service_token"`
}

type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	RefreshToken string `json:"refresh_token,omitempty"`
}

func (d door) token(ctx context.Context, _ authority.Caller, req tokenRequest) (tokenAnswer, error) {
	i, err := d.core.Issue(ctx, authority.IssueRequest{
		Origin: web.OriginOf(ctx), Kind: authority.ServiceToken, Secret: req.ServiceToken,
	})
	return tokenAnswer{i.Access.Reveal(), "Bearer", int64(i.ExpiresIn / time.Second), i.Refresh.Reveal()}, err
}

var pong = []byte(`{"ok":true}`)

func ping(w http.ResponseWriter, _ *http.Request, _ authority.Caller) error {
	web.WriteBody(w, http.StatusOK, "application/json; charset=utf-8", pong)
	return nil
}

// open serves the doors over w's data, through the pipeline, the guard, the
// access log and the metrics of the product.
func (w *world) open(tb testing.TB) (addr string) {
	tb.Helper()
	key, err := keys.LoadDeploymentKey(w.data.Config.DeploymentKeyFile())
	must(tb, err)
	sealer, err := keys.NewSealer(key, keys.PurposeKeys)
	must(tb, err)
	ring, err := keys.Open(tb.Context(), keys.Config{
		Store: storekeys.New(w.data.DB), Sealer: sealer, Specs: authority.Uses(profiles()),
	})
	must(tb, err)
	core := w.core(tb, ring)
	var doors []dialect.Dialect
	for _, p := range profiles() {
		doors = append(doors, door{p.Dialect, core})
	}
	router, _, err := dialect.Mount(dialect.Config{
		Stand: authority.Production, Dialects: doors, Authority: core,
		Lease: func(context.Context) error { return nil }, Logger: w.log,
	})
	must(tb, err)
	metrics, err := web.NewMetrics(prometheus.NewRegistry())
	must(tb, err)
	s, err := web.Listen(tb.Context(), "127.0.0.1:0", web.ServerConfig{
		Handler: &web.Edge{Router: router, Logger: w.log, Metrics: metrics}, Logger: w.log,
	})
	must(tb, err)
	during(tb, func(context.Context) { must(tb, s.Serve()) })
	tb.Cleanup(func() { must(tb, s.Shutdown(context.Background())) })
	return s.Addr().String()
}

func (w *world) core(tb testing.TB, ring *keys.Ring) *authority.Authority {
	tb.Helper()
	epochs := make(map[authority.Stand]uint64)
	for stand, row := range w.data.Stands {
		epochs[stand] = row.Epoch
	}
	core, err := authority.New(authority.Config{
		Profiles: profiles(), Ring: ring, Feed: w.data.Feed, Epochs: epochs, Passwords: w.data.Passwords,
		Ports: authority.Ports{
			Credentials: w.data.Store, Grants: w.data.Store, Revocations: w.data.Store,
			Callers: w.data.Store, Auditor: w.data.Store,
		},
		Attempts: limit.NewAttempts(limit.AttemptsConfig{}), Logger: w.log,
		Issuer: func(stand authority.Stand, _ string) string { return w.data.Stands[stand].Issuer },
	})
	must(tb, err)
	during(tb, core.Run)
	return core
}
