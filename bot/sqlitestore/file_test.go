package sqlitestore

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tsunagu/bot"
)

func job(id string, body string) bot.Job {
	return bot.Job{ID: "hokuto/j/" + id, City: "hokuto", Lane: id, Due: time.Unix(1, 0), Made: time.Unix(1, 0), Body: []byte(body)}
}

func TestOneProcessWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tsunagu.db")
	s := openTest(t, path)
	_, err := Open(path, []string{"hokuto"})
	if err == nil || !strings.Contains(err.Error(), path+".lock is locked") {
		t.Fatalf("second Open: %v, want an error that names the lock", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openTest(t, path)
}

func TestFileModes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "つなぐ #1 100%.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := openTest(t, path)
	if err := s.Put(t.Context(), job("a", "b")); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		n++
		info, err := d.Info()
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", d.Name(), info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n != 5 { // the database, its log, its index of the log, the lock, the copy
		t.Errorf("%d files, want 5", n)
	}
}

func TestOtherFiles(t *testing.T) {
	for name, c := range map[string]struct{ make, want string }{
		"newer":   {"CREATE TABLE jobs (id); PRAGMA user_version = 2", "newer tsunagu (schema 2, this one knows 1)"},
		"foreign": {"CREATE TABLE addresses (name)", "not one of tsunagu"},
		"text":    {"", "file is not a database"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.db")
			if c.make == "" {
				if err := os.WriteFile(path, bytes.Repeat([]byte("not SQLite\n"), 500), 0o600); err != nil {
					t.Fatal(err)
				}
			} else {
				db, err := sql.Open("sqlite", path)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := db.Exec(c.make); err != nil {
					t.Fatal(err)
				}
				db.Close()
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second finds the lock free again
				_, err := Open(path, []string{"hokuto"})
				if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), path) {
					t.Errorf("Open: %v, want %q and the path", err, c.want)
				}
			}
			if _, err := OpenRead(path); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("OpenRead: %v, want %q", err, c.want)
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
	if _, err := OpenRead(filepath.Join(t.TempDir(), "none.db")); err == nil {
		t.Error("OpenRead made a file")
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none", "x.db"), []string{"hokuto"}); err == nil {
		t.Error("Open without the folder: no error")
	}
	if _, err := Open(filepath.Join(t.TempDir(), "x.db"), nil); err == nil {
		t.Error("Open without cities: no error")
	}
}

func TestBackup(t *testing.T) {
	dir := t.TempDir()
	path, file := filepath.Join(dir, "tsunagu.db"), filepath.Join(dir, "copy.db")
	s := openTest(t, path)
	if err := s.Put(t.Context(), job("a", "words")); err != nil {
		t.Fatal(err)
	}
	r, err := OpenRead(path) // as another process would, while s is open
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if err := r.Backup(t.Context(), file); !errors.Is(err, fs.ErrExist) {
		t.Errorf("backup over a file: %v, want %v", err, fs.ErrExist)
	}
	copied := openTest(t, file)
	j, _, err := copied.Take(t.Context(), "t", time.Now(), time.Minute)
	if err != nil || j == nil || string(j.Body) != "words" {
		t.Errorf("the copy gives %v, %v", j, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	second := filepath.Join(dir, "second.db")
	if err := r.Backup(ctx, second); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled backup: %v", err)
	}
	if _, err := os.Stat(second); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a failed backup leaves a file (%v)", err)
	}
	if _, err := r.db.Exec("DELETE FROM jobs"); err == nil {
		t.Error("a reader may write")
	}
}

