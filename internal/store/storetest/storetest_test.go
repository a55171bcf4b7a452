//go:build unix

package storetest_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"propusk/internal/store"
	"propusk/internal/store/storetest"
)

const childMark = "PROPUSK_STORETEST_CHILD"

// TestServerEndsWithProcess: the server and its folder go when the process that
// started it is killed.
func TestServerEndsWithProcess(t *testing.T) {
	if os.Getenv(childMark) != "" {
		fmt.Println(storetest.Server(t).Folder())
		select {}
	}
	t.Setenv("PROPUSK_TEST_POSTGRES", "")
	child := exec.Command(os.Args[0], "-test.run=^TestServerEndsWithProcess$")
	child.Env = append(os.Environ(), childMark+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Dir(line[:len(line)-1])
	if _, err := os.Stat(root); err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for {
		if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s is still there", root)
		}
	}
}

func TestDatabasesAreApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		other := storetest.Open(t, db.Driver())
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`CREATE TABLE mine (id BIGINT)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = other.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO mine (id) VALUES (1)`)
			return err
		})
		if err == nil {
			t.Error("one test sees the tables of another")
		}
	})
}
