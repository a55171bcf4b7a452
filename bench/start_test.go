package bench_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	mostRSS   = 40.0 // MiB, of an idle serve on an empty folder
	mostReady = 500 * time.Millisecond
	idleFor   = 3 * time.Second // until the memory is read
	patience  = 30 * time.Second
)

// BenchmarkStart runs the real program on an empty folder: how long until it
// says that it is ready, and how much memory it holds when it has been idle.
func BenchmarkStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "propusk")
	build := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-ldflags=-s", "-o", program, "propusk/cmd/propusk")
	build.Env = append(build.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	var ready, rss []float64
	for range *rounds {
		r, m := start(b, program)
		ready, rss = append(ready, r.Seconds()*1000), append(rss, m)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(ready), "ready-ms")
	b.ReportMetric(median(rss), "rss-MiB")
	fmt.Fprintf(os.Stdout, "ready on an empty folder   %s ms, bar %d ms\n", spread(ready), mostReady.Milliseconds())
	fmt.Fprintf(os.Stdout, "idle RSS on an empty folder %s MiB, bar %.0f MiB\n", spread(rss), mostRSS)
}

// start runs serve once.
func start(b *testing.B, program string) (ready time.Duration, rss float64) {
	b.Helper()
	folder := b.TempDir()
	metrics := freeAddress(b)
	config := filepath.Join(folder, "propusk.yaml")
	text := fmt.Sprintf("data: %q\nlisten:\n  production: 127.0.0.1:0\n  test: 127.0.0.1:0\n  metrics: %s\n", filepath.Join(folder, "data"), metrics)
	must(b, os.WriteFile(config, []byte(text), 0o600))
	serve := exec.CommandContext(b.Context(), program, "serve", "--config", config)
	began := time.Now()
	must(b, serve.Start())
	defer func() {
		must(b, serve.Process.Signal(os.Interrupt))
		_ = serve.Wait()
	}()
	for until := began.Add(patience); !isReady(b, metrics); {
		if time.Now().After(until) {
			b.Fatal("not ready")
		}
		<-time.After(2 * time.Millisecond)
	}
	ready = time.Since(began)
	<-time.After(idleFor)
	return ready, resident(b, serve.Process.Pid)
}

func freeAddress(b *testing.B) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func isReady(b *testing.B, addr string) bool {
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, "http://"+addr+"/readyz", http.NoBody)
	must(b, err)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// resident reads how much memory a process holds, in MiB; 0 where the system
// does not tell as Linux does.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			must(b, err)
			return kib / 1024
		}
	}
	return 0
}
