package signin

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"propusk/internal/authority"
)

// ticket is what the browser holds between two steps: sealed, so that it can
// neither be read nor made, and short-lived, so that no row is needed for it.
type ticket struct {
	Until int64           `json:"until"` // unix milliseconds
	What  json.RawMessage `json:"what"`
}

// The kinds of ticket. One is never taken for another.
const (
	ticketPending  = "pending"
	ticketPasskey  = "passkey"
	ticketEnrol    = "enrol"
	ticketProvider = "provider"
)

// StepLife is how long a step may take: as long as its ticket is taken back.
const StepLife = 5 * time.Minute

func (s *Service) seal(stand authority.Stand, kind string, what any) (authority.Secret, error) {
	inner, err := json.Marshal(what)
	if err != nil {
		return authority.Secret{}, err
	}
	plain, err := json.Marshal(ticket{s.now().Add(StepLife).UnixMilli(), inner})
	if err != nil {
		return authority.Secret{}, err
	}
	sealed := s.sealer.Seal(plain, "ticket", string(stand), kind)
	return authority.NewSecret(base64.RawURLEncoding.EncodeToString(sealed)), nil
}

// unseal reads a ticket into what. InvalidGrant for one that is over, of another
// kind or stand, or none.
func (s *Service) unseal(stand authority.Stand, kind string, text authority.Secret, what any) error {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text.Reveal())
	if err != nil {
		return stepOver()
	}
	plain, err := s.sealer.Open(sealed, "ticket", string(stand), kind)
	if err != nil {
		return stepOver()
	}
	var t ticket
	if err := json.Unmarshal(plain, &t); err != nil || s.now().UnixMilli() >= t.Until {
		return stepOver()
	}
	return json.Unmarshal(t.What, what)
}

func stepOver() *authority.Error {
	return authority.E(authority.InvalidGrant, "this step took too long: sign in again").With(StepField, "over")
}

// StepField is in the error of a step that must be begun anew.
const StepField = "step"
