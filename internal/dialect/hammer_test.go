package dialect_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
)

// hammer sends one small request after another over keep-alive connections, as
// cheaply as it can: the client must not be what is measured.
func hammer(b *testing.B, addr string) {
	const request = "GET /one/list HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer good\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Error(err)
			return
		}
		defer c.Close()
		br := bufio.NewReader(c)
		for pb.Next() {
			if _, err := io.WriteString(c, request); err != nil {
				b.Error(err)
				return
			}
			resp, err := http.ReadResponse(br, nil)
			if err != nil || resp.StatusCode != http.StatusOK {
				b.Error(resp, err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
		}
	})
}
