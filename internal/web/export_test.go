package web

import "time"

// At makes c read the clock from now.
func (c *Certificate) At(now func() time.Time) { c.now = now }

// Name gives the common name of what c would serve now.
func (c *Certificate) Name() string {
	pair, _ := c.get(nil)
	return pair.Leaf.Subject.CommonName
}
