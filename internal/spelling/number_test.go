package spelling_test

import (
	"testing"
	"time"

	"propusk/internal/spelling"
)

func TestDuration(t *testing.T) {
	const day, bad = 24 * time.Hour, -time.Nanosecond
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "1h30m": 90 * time.Minute, "30d": 30 * day, "0d": 0, "0": 0, "1d12h": 36 * time.Hour, "65535d": 65535 * day,
		"-5s": -5 * time.Second, "": bad, "7": bad, "d": bad, "-1d": bad, "1.5d": bad, "65536d": bad, "1d-2h": bad, "1d+2h": bad, "1d2d": bad, "1d1": bad,
		"65535d2500000h": bad, "5 s": bad,
	} {
		got, err := spelling.Duration(text)
		if (want == bad) != (err != nil) || err == nil && got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestDecimal(t *testing.T) {
	for text, want := range map[string]float64{"149.90": 149.9, " 149,90 ": 149.9, "-2": -2, "1e3": 1000} {
		if got, err := spelling.Decimal(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "1,2,3", "0x10", "inf", "NaN", "1_000", "1e999", "1 000"} {
		if got, err := spelling.Decimal(bad); err == nil {
			t.Errorf("%q is %v", bad, got)
		}
	}
}
