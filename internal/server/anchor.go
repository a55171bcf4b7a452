package server

import (
	"context"
	"time"

	"propusk/internal/audit"
	"propusk/internal/authority"
)

// deploymentSize is how much of the issuer's random name tells deployments apart.
const deploymentSize = 12

// deployment names this one in anchors.
func (d *Data) deployment() string {
	name := d.Stands[authority.Production].Issuer
	return name[:min(len(name), deploymentSize)]
}

// anchor carries anchors of the audit out until ctx ends, and then the last one.
func (s *Server) anchor(ctx context.Context) {
	s.data.anchorer().Run(ctx, func(err error) {
		s.data.Log.WarnContext(ctx, "the anchor of the audit was not put everywhere", "error", err)
	})
}

func (d *Data) anchorer() *audit.Anchorer {
	c := d.Config.Audit.Anchor
	a := &audit.Anchorer{
		Head: d.DB.AuditHead, Deployment: d.deployment(), Entries: c.Entries, Every: time.Duration(c.Every), Now: d.Now,
	}
	if c.File != "" {
		a.Places = append(a.Places, audit.File(c.File))
	}
	if place, err := audit.ParseSyslog(c.Syslog); err == nil {
		a.Places = append(a.Places, place)
	}
	return a
}

// Verify looks at the whole audit, or what is newer than a time.
func (v auditProof) Verify(ctx context.Context, since time.Time, anchors []audit.Anchor) (audit.Report, error) {
	own := anchors[:0:0]
	for _, a := range anchors {
		if a.Deployment == v.data.deployment() {
			own = append(own, a)
		}
	}
	return audit.NewVerifier(v.data.DB, v.sealer, own).Run(ctx, since)
}

// Anchor says where the audit ends now.
func (v auditProof) Anchor(ctx context.Context) (audit.Anchor, error) {
	h, err := v.data.DB.AuditHead(ctx)
	if err == nil && len(h.Seal) == 0 {
		err = authority.E(authority.NotFound, "nothing has been sealed yet")
	}
	return audit.Anchor{Deployment: v.data.deployment(), Position: h.Position, Time: v.data.Now(), Seal: h.Seal}, err
}

// RotateKey has another key seal the audit from now on.
func (v auditProof) RotateKey(ctx context.Context, entry authority.Entry) error {
	if err := audit.Rotate(ctx, v.data.Ring); err != nil {
		return notRotated(err)
	}
	return v.data.Store.WriteAudit(ctx, []authority.Entry{entry})
}

// auditProof is what the operator's commands may do with the chain.
type auditProof struct {
	data   *Data
	sealer *audit.Sealer
}
