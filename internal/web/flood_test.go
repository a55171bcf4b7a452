package web_test

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"propusk/internal/web"
)

// head gives the block of a request's head.
func head() []byte {
	var block bytes.Buffer
	e := hpack.NewEncoder(&block)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "https"}, {":authority", "h"}, {":path", "/fsm/x"}} {
		_ = e.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	return block.Bytes()
}

// floods are what a client can send over HTTP/2 without end: each gives the n-th
// frames of it.
func floods() map[string]func(f *http2.Framer, n uint32) error {
	block := head()
	open := func(f *http2.Framer, n uint32, whole bool) error {
		return f.WriteHeaders(http2.HeadersFrameParam{StreamID: 2*n + 1, BlockFragment: block, EndStream: true, EndHeaders: whole})
	}
	return map[string]func(f *http2.Framer, n uint32) error{
		"rapid reset": func(f *http2.Framer, n uint32) error { // CVE-2023-44487
			if err := open(f, n, true); err != nil {
				return err
			}
			return f.WriteRSTStream(2*n+1, http2.ErrCodeCancel)
		},
		"continuation": func(f *http2.Framer, n uint32) error { // CVE-2023-45288
			if n == 0 {
				return open(f, 0, false)
			}
			return f.WriteContinuation(1, false, bytes.Repeat([]byte{0x00, 0x01, 'x', 0x01, 'y'}, 3000))
		},
		"settings": func(f *http2.Framer, _ uint32) error { return f.WriteSettings() }, // CVE-2019-9515
		"ping":     func(f *http2.Framer, _ uint32) error { return f.WritePing(false, [8]byte{}) },
		"empty data": func(f *http2.Framer, n uint32) error { // CVE-2019-9518
			if n == 0 {
				return f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block, EndHeaders: true})
			}
			return f.WriteData(1, false, nil)
		},
		"streams": func(f *http2.Framer, n uint32) error { return open(f, n, true) },
	}
}

// flood sends frames until the server ends the connection or stop is closed. It
// reads nothing.
func flood(c *tls.Conn, send func(*http2.Framer, uint32) error, stop <-chan struct{}) {
	defer func() { _ = c.Close() }()
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		return
	}
	f := http2.NewFramer(c, c)
	if f.WriteSettings() != nil {
		return
	}
	for n := uint32(0); n < 1<<30; n++ {
		select {
		case <-stop:
			return
		default:
		}
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if send(f, n) != nil {
			return
		}
	}
}

// B43: floods of frames over HTTP/2 leave the memory and the goroutines bounded,
// and other clients are answered meanwhile.
func TestFloodsOfHTTP2(t *testing.T) {
	certFile, keyFile := pair(t, t.TempDir(), "h")
	cert, err := web.LoadCertificate(certFile, keyFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, edge(t, table()), web.ServerConfig{Certificate: cert})
	for name, send := range floods() {
		t.Run(name, func(t *testing.T) {
			stop := make(chan struct{})
			var wg sync.WaitGroup
			for range 4 {
				c, err := dialTLS(t, s, insecure("h2"))
				if err != nil {
					t.Fatal(err)
				}
				if c.ConnectionState().NegotiatedProtocol != "h2" {
					t.Fatal(c.ConnectionState().NegotiatedProtocol)
				}
				wg.Go(func() { flood(c, send, stop) })
			}
			served(t, s)
			close(stop)
			wg.Wait()
		})
	}
}

// served asks as a good client does for a while, and looks at what the process
// takes.
func served(t *testing.T, s *web.Server) {
	t.Helper()
	tr := &http.Transport{TLSClientConfig: insecure(), ForceAttemptHTTP2: true}
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr, Timeout: 10 * time.Second}
	var took []time.Duration
	most := 0
	for begun := time.Now(); time.Since(begun) < time.Second || len(took) < 20; {
		sent := time.Now()
		resp, err := client.Get("https://" + s.Addr().String() + "/fsm/x")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		took, most = append(took, time.Since(sent)), max(most, runtime.NumGoroutine())
	}
	slices.Sort(took)
	// Four connections of 100 streams each, and no more than their buffers.
	if p99 := took[len(took)*99/100]; p99 > 2*time.Second || most > 600 || heap() > 128 {
		t.Errorf("%d requests, the slowest %s; %d goroutines, %d MiB", len(took), p99, most, heap())
	}
}

// heap gives the memory in use, in MiB.
func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return (m.HeapInuse + m.StackInuse) >> 20
}
