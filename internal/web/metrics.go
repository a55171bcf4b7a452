package web

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"propusk/internal/authority"
)

// Metrics counts requests. Labels come from fixed sets only: a client cannot
// make new series. A nil *Metrics counts nothing.
type Metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	refusals *prometheus.CounterVec
	inFlight prometheus.Gauge

	series sync.Map // seriesKey → *series: finding one by labels hashes five strings
}

type seriesKey struct {
	stand   authority.Stand
	dialect string
	route   string
	method  string
	class   int
}

type series struct {
	requests prometheus.Counter
	seconds  prometheus.Observer
}

// NewMetrics registers the metrics of HTTP with reg.
func NewMetrics(reg prometheus.Registerer) (*Metrics, error) {
	labels := []string{"stand", "dialect", "route", "method", "status"}
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "propusk_http_requests_total", Help: "Requests answered, by route and class of status.",
		}, labels),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "propusk_http_request_duration_seconds", Help: "Time from the head of a request to the end of its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
		}, labels[:4]),
		refusals: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "propusk_http_refusals_total", Help: "Requests refused, by reason.",
		}, []string{"stand", "dialect", "code"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "propusk_http_requests_in_flight", Help: "Requests being served now.",
		}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.refusals, m.inFlight} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Metrics) begin() {
	if m != nil {
		m.inFlight.Inc()
	}
}

func (m *Metrics) end(method string, rec *recorder, took time.Duration) {
	if m == nil {
		return
	}
	m.inFlight.Dec()
	ex := rec.ex
	s := m.find(seriesKey{ex.Stand, ex.Dialect, pattern(ex), knownMethod(method), rec.status / 100})
	s.requests.Inc()
	s.seconds.Observe(took.Seconds())
	if ex.Refusal != "" {
		m.refusals.WithLabelValues(string(ex.Stand), ex.Dialect, string(ex.Refusal)).Inc()
	}
}

func (m *Metrics) find(k seriesKey) *series {
	if s, ok := m.series.Load(k); ok {
		if known, ok := s.(*series); ok {
			return known
		}
	}
	class := strconv.Itoa(k.class) + "xx"
	s := &series{
		requests: m.requests.WithLabelValues(string(k.stand), k.dialect, k.route, k.method, class),
		seconds:  m.seconds.WithLabelValues(string(k.stand), k.dialect, k.route, k.method),
	}
	m.series.Store(k, s)
	return s
}

// Internal is the handler of the listener for operators: /metrics, /livez and
// /readyz. It is never part of a public listener (B66).
type Internal struct {
	Metrics http.Handler                      // promhttp over the deployment's registry
	Ready   func(r *http.Request) (err error) // nil = always ready
}

// ServeHTTP implements http.Handler.
func (i Internal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = NameRequest(w, r)
	_, err := guarded(r)
	if authority.CodeOf(err) == authority.MethodNotAllowed || err == nil && r.Method != http.MethodGet && r.Method != http.MethodHead {
		err = notAllowed([]string{http.MethodGet, http.MethodHead})
	}
	if err != nil {
		ErrorHeaders(w.Header(), err)
		WriteProblem(w, r, err)
		return
	}
	switch r.URL.Path {
	case "/metrics":
		i.Metrics.ServeHTTP(w, r)
	case "/livez":
		WriteBody(w, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
	case "/readyz":
		i.ready(w, r)
	default:
		WriteProblem(w, r, errNoPath())
	}
}

func (i Internal) ready(w http.ResponseWriter, r *http.Request) {
	if i.Ready != nil {
		if err := i.Ready(r); err != nil {
			ErrorHeaders(w.Header(), authority.E(authority.Unavailable, ""))
			WriteBody(w, http.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte("not ready\n"))
			return
		}
	}
	WriteBody(w, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
}
