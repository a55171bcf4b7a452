package server

import (
	"context"
	"time"

	"propusk/internal/audit"
	"propusk/internal/authority"
)

// auditProof is what the operator's commands may do with the chain.
type auditProof struct {
	data   *Data
	sealer *audit.Sealer
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
