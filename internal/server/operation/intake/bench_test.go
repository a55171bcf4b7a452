package intake_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls"
	"propusk/internal/server"
	"propusk/internal/server/operation"
	"propusk/internal/server/operation/intake"
	"propusk/internal/store"
	storecalls "propusk/internal/store/calls"
	"propusk/internal/store/storetest"
)

// records is how many rows BenchmarkCDR imports.
var records = flag.Int("cdr.rows", 20_000, "rows of the benchmark's Master.csv")

// BenchmarkCDR imports a Master.csv here and through the socket of a server, and
// beside it writes the same calls in bare batches. The bar is a fifth.
func BenchmarkCDR(b *testing.B) {
	for _, driver := range []string{store.SQLite, store.Postgres} {
		b.Run(driver, func(b *testing.B) {
			d := open(b, driver)
			file := filepath.Join(b.TempDir(), "Master.csv")
			writeMaster(b, file)
			var bare float64
			b.Run("bare", func(b *testing.B) {
				for range b.N {
					bare = rate(b, func() { bareBatches(b, d, account(b, d)) })
				}
			})
			for name, run := range map[string]operation.Runner{"here": d.Operations(), "socket": dial(b, d)} {
				b.Run(name, func(b *testing.B) {
					for range b.N {
						contract := account(b, d).Contract
						got := rate(b, func() { importFile(b, run, contract, file) })
						b.ReportMetric(100*got/bare, "%-of-bare")
					}
				})
			}
		})
	}
}

func rate(b *testing.B, do func()) float64 {
	b.Helper()
	runtime.GC()
	began := time.Now()
	do()
	perSecond := float64(*records) / time.Since(began).Seconds()
	b.ReportMetric(perSecond, "rows/s")
	return perSecond
}

func open(b *testing.B, driver string) *server.Data {
	b.Helper()
	c := server.Defaults()
	c.Data = b.TempDir()
	if driver == store.Postgres {
		c.Database.Driver = store.Postgres
		c.Database.DSN = authority.NewSecret(storetest.Server(b).Database(b))
	}
	d, err := server.OpenData(b.Context(), c, server.Options{})
	check(b, err)
	b.Cleanup(func() { check(b, d.Close()) })
	return d
}

func dial(b *testing.B, d *server.Data) *operation.Client {
	b.Helper()
	socket, err := d.ListenOperator(b.Context())
	check(b, err)
	served := make(chan error, 1)
	go func() { served <- socket.Serve() }()
	b.Cleanup(func() { check(b, errors.Join(socket.Shutdown(context.Background()), <-served)) })
	client, err := operation.Dial(b.Context(), d.Config.Data)
	check(b, err)
	return client
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func account(b *testing.B, d *server.Data) authority.Account {
	b.Helper()
	contract := fmt.Sprintf("b-%d", authority.NewID())
	_, err := d.Operations().Run(b.Context(), operation.Call{
		Operation: "account.create", Stand: authority.Production, Input: fmt.Appendf(nil, `{"name":"b","contract":%q}`, contract),
	})
	check(b, err)
	found, err := d.Admin.AccountByContract(b.Context(), authority.System(authority.Production, authority.Account{}, "", "test"), contract)
	check(b, err)
	return found
}

func writeMaster(b *testing.B, path string) {
	b.Helper()
	file, err := os.Create(path)
	check(b, err)
	begun := time.Date(2024, 1, 1, 9, 0, 0, 0, time.UTC)
	for i := range *records {
		at := begun.Add(time.Duration(i) * 7 * time.Second)
		id := fmt.Sprintf("%d.%d", at.Unix(), i)
		fmt.Fprintf(file, "\"\",\"7916%07d\",\"%d\",\"from-trunk\",\"\"\"Клиент\"\" <7916%07d>\",\"PJSIP/t-%d\",\"PJSIP/%d-1\",\"Dial\",\"PJSIP/101\",%q,%q,%q,%d,%d,\"ANSWERED\",\"DOCUMENTATION\",%q,\"\",\"\",%q,%d\n",
			i%5000, 100+i%40, i%5000, i, 100+i%40, at.Format(time.DateTime), at.Add(5*time.Second).Format(time.DateTime),
			at.Add(65*time.Second).Format(time.DateTime), 65, 60, id, id, i)
	}
	check(b, file.Close())
}

func importFile(b *testing.B, run operation.Runner, contract, file string) {
	b.Helper()
	rows := newCalls(b, intake.Records{Format: intake.AsteriskCSV, Zone: time.UTC}, []string{file})
	total, err := intake.Import{
		Run: run, Operation: "import.cdr", Stand: authority.Production, Account: contract,
		Bad: func(row intake.Row, why string) { b.Errorf("line %d: %s", row.Line, why) }, Progress: func(intake.Total) {},
	}.Load(b.Context(), rows)
	if err != nil || total.Added != *records {
		b.Fatalf("%+v, %v", total, err)
	}
}

// bareBatches writes as many calls of the same kind, made beforehand.
func bareBatches(b *testing.B, d *server.Data, a authority.Account) {
	b.Helper()
	st := storecalls.New(d.DB)
	begun := time.Date(2024, 1, 1, 9, 0, 0, 0, time.UTC)
	for from := 0; from < *records; from += calls.MaxBatch {
		add := calls.Addition{Account: a.ID, Entry: authority.Entry{Time: begun, Stand: a.Stand, Account: a.ID, Verb: "calls.add", Outcome: authority.Done, Count: 1}}
		for i := from; i < min(from+calls.MaxBatch, *records); i++ {
			at := begun.Add(time.Duration(i) * 7 * time.Second)
			add.Calls = append(add.Calls, calls.Call{
				ID: authority.NewID(), Source: "asterisk", SourceID: fmt.Sprintf("%d.%d", at.Unix(), i), Direction: calls.Incoming,
				From: calls.Party{Number: fmt.Sprintf("7916%07d", i%5000), Name: "Клиент"}, To: calls.Party{Number: fmt.Sprint(100 + i%40)},
				Begun: at, Answered: at.Add(5 * time.Second), Duration: 65 * time.Second, Talk: 60 * time.Second, Disposition: calls.Answered,
			})
		}
		_, err := st.AddCalls(b.Context(), add)
		check(b, err)
	}
}
