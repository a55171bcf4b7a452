package web_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"propusk/internal/authority"
	"propusk/internal/testenv/fake"
	"propusk/internal/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair writes a fresh certificate for name and gives its files.
func pair(t *testing.T, dir, name string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	bytesOfKey, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: bytesOfKey}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func insecure(protos ...string) *tls.Config {
	return &tls.Config{InsecureSkipVerify: true, NextProtos: protos, ServerName: "h"}
}

func dialTLS(t *testing.T, s *web.Server, conf *tls.Config) (*tls.Conn, error) {
	t.Helper()
	d := &net.Dialer{Timeout: 10 * time.Second}
	return tls.DialWithDialer(d, "tcp", s.Addr().String(), conf)
}

// Issue point 4: both protocols over TLS; the guard stands behind it too.
func TestTLS(t *testing.T) {
	certFile, keyFile := pair(t, t.TempDir(), "h")
	cert, err := web.LoadCertificate(certFile, keyFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	m := table()
	m.Handle(web.Route{Method: "GET", Pattern: "/tls", Serve: func(w http.ResponseWriter, r *http.Request, _ authority.Caller) error {
		_, err := fmt.Fprintf(w, "TLS %v", r.TLS != nil)
		return err
	}})
	s := serve(t, edge(t, m), web.ServerConfig{Certificate: cert})
	for _, h2 := range []bool{true, false} {
		tr := &http.Transport{TLSClientConfig: insecure(), ForceAttemptHTTP2: h2}
		resp, err := (&http.Client{Transport: tr}).Get("https://" + s.Addr().String() + "/tls")
		if err != nil {
			t.Fatal(err)
		}
		if got := bodyOf(resp); resp.ProtoMajor == 2 != h2 || got != "TLS true" {
			t.Errorf("HTTP/2 %v: %s %q", h2, resp.Proto, got)
		}
		_ = resp.Body.Close()
		tr.CloseIdleConnections()
	}
	c, err := dialTLS(t, s, insecure("http/1.1"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_, _ = io.WriteString(c, "GET /fsm/x HTTP/1.1\r\nHost : h\r\n\r\n"+canary)
	out, _ := io.ReadAll(c)
	if got := answers(t, string(out)); len(got) != 1 || got[0].StatusCode != 400 {
		t.Errorf("the guard does not stand behind TLS: %q", out)
	}
}

// B43: 1.2 and later, with suites that keep secrets.
func TestTLSVersions(t *testing.T) {
	certFile, keyFile := pair(t, t.TempDir(), "h")
	cert, err := web.LoadCertificate(certFile, keyFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, edge(t, table()), web.ServerConfig{Certificate: cert})
	strict := serve(t, edge(t, table()), web.ServerConfig{Certificate: cert, MinTLS: tls.VersionTLS13})
	for _, c := range []struct {
		server *web.Server
		max    uint16
		suites []uint16
		ok     bool
	}{
		{s, tls.VersionTLS11, nil, false},
		{s, tls.VersionTLS12, nil, true},
		{s, tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}, false},
		{s, tls.VersionTLS12, []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}, false},
		{s, tls.VersionTLS13, nil, true},
		{strict, tls.VersionTLS12, nil, false},
		{strict, tls.VersionTLS13, nil, true},
	} {
		conf := insecure()
		conf.MinVersion, conf.MaxVersion, conf.CipherSuites = tls.VersionTLS10, c.max, c.suites
		conn, err := dialTLS(t, c.server, conf)
		if (err == nil) != c.ok {
			t.Errorf("max %x, suites %v: %v", c.max, c.suites, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

// A certificate is replaced while connections live; a bad one changes nothing.
func TestCertificateReload(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := pair(t, dir, "old")
	cert, err := web.LoadCertificate(certFile, keyFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, edge(t, table()), web.ServerConfig{Certificate: cert})
	name := func() string {
		c, err := dialTLS(t, s, insecure())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		return c.ConnectionState().PeerCertificates[0].Subject.CommonName
	}
	if got := name(); got != "old" {
		t.Fatalf("serves %s", got)
	}
	pair(t, dir, "new")
	if err := cert.Reload(); err != nil || name() != "new" {
		t.Errorf("after a reload: %s %v", name(), err)
	}
	if err := os.WriteFile(certFile, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := cert.Reload(); err == nil || name() != "new" {
		t.Errorf("after a bad reload: %s %v", name(), err)
	}
	if _, err := web.LoadCertificate(certFile, keyFile, nil); err == nil {
		t.Error("a bad certificate is loaded at start")
	}
}

// Issue point 6: no accepted request is cut by a stop.
func TestGracefulStop(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	s, err := web.Listen(t.Context(), "127.0.0.1:0", web.ServerConfig{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-release
		_, _ = io.WriteString(w, "whole")
	})})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	answer := make(chan string, 1)
	go func() { answer <- raw(t, s, get) }()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(context.Background()) }()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if c, err := net.Dial("tcp", s.Addr().String()); err == nil {
		t.Error("a stopping server accepts")
		_ = c.Close()
	}
	close(release)
	if got := <-answer; !strings.HasSuffix(got, "whole") {
		t.Errorf("the answer was cut: %q", got)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}

func TestStopCutsAfterItsGrace(t *testing.T) {
	entered := make(chan struct{})
	s, err := web.Listen(t.Context(), "127.0.0.1:0", web.ServerConfig{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	})})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, get)
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); err == nil {
		t.Error("a request that never ends did not hold up the stop")
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	_, _ = io.Copy(io.Discard, c)
}

// More connections than allowed wait their turn.
func TestConnectionsAreBounded(t *testing.T) {
	s := serve(t, edge(t, table()), web.ServerConfig{MaxConns: 1})
	held, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(held, get)
	buf := make([]byte, 1)
	if _, err := held.Read(buf); err != nil {
		t.Fatal(err)
	}
	second, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	_, _ = io.WriteString(second, get)
	_ = second.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, _ := second.Read(buf); n > 0 {
		t.Error("the second connection is served beside the first")
	}
	_ = held.Close()
	_ = second.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := second.Read(buf); err != nil {
		t.Errorf("the second connection is not served after the first: %v", err)
	}
}

// The test vectors of B71 in small: held connections do not keep a good client
// waiting.
func TestHalfSentHeads(t *testing.T) {
	s := serve(t, edge(t, table()), web.ServerConfig{HeadTimeout: 2 * time.Second})
	for range 200 {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHo")
	}
	if got := raw(t, s, get); !strings.HasPrefix(got, "HTTP/1.1 200") {
		t.Errorf("a good client gets %q", got)
	}
}

func TestExpectContinue(t *testing.T) {
	s := serve(t, edge(t, table()), web.ServerConfig{})
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	_, _ = io.WriteString(c, "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
	buf := make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))
	if _, err := io.ReadFull(c, buf); err != nil || !bytes.HasPrefix(buf, []byte("HTTP/1.1 100")) {
		t.Fatalf("%q %v", buf, err)
	}
	_, _ = io.WriteString(c, "abc")
	out, _ := io.ReadAll(c)
	if !strings.HasSuffix(string(out), "body=abc") {
		t.Errorf("got %q", out)
	}
}

// Changed files are found without a signal; bad ones are logged once and change
// nothing.
func TestCertificateIsWatched(t *testing.T) {
	dir := t.TempDir()
	certFile, keyFile := pair(t, dir, "old")
	var log fake.Log
	cert, err := web.LoadCertificate(certFile, keyFile, logger(&log))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	cert.At(func() time.Time { return now })
	later := func(name string) {
		t.Helper()
		for _, file := range []string{certFile, keyFile} {
			if err := os.Chtimes(file, now, now); err != nil {
				t.Fatal(err)
			}
		}
		now = now.Add(time.Minute)
		if got := cert.Name(); got != name {
			t.Errorf("serves %s, want %s", got, name)
		}
	}
	later("old")
	pair(t, dir, "new")
	if got := cert.Name(); got != "old" {
		t.Errorf("the files are looked at on every handshake: %s", got)
	}
	later("new")
	if err := os.WriteFile(keyFile, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	later("new")
	if n := strings.Count(log.String(), "certificate not reloaded"); n != 1 {
		t.Errorf("%d warnings: %s", n, log.String())
	}
	pair(t, dir, "third")
	later("third")
}
