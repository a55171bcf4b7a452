package dialect

import (
	"errors"
	"log/slog"
	"net/http"

	"propusk/internal/authority"
	"propusk/internal/web"
)

// Refuse implements web.Pipeline. What is no *authority.Error, or is Internal,
// is a defect: it is logged under the request's id and answered without its
// text.
func (p *pipeline) Refuse(w http.ResponseWriter, r *http.Request, dialect string, err error) {
	ex := web.ExchangeOf(r.Context())
	ex.Refusal = authority.CodeOf(err)
	ex.Challenge = p.challenge(ex.Refusal, r)
	if ex.Refusal == authority.Internal || ex.Refusal == authority.Unavailable {
		p.log(r, ex, err)
	}
	if ex.Refusal == authority.NotFound || ex.Refusal == authority.MethodNotAllowed {
		p.showMeter(w, r, dialect)
	}
	err = public(err)
	web.ErrorHeaders(w.Header(), err)
	if d := p.names[dialect]; d != nil {
		d.WriteError(w, r, err)
		return
	}
	web.WriteProblem(w, r, err)
}

// showMeter lets the bearer of a valid token read what he has left where no route
// took his request, and thus nobody has asked who he is.
func (p *pipeline) showMeter(w http.ResponseWriter, r *http.Request, dialect string) {
	ex := web.ExchangeOf(r.Context())
	d := p.names[dialect]
	m, ok := d.(Meter)
	if !ok || ex.Route != nil {
		return
	}
	shown, err := d.Credential(r)
	if err != nil {
		return
	}
	c, err := p.Authority.Authenticate(r.Context(), web.OriginOf(r.Context()), shown)
	if err != nil {
		return
	}
	ex.Account, ex.Principal = c.Account().ID, c.Principal().ID
	m.ShowMeter(w.Header(), c)
}

// challenge is the WWW-Authenticate that a 401 gets unless its writer has set
// one (rule 4, RFC 6750 §3).
func (p *pipeline) challenge(code authority.Code, r *http.Request) string {
	switch code {
	case authority.InvalidToken:
		return "Bearer " + p.realm + `, error="invalid_token"`
	case authority.InvalidClient:
		if a, err := web.ReadAuthorization(r); err == nil && a.Scheme == "basic" {
			return "Basic " + p.realm // RFC 6749 §5.2
		}
	default:
	}
	return "Bearer " + p.realm
}

func (p *pipeline) log(r *http.Request, ex *web.Exchange, err error) {
	if p.Logger == nil || r.Context().Err() != nil {
		return
	}
	p.Logger.LogAttrs(r.Context(), slog.LevelError, "request failed",
		slog.String("request_id", ex.ID), slog.String("dialect", ex.Dialect), slog.String("error", err.Error()))
}

// public gives what a client may read of err: an *authority.Error without its
// cause, for a defect nothing but the code, and the same words for whatever is
// wrong with a bearer, wherever it was found (rule 4).
func public(err error) error {
	var e *authority.Error
	if !errors.As(err, &e) || e.Code == authority.Internal {
		return authority.E(authority.Internal, "internal error")
	}
	if e.Code == authority.InvalidToken {
		return authority.E(authority.InvalidToken, "the access token is not valid")
	}
	if e.Err == nil {
		return e
	}
	clean := *e
	clean.Err = nil
	return &clean
}
