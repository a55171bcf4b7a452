package element_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/demo"
	"propusk/internal/testenv"
)

// B1, rules 3 and 4: what the source document prints, played against the demo.
func TestSeed(t *testing.T) {
	e := testenv.Start(t, testenv.Options{Tasks: 1, Clock: testenv.NewClock(epoch)})
	a := e.Fixture.Accounts[0].Element
	e.Play(t, "testdata/seed.txtar", map[string]string{
		"basic": basic(a.Key), "visitor": basic(a.ApplicationUser), "application": a.Application,
		"wrong": basic(demo.Key{ClientID: a.ClientID, ClientSecret: a.ClientID}),
	})
	t.Run("raw", func(t *testing.T) { raw(t, e.Fixture.URL(authority.Production), a.Key) })
}

func basic(k demo.Key) string {
	return base64.StdEncoding.EncodeToString([]byte(k.ClientID + ":" + k.ClientSecret))
}

// raw sends the document's example byte by byte, its Host and Content-Length
// included.
func raw(t *testing.T, base string, key demo.Key) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	printed := "POST /console/sys/token HTTP/1.1\r\nHost: localhost:9090\r\nContent-Type: application/x-www-form-urlencoded\r\n" +
		"Authorization: Basic " + basic(key) + "\r\nContent-Length: 29\r\n\r\ngrant_type=client_credentials"
	if _, err := fmt.Fprint(conn, printed); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", answer, err)
	}
}
