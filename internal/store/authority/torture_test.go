//go:build torture

package authority_test

import (
	"testing"

	"propusk/internal/dialect/operator"
)

// TestTortureRefresh is B28 in full: 50 at once, 200 rounds.
func TestTortureRefresh(t *testing.T) {
	eachOf(t, documented(), func(t *testing.T, s *stage) { raceRefreshes(t, s, 200) })
}

// TestTortureCreate makes 32 pairs at once, 200 rounds.
func TestTortureCreate(t *testing.T) {
	eachOf(t, documented(), func(t *testing.T, s *stage) { raceCreates(t, s, operator.Name, 200) })
}

// TestTortureRevoke is B29 in full: 500 rounds.
func TestTortureRevoke(t *testing.T) {
	eachOf(t, documented(), func(t *testing.T, s *stage) { raceRevoke(t, s, 500) })
}

// TestTortureLinear checks 200 histories of each kind.
func TestTortureLinear(t *testing.T) {
	eachOf(t, documented(), func(t *testing.T, s *stage) { linear(t, s, 200) })
}