func TestVacuum(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tsunagu.db")
	s := openTest(t, path)
	ctx := t.Context()
	for i := range 50 {
		id := fmt.Sprint(i)
		if err := s.Put(ctx, job(id, strings.Repeat("deleted words ", 1000))); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Take(ctx, id, time.Now(), time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(ctx, id, bot.Change{Done: "hokuto/j/" + id}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Contains(files(t, path), []byte("deleted words")) {
		t.Fatal("the log does not hold the words: the test would see nothing")
	}
	if err := s.Vacuum(ctx); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(files(t, path), []byte("deleted words")) {
		t.Error("deleted words are still in the files")
	}
	if info, err := os.Stat(path + "-wal"); err != nil || info.Size() != 0 {
		t.Errorf("the log has %d bytes (%v), want 0", info.Size(), err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 200_000 {
		t.Errorf("the file has %d bytes (%v) with nothing in it", info.Size(), err)
	}
	if err := s.Ping(ctx); err != nil {
		t.Error(err)
	}
}

func TestOpeningVoidsLeases(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tsunagu.db")
	s := openTest(t, path)
	ctx, now := t.Context(), time.Unix(100, 0)
	first, second := job("a", ""), job("b", "")
	first.Lane, second.Lane = "l", "l"
	if err := s.Put(ctx, first, second); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Take(ctx, "old", now, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openTest(t, path)
	if err := s.Commit(ctx, "old", bot.Change{Done: first.ID}); !errors.Is(err, bot.ErrLeaseLost) {
		t.Errorf("commit with a void lease: %v", err)
	}
	j, _, err := s.Take(ctx, "new", now, time.Hour)
	if err != nil || j == nil || j.ID != first.ID || j.Tries != 0 {
		t.Errorf("after opening again: %v, %v, want %s", j, err, first.ID)
	}
}

func TestJoinBesideAServe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tsunagu.db")
	if _, err := Join(path, []string{"hokuto"}); err == nil {
		t.Error("Join made a file")
	}
	s := openTest(t, path)
	ctx, now := t.Context(), time.Unix(100, 0)
	if err := s.Put(ctx, job("a", "leased words")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Take(ctx, "serve", now, time.Hour); err != nil {
		t.Fatal(err)
	}
	beside, err := Join(path, []string{"hokuto"})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	// Both write at once, and each waits for the other.
	errs := make(chan error)
	for n, h := range []*Store{s, beside} {
		go func() {
			var all error
			for i := range 100 {
				all = errors.Join(all, h.Put(ctx, job(fmt.Sprint(n, "-", i), "")))
			}
			errs <- all
		}()
	}
	if err := errors.Join(<-errs, <-errs); err != nil {
		t.Error(err)
	}
	if n, _, err := s.Waiting(ctx, now); n != 201 || err != nil {
		t.Errorf("%d jobs (%v), want 201", n, err)
	}
	if err := s.Commit(ctx, "serve", bot.Change{Done: "hokuto/j/a"}); err != nil {
		t.Errorf("the serve's lease beside Join: %v", err)
	}
	if !bytes.Contains(files(t, path), []byte("leased words")) {
		t.Fatal("the log does not hold the words: the test would see nothing")
	}
	if err := beside.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(files(t, path), []byte("leased words")) {
		t.Error("deleted words are still in the files")
	}
	if err := beside.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Open(path, []string{"hokuto"}); !errors.Is(err, ErrLocked) {
		t.Errorf("after Join was closed the serve's lock is %v, want %v", err, ErrLocked)
	}
}

// TestKilled kills a process between two answers of Put: every job that was
// answered is there afterwards.
func TestKilled(t *testing.T) {
	if path := os.Getenv("SQLITESTORE_KILLED"); path != "" {
		s := openTest(t, path)
		for i := 0; ; i++ {
			if err := s.Put(t.Context(), job(fmt.Sprint(i), "")); err != nil {
				t.Fatal(err)
			}
			fmt.Printf("answered %d\n", i)
		}
	}
	path := filepath.Join(t.TempDir(), "tsunagu.db")
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), "SQLITESTORE_KILLED="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	answered := -1
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, err := fmt.Sscanf(lines.Text(), "answered %d", &answered); err != nil {
			t.Errorf("the process says %q", lines.Text())
			break
		}
		if answered == 50 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	child.Wait()
	if answered < 50 {
		t.Fatalf("only %d answers", answered)
	}
	s := openTest(t, path) // the lock went with the process
	n, _, err := s.Waiting(t.Context(), time.Now())
	if err != nil || n < answered+1 {
		t.Errorf("%d jobs after the kill (%v), want at least %d", n, err, answered+1)
	}
}

func TestInsideASynctestBubble(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tsunagu.db")
	synctest.Test(t, func(t *testing.T) {
		s := openTest(t, path)
		j := job("a", "")
		j.Made = time.Now()
		j.Due = j.Made.Add(time.Hour)
		if err := s.Put(t.Context(), j); err != nil {
			t.Fatal(err)
		}
		_, next, err := s.Take(t.Context(), "t", time.Now(), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(next)) // passes at once when nothing of the store is awake
		got, _, err := s.Take(t.Context(), "t", time.Now(), time.Minute)
		if err != nil || got == nil {
			t.Errorf("after an hour: %v, %v", got, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Load(ctx, "hokuto/v/1"); !errors.Is(err, bot.ErrNotFound) {
			t.Error(err)
		}
		synctest.Wait()
	})
}
