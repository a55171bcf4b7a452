//go:build torture

package testenv_test

import "testing"

// TestTortureRaces: 50 refreshes of one token at once, 200 rounds; 32 pairs at
// once, 200 rounds; a revocation beside refreshes, 500 rounds.
func TestTortureRaces(t *testing.T) { races(t, 200, 200, 500) }
