//go:build unix

package store_test

import (
	"context"
	"fmt"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// BenchmarkAudit is one durable audit entry a caller through the group commit:
// with a line of its own or counted into one, sealed or not. The processor time
// is that of this process.
func BenchmarkAudit(b *testing.B) {
	for _, driver := range storetest.Drivers() {
		for _, gather := range []string{"", "k"} {
			for _, callers := range []int{1, 64} {
				b.Run(fmt.Sprintf("%s/gathered=%t/callers=%d/sealed=false", driver, gather != "", callers), func(b *testing.B) {
					benchAudit(b, storetest.Open(b, driver), gather, callers)
				})
				b.Run(fmt.Sprintf("%s/gathered=%t/callers=%d/sealed=true", driver, gather != "", callers), func(b *testing.B) {
					benchAudit(b, newSealed(b, driver).db, gather, callers)
				})
			}
		}
	}
}

func benchAudit(b *testing.B, db *store.DB, gather string, callers int) {
	b.Helper()
	e := benchEntry()
	e.Gather = gather
	var n atomic.Int64
	b.SetParallelism(callers)
	before := processorTime(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			e := e
			e.RequestID = fmt.Sprint(n.Add(1))
			if err := db.Write(context.Background(), func(tx *store.Tx) error { return store.Audit(tx, e) }); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64((processorTime(b)-before).Nanoseconds())/1000/float64(b.N), "cpu-µs/op")
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func benchEntry() authority.Entry {
	return authority.Entry{
		Stand: authority.Production, Account: 1, Actor: authority.NewID(), Credential: authority.NewID(), Grant: authority.NewID(),
		Dialect: "hubex", Door: "service_token", Address: netip.MustParseAddr("192.0.2.1"), Verb: authority.VerbIssue,
		Object: "grant/abcdefghij", Outcome: authority.Done, Count: 1,
	}
}
