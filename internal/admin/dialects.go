package admin

import "slices"

// Dialects lists those of the deployment, switched on or not.
func (s *Service) Dialects() []Dialect { return slices.Clone(s.dialects) }
