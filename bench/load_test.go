package bench_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// client is one keep-alive connection that sends prepared bytes and reads
// answers with a Content-Length. It does next to nothing beside the system
// calls, so that the server has the cores.
type client struct {
	conn   net.Conn
	reader *bufio.Reader
	body   []byte
}

func dial(tb testing.TB, addr string) *client {
	tb.Helper()
	conn, err := net.Dial("tcp", addr)
	must(tb, err)
	tb.Cleanup(func() { conn.Close() })
	return &client{conn: conn, reader: bufio.NewReaderSize(conn, 8<<10)}
}

// do sends one request and gives the body of its answer, which is good until
// the next call. Any status but 200 is an error.
func (c *client) do(request []byte) ([]byte, error) {
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	status, err := c.reader.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	good := bytes.Contains(status, []byte(" 200 "))
	length, err := c.head()
	if err != nil {
		return nil, err
	}
	c.body = slices.Grow(c.body[:0], length)[:length]
	if _, err := io.ReadFull(c.reader, c.body); err != nil {
		return nil, err
	}
	if !good {
		return nil, fmt.Errorf("refused: %s", c.body)
	}
	return c.body, nil
}

var lengthField = []byte("Content-Length: ")

// head reads the fields and gives the length of the body.
func (c *client) head() (int, error) {
	length := 0
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) == 2 {
			return length, nil
		}
		if rest, ok := bytes.CutPrefix(line, lengthField); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(rest))); err != nil {
				return 0, err
			}
		}
	}
}

// act is one request of one worker; it is called in a loop.
type act func() error

// window is what one round of load gave.
type window struct {
	rate     float64 // acts a second
	cpu      float64 // processor time of this whole process per act, µs
	p50, p99 time.Duration
}

// load runs the acts beside each other, each in a closed loop, for about d.
func load(tb testing.TB, d time.Duration, acts []act) window {
	tb.Helper()
	took := make([][]time.Duration, len(acts))
	errs := make([]error, len(acts))
	var wg sync.WaitGroup
	used, began := processorTime(), time.Now()
	for i, do := range acts {
		wg.Go(func() { took[i], errs[i] = loop(do, began.Add(d)) })
	}
	wg.Wait()
	elapsed, cpu := time.Since(began), processorTime()-used
	for _, err := range errs {
		must(tb, err)
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	n := len(all)
	return window{
		rate: float64(n) / elapsed.Seconds(), cpu: float64(cpu.Microseconds()) / float64(n),
		p50: all[n/2], p99: all[n*99/100],
	}
}

func loop(do act, until time.Time) (took []time.Duration, err error) {
	for began := time.Now(); ; {
		if err := do(); err != nil {
			return took, err
		}
		now := time.Now()
		took = append(took, now.Sub(began))
		if now.After(until) {
			return took, nil
		}
		began = now
	}
}
