package lame_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"propusk/internal/authority"
	"propusk/internal/calls/lame"
)

// wav is silence of a telephone.
func wav(seconds int) []byte {
	data := make([]byte, seconds*8000*2)
	var b bytes.Buffer
	b.WriteString("RIFF")
	head := []any{
		uint32(36 + len(data)), []byte("WAVEfmt "), uint32(16), uint16(1), uint16(1), uint32(8000), uint32(16000),
		uint16(2), uint16(16), []byte("data"), uint32(len(data)),
	}
	for _, v := range head {
		_ = binary.Write(&b, binary.LittleEndian, v)
	}
	b.Write(data)
	return b.Bytes()
}

// find gives the installed program: scripts/deps.sh sees that there is one.
func find(t *testing.T) *lame.Program {
	t.Helper()
	p, err := lame.Find("lame")
	if err != nil {
		t.Fatal(err, "(run: make deps)")
	}
	return p
}

func convert(ctx context.Context, p *lame.Program, sound []byte) ([]byte, error) {
	r, err := p.MP3(ctx, bytes.NewReader(sound), int64(len(sound)))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(r)
	return out, errors.Join(err, r.Close())
}

func TestWavBecomesMP3(t *testing.T) {
	p := find(t)
	first, err := convert(t.Context(), p, wav(20))
	if err != nil || len(first) < 50_000 || first[0] != 0xff || first[1]&0xe0 != 0xe0 { // ISO/IEC 11172-3: a frame's sync word
		t.Fatal(len(first), err)
	}
	again, err := convert(t.Context(), p, wav(20))
	if err != nil || !bytes.Equal(first, again) {
		t.Error("not the same bytes", err)
	}
}

func TestWhatIsNoWav(t *testing.T) {
	p := find(t)
	for name, sound := range map[string][]byte{
		"nothing": nil, "text": []byte("RIFF"), "junk": bytes.Repeat([]byte{1, 2, 3}, 1e5), "half a head": wav(1)[:30],
	} {
		if _, err := convert(t.Context(), p, sound); authority.CodeOf(err) != authority.NotAcceptable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoProgram(t *testing.T) {
	if _, err := lame.Find("no-such-program"); !errors.Is(err, exec.ErrNotFound) {
		t.Error(err)
	}
}

// script makes a program that is none.
func script(t *testing.T, text string) *lame.Program {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lame")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := lame.Find(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A program that gives without end, hangs, or does not read is ended.
func TestPrograms(t *testing.T) {
	if _, err := convert(t.Context(), script(t, "exec cat /dev/zero"), wav(1)); authority.CodeOf(err) != authority.NotAcceptable {
		t.Error("without end:", err)
	}
	hangs := lame.WithLimit(script(t, "exec sleep 600"), 50*time.Millisecond)
	for range 2 * lame.Slots(hangs) { // each gives its slot back
		if _, err := convert(t.Context(), hangs, wav(1)); authority.CodeOf(err) != authority.Unavailable {
			t.Error("hangs:", err)
		}
	}
	if _, err := convert(t.Context(), script(t, "exit 3"), wav(600)); authority.CodeOf(err) != authority.NotAcceptable {
		t.Error("fails:", err)
	}
	r, err := script(t, "exec sleep 600").MP3(t.Context(), strings.NewReader(""), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error("given up:", err)
	}
	if _, err := r.Read(make([]byte, 1)); err == nil {
		t.Error("read after its end")
	}
}

// Who asks while every slot is taken waits, and may give up.
func TestSlots(t *testing.T) {
	p := script(t, "exec sleep 600")
	for range lame.Slots(p) {
		r, err := p.MP3(t.Context(), strings.NewReader(""), 0)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.MP3(ctx, strings.NewReader(""), 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
