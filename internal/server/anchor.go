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
