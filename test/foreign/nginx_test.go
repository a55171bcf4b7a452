//go:build unix

package foreign_test

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
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// proxy is nginx, configured as deploy/nginx.conf says, for the stands given.
type proxy struct {
	address string
	ca      string // file of the certificate
	pool    *x509.CertPool
}

// The names in deploy/nginx.conf.
const (
	productionName = "api.example.com"
	testName       = "api-test.example.com"
)

// runNginx starts nginx. Of deploy/nginx.conf only addresses and the paths of
// certificates are replaced.
func runNginx(t *testing.T, production, test string) proxy {
	t.Helper()
	nginx := needNginx(t)
	folder := t.TempDir()
	p := proxy{ca: filepath.Join(folder, "cert.pem")}
	p.pool = certificate(t, folder)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.address = listener.Addr().String()
	socket, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	site := replaced(t, filepath.Join(root, "deploy/nginx.conf"), map[string]string{
		"listen 443 ssl": "listen " + p.address + " ssl",
		"127.0.0.1:8080": strings.TrimPrefix(production, "http://"),
		"127.0.0.1:8081": strings.TrimPrefix(test, "http://"),
		"/etc/nginx/tls/" + productionName + ".pem": p.ca,
		"/etc/nginx/tls/" + testName + ".pem":       p.ca,
		"/etc/nginx/tls/" + productionName + ".key": filepath.Join(folder, "key.pem"),
		"/etc/nginx/tls/" + testName + ".key":       filepath.Join(folder, "key.pem"),
	})
	write(t, filepath.Join(folder, "propusk.conf"), site)
	write(t, filepath.Join(folder, "nginx.conf"), surroundings)
	cmd := exec.Command(nginx, "-p", folder, "-c", "nginx.conf", "-e", "stderr")
	// The socket is listening already: no port is looked for, none can be lost.
	cmd.ExtraFiles = []*os.File{socket}
	cmd.Env = append(cmd.Environ(), "NGINX=3;")
	start(t, cmd)
	if err := socket.Close(); err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	return p
}

// surroundings is what a distribution's nginx.conf has around a site. Under
// another user than root the first line means nothing.
const surroundings = `user root;
daemon off;
pid nginx.pid;
worker_processes 1;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    scgi_temp_path scgi;
    uwsgi_temp_path uwsgi;
    include propusk.conf;
}
`

// needNginx finds nginx, which is in no user's PATH.
func needNginx(t *testing.T) string {
	t.Helper()
	if _, err := os.Stat("/usr/sbin/nginx"); err == nil {
		return "/usr/sbin/nginx"
	}
	return need(t, "nginx", "nginx")
}

// replaced gives the text of file with every key replaced by its value. A key
// that is not there is a failure: the file has changed.
func replaced(t *testing.T, file string, pairs map[string]string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for old, with := range pairs {
		if !bytes.Contains(text, []byte(old)) {
			t.Fatalf("%s: %q is not there", file, old)
		}
		text = bytes.ReplaceAll(text, []byte(old), []byte(with))
	}
	return string(text)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// certificate puts cert.pem and key.pem into folder and gives a pool that
// trusts them.
func certificate(t *testing.T, folder string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: productionName},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{productionName, testName}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		BasicConstraintsValid: true, IsCA: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	write(t, filepath.Join(folder, "cert.pem"), string(public))
	write(t, filepath.Join(folder, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	return pool
}

// door is the proxy as the documentation's clients see it.
func (p proxy) door() door {
	return door{
		url: "https://" + p.address, ca: p.ca,
		environment: []string{"CURL_CA_BUNDLE=" + p.ca, "REQUESTS_CA_BUNDLE=" + p.ca},
	}
}

// client calls the proxy by the names in deploy/nginx.conf, from an address.
func (p proxy) client(from string) *http.Client {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	return &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: p.pool},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", p.address)
		},
	}}
}

// do sends a request and gives status and body.
func do(t *testing.T, c *http.Client, req *http.Request) (int, string) {
	t.Helper()
	answer, err := c.Do(req.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// post makes a request for an access token.
func post(t *testing.T, host, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "https://"+host+"/fsm/AUTHZ/AccessTokens", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return req
}

// The documentation's clients work through nginx as they do without it.
func TestNginx(t *testing.T) {
	t.Parallel()
	f := runDemo(t)
	p := runNginx(t, f.BaseURL, f.TestBaseURL)
	a := f.Accounts[0].HubEx
	d := p.door()
	d.token, d.total = a.ServiceToken, a.TasksTotal
	d.clients(t)

	t.Run("stands by name", func(t *testing.T) {
		c := p.client("127.0.0.1")
		for _, stand := range []struct {
			host, token string
			status      int
		}{
			{productionName, a.ServiceToken, 200},
			{testName, a.ServiceToken, 401},
			{testName, f.Test.Accounts[0].HubEx.ServiceToken, 200},
			{productionName, f.Test.Accounts[0].HubEx.ServiceToken, 401},
		} {
			status, body := do(t, c, post(t, stand.host, fmt.Sprintf(`{"serviceToken":%q}`, stand.token)))
			if status != stand.status {
				t.Errorf("%s: %d, want %d: %s", stand.host, status, stand.status, body)
			}
		}
	})
	t.Run("large body", func(t *testing.T) { largeBody(t, p) })
}

// A body over the limit gets its 413 through nginx too, in the shape of the
// dialect: one that is announced and one that is only found to be too long.
func largeBody(t *testing.T, p proxy) {
	text := strconv.Quote(strings.Repeat("x", 2<<20))
	for _, c := range []struct {
		name   string
		http2  bool
		length int64
	}{
		{"HTTP/1.1, with its length", false, int64(len(text))},
		{"HTTP/1.1, in chunks", false, -1},
		{"HTTP/2, with its length", true, int64(len(text))},
		{"HTTP/2, in frames", true, -1},
	} {
		client := p.client("127.0.0.1")
		client.Transport.(*http.Transport).ForceAttemptHTTP2 = c.http2
		req := post(t, productionName, text)
		req.ContentLength = c.length
		status, body := do(t, client, req)
		client.CloseIdleConnections()
		if status != http.StatusRequestEntityTooLarge || !strings.Contains(body, `"RequestTooLarge"`) {
			t.Errorf("%s: %d %s, want 413 in the shape of hubex", c.name, status, body)
		}
	}
}
