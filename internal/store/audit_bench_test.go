package store_test

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"

	"propusk/internal/authority"
	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

// BenchmarkAudit is one durable audit entry a caller through the group commit,
// with a line of its own and counted into one.
func BenchmarkAudit(b *testing.B) {
	for _, gather := range []string{"", "k"} {
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("gathered=%t/callers=%d", gather != "", callers), func(b *testing.B) {
				storetest.EachB(b, func(b *testing.B, db *store.DB) { benchAudit(b, db, gather, callers) })
			})
		}
	}
}

func benchAudit(b *testing.B, db *store.DB, gather string, callers int) {
	e := benchEntry()
	e.Gather = gather
	var n atomic.Int64
	b.SetParallelism(callers)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			e := e
			e.RequestID = fmt.Sprint(n.Add(1))
			if err := db.Write(b.Context(), func(tx *store.Tx) error { return store.Audit(tx, e) }); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func benchEntry() authority.Entry {
	return authority.Entry{
		Stand: authority.Production, Account: 1, Actor: authority.NewID(), Credential: authority.NewID(), Grant: authority.NewID(),
		Dialect: "hubex", Door: "service_token", Address: netip.MustParseAddr("192.0.2.1"), Verb: authority.VerbIssue,
		Object: "grant/abcdefghij", Outcome: authority.Done, Count: 1,
	}
}
