package operation

import (
	"context"
	"time"

	"propusk/internal/audit"
	"propusk/internal/authority"
)

// Proof shows whether the audit is what was written.
type Proof interface {
	Verify(ctx context.Context, since time.Time, anchors []audit.Anchor) (audit.Report, error)
	Anchor(ctx context.Context) (audit.Anchor, error)
	RotateKey(ctx context.Context, entry authority.Entry) error
}

func proofOperations() []operation {
	return []operation{
		op("audit.verify", outside, verifyAudit), op("audit.anchor", outside, anchorAudit), op("audit.rotate-key", outside, rotateAuditKey),
	}
}

type verification struct {
	Since   Moment   `json:"since"`
	Anchors []string `json:"anchors"` // lines; those that are none of this deployment are passed over
}

func verifyAudit(ctx context.Context, t *Table, _ authority.Caller, in verification) (audit.Report, error) {
	var anchors []audit.Anchor
	for _, line := range in.Anchors {
		if a, ok := audit.ParseAnchor(line); ok {
			anchors = append(anchors, a)
		}
	}
	return t.Proof.Verify(ctx, in.Since.Time, anchors)
}

func anchorAudit(ctx context.Context, t *Table, _ authority.Caller, _ nothing) (string, error) {
	a, err := t.Proof.Anchor(ctx)
	return a.String(), err
}

func rotateAuditKey(ctx context.Context, t *Table, c authority.Caller, _ nothing) (nothing, error) {
	e := c.Entry("dialect/audit")
	e.Verb = "signing_key.rotate"
	return nothing{}, t.Proof.RotateKey(ctx, e)
}
