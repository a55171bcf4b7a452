package operator_test

import (
	"bytes"
	"io"
	"net/http"
	"runtime"
	"testing"
	"time"

	"propusk/internal/calls"
)

// zeros gives n of them.
type zeros struct{ n int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.n == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.n)
	z.n -= n
	clear(p[:n])
	return int(n), nil
}

// A recording is sent in pieces: what it takes does not grow with its size.
func TestALargeRecordingTakesNoMemory(t *testing.T) {
	const size = 48<<20 + 1
	d := newDesk(t, newWorld(t), 0)
	call := draft(0)
	call.Begun = time.Date(2024, 5, 20, 9, 59, 0, 0, time.UTC)
	call.Answered = call.Begun
	call.Files = []calls.File{{Media: calls.MP3, Open: func() (io.ReadCloser, error) { return io.NopCloser(&zeros{size}), nil }}}
	d.add(t, call)
	found, _ := d.history(t, `,"numbers":["79990000001"],"isCallRecord":1`)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.Fixture.BaseURL+filePath+*found.Result.Rowset[0].RecordFileID, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+d.token)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var head bytes.Buffer
	n, err := io.Copy(&head, io.LimitReader(answer.Body, 1000))
	rest, again := io.Copy(io.Discard, answer.Body)
	runtime.ReadMemStats(&after)
	if err != nil || again != nil || n+rest != answer.ContentLength || n+rest < size*4/3 {
		t.Fatal(n+rest, answer.ContentLength, err, again)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
		t.Errorf("%d KiB were allocated for a recording of %d", grown>>10, size>>10)
	}
}
