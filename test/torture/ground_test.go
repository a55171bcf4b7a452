//go:build linux

package torture_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"propusk/internal/store"
)

// impossible says that the machine does not let us do something, and why: the
// log and the summary name it, and with VARIABLE=required it is a failure.
func impossible(t *testing.T, what, variable string, why error) {
	t.Helper()
	line := what + ": not possible here: " + why.Error()
	summary.add(line)
	if os.Getenv(variable) == "required" {
		t.Fatal(line)
	}
	t.Log(line)
}

// image is an ext4 file system in a file. What lies in the file is what a disk
// would hold: a copy of it is what a power cut leaves.
type image struct {
	file, folder string
}

func newImage(t *testing.T, root string) (*image, error) {
	t.Helper()
	i := &image{filepath.Join(root, "disk.img"), filepath.Join(root, "disk")}
	if err := os.Mkdir(i.folder, 0o700); err != nil {
		return nil, err
	}
	if err := os.WriteFile(i.file, nil, 0o600); err != nil {
		return nil, err
	}
	if err := os.Truncate(i.file, 256<<20); err != nil {
		return nil, err
	}
	if err := run("mkfs.ext4", "-q", "-F", i.file); err != nil {
		return nil, err
	}
	if err := i.mount(); err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = i.unmount() })
	return i, nil
}

// mount mounts the image; nothing is committed unless somebody asks for it.
func (i *image) mount() error { return run("mount", "-o", "loop,commit=600", i.file, i.folder) }

func (i *image) unmount() error { return run("umount", i.folder) }

