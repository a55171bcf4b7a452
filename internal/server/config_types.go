package server

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"propusk/internal/spelling"
)

// Duration is a span of time written with its unit: 90s, 1h30m, 30d.
type Duration time.Duration

// String gives the shortest text that means d.
func (d Duration) String() string {
	t := time.Duration(d)
	if day := 24 * time.Hour; t >= 2*day && t%day == 0 {
		return fmt.Sprintf("%dd", t/day)
	}
	s := t.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// setText reads what String writes, and whatever spelling.Duration takes.
func (d *Duration) setText(text string) error {
	t, err := spelling.Duration(text)
	if err != nil {
		return errDuration
	}
	*d = Duration(t)
	return nil
}

var errDuration = errors.New("must be a duration with its unit, such as 90s, 1h30m or 30d")

// Size is a number of bytes, written as such or with KiB or MiB.
type Size int64

// String gives the shortest text that means s.
func (s Size) String() string {
	switch {
	case s != 0 && s%(1<<20) == 0:
		return fmt.Sprintf("%dMiB", s>>20)
	case s != 0 && s%(1<<10) == 0:
		return fmt.Sprintf("%dKiB", s>>10)
	}
	return strconv.FormatInt(int64(s), 10)
}

// setText reads what String writes.
func (s *Size) setText(text string) error {
	shift := 0
	if t, ok := strings.CutSuffix(text, "MiB"); ok {
		text, shift = t, 20
	} else if t, ok := strings.CutSuffix(text, "KiB"); ok {
		text, shift = t, 10
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return errors.New("must be a number of bytes, such as 65536, 64KiB or 1MiB")
	}
	*s = Size(n << shift)
	return nil
}

// Network is a network, or one address, of a trusted proxy.
type Network netip.Prefix

// Prefix gives the network with its host bits cleared.
func (n Network) Prefix() netip.Prefix { return netip.Prefix(n) }

// String gives the CIDR text.
func (n Network) String() string { return n.Prefix().String() }

// setText reads a CIDR text or a single address.
func (n *Network) setText(text string) error {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return errors.New("must be a network such as 10.0.0.0/8, or an address")
		}
		p = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
	}
	*n = Network(p.Masked())
	return nil
}
