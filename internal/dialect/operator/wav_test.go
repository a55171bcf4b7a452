package operator_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"propusk/internal/calls"
	"propusk/internal/server"
	"propusk/internal/testenv"
)

// wav is ten seconds of a telephone's silence.
func wav() []byte {
	data := make([]byte, 10*8000*2)
	head := struct {
		RIFF                     [4]byte
		Rest                     uint32
		Kind                     [8]byte
		Size                     uint32
		Coding, Channels         uint16
		Rate, BytesPerSecond     uint32
		BytesPerSample, BitsEach uint16
		Data                     [4]byte
		Length                   uint32
	}{
		[4]byte{'R', 'I', 'F', 'F'},
		uint32(36 + len(data)),
		[8]byte{'W', 'A', 'V', 'E', 'f', 'm', 't', ' '},
		16, 1, 1, 8000, 16000, 2, 16,
		[4]byte{'d', 'a', 't', 'a'},
		uint32(len(data)),
	}
	var b bytes.Buffer
	_ = binary.Write(&b, binary.LittleEndian, head)
	b.Write(data)
	return b.Bytes()
}

// recorded adds a call with a sound and gives the id of its recording.
func (d desk) recorded(t *testing.T, sound []byte) string {
	t.Helper()
	call := draft(0)
	call.Begun = time.Date(2024, 5, 20, 9, 59, 0, 0, time.UTC)
	call.Answered = call.Begun
	call.Files = []calls.File{{Media: calls.WAV, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(sound)), nil
	}}}
	d.add(t, call)
	got, _ := d.history(t, `,"numbers":["79990000001"],"isCallRecord":1`)
	return *got.Result.Rowset[0].RecordFileID
}

// A recording that is kept as wav is given as mp3, the same one each time, by
// its id and by the hash of a former answer.
func TestWavIsGivenAsMP3(t *testing.T) {
	d := newDesk(t, newWorld(t), 0) // with the lame that is installed: make deps
	path := filePath + d.recorded(t, wav())
	answers := make([]string, 4)
	var asking sync.WaitGroup
	for i := range answers {
		asking.Go(func() { answers[i] = d.get(t, path).Body })
	}
	asking.Wait()
	var first string
	for _, body := range answers {
		var a answer
		if err := json.Unmarshal([]byte(body), &a); err != nil {
			t.Fatal(err, body)
		}
		mp3, err := base64.StdEncoding.DecodeString(a.Result.FileContent)
		if err != nil || len(mp3) < 20_000 || mp3[0] != 0xff || mp3[1]&0xe0 != 0xe0 || !strings.HasSuffix(a.Result.FileName, ".mp3") {
			t.Fatal(len(mp3), err, a.Result.FileName)
		}
		if first == "" {
			first = a.Result.FileContent
		}
		if a.Result.FileContent != first {
			t.Error("two askers were given two sounds")
		}
		if again := d.get(t, resultPath+testenv.Escape(a.Result.RequestHash)); again.Body != body {
			t.Error("the answer by its hash differs")
		}
	}
}

func TestWavIsRefusedClearly(t *testing.T) {
	off := func(c *server.Config) { c.Recordings.LAME = "off" }
	clock := testenv.NewClock(time.Date(2024, 5, 20, 10, 0, 0, 0, time.UTC))
	without := newDesk(t, &world{testenv.Start(t, testenv.Options{Clock: clock, Tasks: 1, Change: off}), clock}, 0)
	a := without.get(t, filePath+without.recorded(t, wav()))
	if a.Status != http.StatusNotAcceptable || !strings.Contains(a.Body, "wav") {
		t.Error("switched off:", a.Status, a.Body)
	}
	with := newDesk(t, newWorld(t), 0)
	a = with.get(t, filePath+with.recorded(t, []byte("RIFF")))
	if a.Status != http.StatusNotAcceptable || !strings.Contains(a.Body, "wav") {
		t.Error("no sound:", a.Status, a.Body)
	}
}