// cut takes a copy of what the disk holds at this moment, ends the servers that
// write to it and puts the copy in the disk's place. c is nil with SQLite.
func (i *image) cut(p *process, c *cluster) error {
	p.signal(syscall.SIGSTOP)
	var others []int
	if c != nil {
		others = c.freeze()
	}
	copied := i.file + ".cut"
	err := run("cp", "--sparse=always", i.file, copied)
	p.kill()
	for _, pid := range others {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	if c != nil {
		<-c.ended
	}
	return errors.Join(err, i.release(), os.Rename(copied, i.file), i.mount())
}

// release unmounts, once the last of those that were killed has gone.
func (i *image) release() error {
	giveUp := time.Now().Add(10 * time.Second)
	for {
		err := i.unmount()
		if err == nil || time.Now().After(giveUp) {
			return err
		}
		pause(context.Background(), 20*time.Millisecond)
	}
}

// unsynced is a file that nobody synced: were it there after the cut, the copy
// would not show what a power cut leaves.
const unsynced = "unsynced"

func (i *image) forgets() error {
	data, err := os.ReadFile(filepath.Join(i.folder, unsynced))
	if errors.Is(err, fs.ErrNotExist) || (err == nil && bytes.Count(data, []byte{'x'}) == 0) {
		return nil
	}
	return errors.Join(errors.New("what was not synced is there after the cut: this is no power cut"), err)
}

// powerCuts is B79: all files lie on a disk whose power fails under load.
func powerCuts(t *testing.T, engine string, rounds int) {
	root := workFolder(t)
	disk, err := newImage(t, root)
	if err != nil {
		impossible(t, "power cut", "POWERCUT", err)
		return
	}
	var c *cluster
	dsn := ""
	if engine == store.Postgres {
		if err := os.Chmod(root, 0o711); err != nil { // PostgreSQL's own user passes through
			t.Fatal(err)
		}
		c = newCluster(t, disk.folder)
		dsn = c.dsn()
	}
	w := populate(deploy(t, root, filepath.Join(disk.folder, "data"), dsn))
	if err := run("sync", "-f", disk.folder); err != nil { // what is there before it begins
		t.Fatal(err)
	}
	for range rounds {
		w.powerCut(disk, c)
		w.verify(w.rounds == rounds)
		if t.Failed() {
			break
		}
	}
	w.d.server.kill()
	w.report(t.Name())
}

// powerCut is one round.
func (w *world) powerCut(disk *image, c *cluster) {
	w.d.tb.Helper()
	loose := filepath.Join(disk.folder, unsynced)
	var err error
	w.load(w.between(20*time.Millisecond, 700*time.Millisecond), func() {
		err = os.WriteFile(loose, bytes.Repeat([]byte{'x'}, 64<<10), 0o600)
		err = errors.Join(err, disk.cut(w.d.server, c))
	})
	if err = errors.Join(err, disk.forgets()); err != nil {
		w.d.tb.Fatal(err)
	}
	_ = os.Remove(loose)
	if w.rounds%soundEvery == 0 {
		w.d.sound()
	}
	if c != nil {
		c.start()
	}
	w.start()
}

func TestPowerCut(t *testing.T) {
	t.Parallel()
	powerCuts(t, store.SQLite, 2)
}

// tornIssues is how many issues precede the end of a log that is cut.
const tornIssues = 30

// tornLogs cuts the end off the log that a kill has left, at lengths that tear
// pages and frames: the database is sound, and at most the last commit is gone.
func tornLogs(t *testing.T, cuts []int64) {
	root := workFolder(t)
	d := deploy(t, root, filepath.Join(root, "data"), "")
	w := populate(d)
	one := w.drivers[0]
	for range tornIssues {
		one.issue(one.holders[0])
	}
	d.server.kill()
	whole := filepath.Join(root, "whole")
	if err := copyFolder(whole, d.data); err != nil {
		t.Fatal(err)
	}
	for _, cut := range cuts {
		if err := errors.Join(os.RemoveAll(d.data), copyFolder(d.data, whole), tear(d.data, cut)); err != nil {
			t.Fatal(err)
		}
		d.sound()
		w.start()
		w.rounds++
		families := one.holders[0].families
		for i, f := range families[:tornIssues-1] {
			if !one.works(f.newest().text) {
				one.wrong("I1: issue %d of %d is lost after %d bytes were cut off", i+1, tornIssues, cut)
			}
		}
		if got := one.must(one.holders[0].login()); got.status != http.StatusOK {
			one.wrong("I1: no token after %d bytes were cut off: %d %s", cut, got.status, got.body)
		}
		d.server.kill()
	}
	w.report(t.Name())
}

// tear cuts n bytes off the log, which must not have been written over: then
// its end is the newest commit.
func tear(data string, n int64) error {
	path := filepath.Join(data, "propusk.db-wal")
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() > 4<<20 {
		return errors.New("the log has been written over: do less before")
	}
	return os.Truncate(path, info.Size()-n)
}

// copyFolder copies the files of a data folder, private as they are.
func copyFolder(to, from string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Type().IsRegular() { // a socket is not
			if err := copyFile(filepath.Join(to, e.Name()), filepath.Join(from, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func TestTornLog(t *testing.T) {
	t.Parallel()
	tornLogs(t, []int64{512, 4095})
}

// fullDisks fills the disk under load and frees it again, without a restart:
// nothing that was acknowledged is lost, and everything works afterwards.
func fullDisks(t *testing.T, rounds int) {
	root := workFolder(t)
	disk := filepath.Join(root, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := run("mount", "-t", "tmpfs", "-o", "size=24m", "none", disk); err != nil {
		impossible(t, "disk full", "DISKFULL", err)
		return
	}
	t.Cleanup(func() { _ = run("umount", disk) })
	d := deploy(t, root, filepath.Join(disk, "data"), "")
	w := populate(d)
	for range rounds {
		filled := filepath.Join(disk, "filled")
		before := d.server.log.size()
		w.load(w.between(0, 200*time.Millisecond), func() {
			fill(t, filled)
			w.fullFor(before)
		})
		if err := os.Remove(filled); err != nil {
			t.Fatal(err)
		}
		w.recover()
		w.verify(false)
		d.server.kill()
		d.sound()
		w.start()
		w.verify(w.rounds == rounds)
		if t.Failed() {
			break
		}
	}
	d.server.kill()
	w.report(t.Name())
}

// fill takes all the room there is.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	for size := 1 << 20; size >= 1; {
		if n, err := f.Write(make([]byte, size)); err != nil {
			if !errors.Is(err, syscall.ENOSPC) {
				t.Error(err)
				return
			}
			if n == 0 {
				size /= 2
			}
		}
	}
}

// fullFor lets the drivers go on until the disk has failed the server, and a
// little longer.
func (w *world) fullFor(before int) {
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	for w.d.server.log.after(before, "storage failed") == 0 && ctx.Err() == nil {
		pause(ctx, 10*time.Millisecond)
	}
	if ctx.Err() != nil {
		w.d.tb.Error("the disk is full and nothing fails")
	}
	pause(ctx, 300*time.Millisecond)
}

// recover waits until the server works again by itself.
func (w *world) recover() {
	w.d.tb.Helper()
	gate := w.drivers[0]
	giveUp := time.Now().Add(20 * time.Second)
	for gate.do(gate.holders[0].login()).vague() {
		if time.Now().After(giveUp) {
			w.d.tb.Fatalf("the server does not work again after the disk was full:\n%s", w.d.server.log)
		}
		pause(context.Background(), 20*time.Millisecond)
	}
	pause(context.Background(), 1500*time.Millisecond) // the feed is followed
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	fullDisks(t, 1)
}
